//! Full disks, killed processes, failing databases.

use crate::setting::{Setting, files, noise, stuck, world};
use crate::watched::Watched;
use contracts::objects::conformance::{body, collect};
use contracts::objects::{ObjectError, Objects as _, PutOptions};
use contracts::store::memory::Memory;
use domain::{Span, Workspace};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tradewind_objects::ObjectStore;

/// Set for the processes that tests start out of this same binary.
const CHILD: &str = "OBJECTS_TEST_FOLDER";

fn child(test: &str, folder: &Path) -> Command {
    let program = std::env::current_exe().unwrap();
    // A signal that is ignored stays so over `exec`; a file that grows too long is then an error.
    let line = "trap '' XFSZ; ulimit -f ${LIMIT:-unlimited}; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .arg(program)
        .args([test, "--exact", "--ignored", "--nocapture"]);
    command.env(CHILD, folder).stdout(Stdio::null());
    command
}

fn open(folder: &Path) -> (ObjectStore, Workspace) {
    let store = ObjectStore::open(folder, Arc::new(Memory::new()), world().0).unwrap();
    (store, Workspace::default())
}

async fn try_too_much(folder: &Path) {
    let (store, workspace) = open(folder);
    store.ensure_bucket(&workspace, "bucket").await.unwrap();
    let bytes = noise(4 << 20);
    let put = |key: &'static str, bytes: Vec<u8>| {
        let (store, workspace) = (store.clone(), workspace.clone());
        async move {
            store
                .put(
                    &workspace,
                    "bucket",
                    key,
                    body(&[&bytes]),
                    PutOptions::default(),
                )
                .await
        }
    };
    put("fits", noise(100_000)).await.unwrap();
    let full = put("large", bytes).await;
    assert!(matches!(full, Err(ObjectError::Full(_))), "{full:?}");
    let head = store.head(&workspace, "bucket", "large").await;
    assert!(matches!(head, Err(ObjectError::NoSuchObject { .. })));
    assert!(
        files(&folder.join("objects/tmp")).is_empty(),
        "nothing is left over"
    );
    // The store goes on.
    put("fits too", noise(100_000)).await.unwrap();
    let (_, bytes) = store.get(&workspace, "bucket", "fits", None).await.unwrap();
    assert_eq!(collect(bytes).await.unwrap(), noise(100_000));
}

#[tokio::test]
#[ignore = "run by `a_full_disk_is_told` in a process of its own"]
async fn full_disk_child() {
    try_too_much(Path::new(&std::env::var(CHILD).unwrap())).await;
}

#[test]
fn a_full_disk_is_told() {
    let folder = tempfile::tempdir().unwrap();
    // 2,048 blocks of 512 bytes.
    let status = child("faults::full_disk_child", folder.path())
        .env("LIMIT", "2048")
        .status()
        .unwrap();
    assert!(status.success());
}

/// The same on a real file system that is full, which only root can make.
#[tokio::test]
async fn a_full_file_system_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = nix::mount::mount(
        Some("tmpfs"),
        folder.path(),
        Some("tmpfs"),
        nix::mount::MsFlags::empty(),
        Some("size=2m"),
    );
    if mounted.is_err() {
        // Without the right to mount, `a_full_disk_is_told` covers the same code.
        return;
    }
    let tried = tokio::spawn({
        let path = folder.path().to_owned();
        async move { try_too_much(&path).await }
    });
    let tried = tried.await;
    nix::mount::umount2(folder.path(), nix::mount::MntFlags::MNT_DETACH).unwrap();
    tried.unwrap();
}

#[tokio::test]
#[ignore = "run by `a_killed_writer_leaves_only_garbage` in a process of its own"]
async fn killed_child() {
    let folder = std::env::var(CHILD).unwrap();
    let (store, workspace) = open(Path::new(&folder));
    store.ensure_bucket(&workspace, "bucket").await.unwrap();
    let body = stuck(noise(3 << 20));
    let _ = store
        .put(&workspace, "bucket", "key", body, PutOptions::default())
        .await;
}

#[tokio::test]
async fn a_killed_writer_leaves_only_garbage() {
    let setting = Setting::with("bucket").await;
    let mut process = child("faults::killed_child", setting.folder())
        .spawn()
        .unwrap();
    let temporary = setting.folder().join("objects/tmp");
    let deadline = Instant::now() + Duration::from_mins(1);
    let written = || {
        let sizes = files(&temporary)
            .into_iter()
            .map(|file| file.metadata().map_or(0, |m| m.len()));
        sizes.sum::<u64>()
    };
    while written() == 0 {
        assert!(Instant::now() < deadline, "the writer never wrote");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let (store, workspace) = (&setting.store, &setting.workspace);
    let head = store.head(workspace, "bucket", "key").await;
    assert!(matches!(head, Err(ObjectError::NoSuchObject { .. })));
    assert_eq!(
        store.sweep().await.unwrap().files,
        0,
        "a young file may still be written"
    );
    setting.wait(Span::hours(2));
    assert_eq!(store.sweep().await.unwrap().files, 1);
    assert!(files(&temporary).is_empty());
}

#[tokio::test]
async fn a_crash_between_file_and_row_never_makes_a_row_without_bytes() {
    for commits in [false, true] {
        let rows = Arc::new(Watched::new(commits));
        let setting = Setting::over(rows.clone());
        setting.bucket("bucket").await;
        setting.put("bucket", "key", &noise(10_000)).await;
        let bytes = noise(20_000);
        rows.fails.store(true, Ordering::SeqCst);
        let (store, workspace) = (&setting.store, &setting.workspace);
        let made = store
            .put(
                workspace,
                "bucket",
                "key",
                body(&[&bytes]),
                PutOptions::default(),
            )
            .await;
        assert!(made.is_err());
        rows.fails.store(false, Ordering::SeqCst);
        let expected = if commits { bytes } else { noise(10_000) };
        assert_eq!(setting.read("bucket", "key").await, expected);
        assert_eq!(setting.blobs().len(), 2);
        setting.wait(Span::hours(2));
        assert_eq!(setting.store.sweep().await.unwrap().files, 1);
        assert_eq!(setting.read("bucket", "key").await, expected);
    }
}

#[tokio::test]
async fn a_writer_that_goes_away_leaves_nothing() {
    let setting = Setting::with("bucket").await;
    let (store, workspace) = (setting.store.clone(), setting.workspace.clone());
    let write = tokio::spawn(async move {
        let body = stuck(noise(3 << 20));
        store
            .put(&workspace, "bucket", "key", body, PutOptions::default())
            .await
    });
    let temporary = setting.folder().join("objects/tmp");
    let deadline = Instant::now() + Duration::from_mins(1);
    let is_waiting = |count: usize| files(&temporary).len() == count;
    for count in [1, 0] {
        while !is_waiting(count) {
            assert!(Instant::now() < deadline, "never {count} temporary files");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        write.abort();
    }
}

#[tokio::test]
async fn a_data_directory_that_is_a_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    std::fs::write(&path, "x").unwrap();
    let opened = ObjectStore::open(&path, Arc::new(Memory::new()), world().0);
    assert!(opened.is_err());
}
