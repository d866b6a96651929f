//! A disk without room and one that may not be written: in a small file system of the test's own,
//! which a child process mounts where only it can see it.

use crate::support::{key, open, put, row};
use contracts::store::{Store as _, StoreError};
use std::path::PathBuf;
use std::process::Command;

const FOLDER: &str = "TRADEWIND_TEST_FOLDER";

/// Runs one of the ignored tests below with a file system of 3 MB at `FOLDER`.
fn in_small_file_system(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mount = r#"mount -t tmpfs -o size=3m tmpfs "$TRADEWIND_TEST_FOLDER" && exec "$@""#;
    let output = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            mount,
            "sh",
        ])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{errors}"
    );
}

fn folder() -> PathBuf {
    std::env::var_os(FOLDER).unwrap().into()
}

#[test]
fn a_full_disk_refuses_commits_and_loses_nothing() {
    in_small_file_system("disk::child_on_a_full_disk");
}

#[test]
fn a_disk_that_may_not_be_written_is_refused() {
    in_small_file_system("disk::child_on_a_disk_that_may_not_be_written");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `a_full_disk_refuses_commits_and_loses_nothing`"]
async fn child_on_a_full_disk() {
    let ballast = folder().join("ballast");
    std::fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let path = folder().join("state.db");
    let store = open(&path).await.unwrap();
    let wide = |index: usize| {
        let mut new = row(&index.to_string());
        new.body = serde_json::json!("x".repeat(20_000)).into();
        new
    };
    let mut kept = 0;
    let refused = loop {
        match store.commit(put(1, [wide(kept)])).await {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 1_000, "3 MB cannot hold this much");
    };
    assert!(
        matches!(&refused, StoreError::Full(text)
        if text.contains("is full") && text.contains("make room")),
        "{refused:?}"
    );
    assert!(
        store.get(&key(&kept.to_string())).await.unwrap().is_none(),
        "nothing of it"
    );
    std::fs::remove_file(&ballast).unwrap();
    store.commit(put(1, [wide(kept)])).await.unwrap();
    drop(store);
    let again = open(&path).await.unwrap();
    for index in 0..=kept {
        assert!(
            again.get(&key(&index.to_string())).await.unwrap().is_some(),
            "{index}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by `a_disk_that_may_not_be_written_is_refused`"]
async fn child_on_a_disk_that_may_not_be_written() {
    let path = folder().join("state.db");
    open(&path)
        .await
        .unwrap()
        .commit(put(1, [row("a")]))
        .await
        .unwrap();
    crate::support::eventually(|| !folder().join("state.db-wal").exists()).await;
    let done = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(folder())
        .status()
        .unwrap();
    assert!(done.success());
    for path in [path, folder().join("new.db")] {
        let refused = open(&path).await.unwrap_err();
        assert!(
            matches!(&refused, StoreError::Full(text) if text.contains("folder")),
            "{refused:?}"
        );
    }
}
