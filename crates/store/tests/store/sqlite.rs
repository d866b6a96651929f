//! What a file can suffer: each a clear paragraph, and nothing changed that was not ours.

use crate::support::{key, open, put, row};
use contracts::store::{Claim, Store as _, StoreError};
use domain::{Span, Timestamp};
use sqlx::{Connection as _, SqliteConnection};
use std::path::Path;

/// Runs SQL on the file behind the store's back.
async fn tamper(path: &Path, statements: &'static str) {
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql(statements)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

async fn filled(path: &Path) {
    let store = open(path).await.unwrap();
    for index in 0..300 {
        let mut new = row(&format!("row-{index:03}"));
        new.body = serde_json::json!("x".repeat(2_000)).into();
        store.commit(put(1, [new])).await.unwrap();
    }
    drop(store);
    // The writer's task closes the file after the last handle is gone; the log is folded in then.
    let log = path.with_extension("db-wal");
    crate::support::eventually(|| !log.exists()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_again_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ä b?c#d%20e.db");
    let claim = Claim {
        kinds: vec!["job".to_owned()],
        ids: vec![],
        owner: "me".to_owned(),
        now: Timestamp(10),
        lease: Span(1_000),
        limit: 1,
    };
    let first = open(&path).await.unwrap();
    first.commit(put(1, [row("a"), row("b")])).await.unwrap();
    assert_eq!(first.claim(&claim).await.unwrap()[0].row.key, key("a"));
    drop(first);
    let second = open(&path).await.unwrap();
    assert!(path.exists(), "the file has exactly that name");
    assert_eq!(second.get(&key("a")).await.unwrap().unwrap().row, row("a"));
    assert_eq!(
        second.claim(&claim).await.unwrap()[0].row.key,
        key("b"),
        "the lease lives on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_on_one_file_see_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let (one, two) = tokio::join!(open(&path), open(&path));
    let (one, two) = (one.unwrap(), two.unwrap());
    for index in 0..20 {
        let mut commit = put(1, [row(&index.to_string())]);
        commit.events.push(contracts::store::NewEvent {
            key: key(&index.to_string()),
            action: "created".to_owned(),
            actor: domain::audit::Actor::System,
            detail: serde_json::json!({}),
        });
        let (writer, reader) = if index % 2 == 0 {
            (&one, &two)
        } else {
            (&two, &one)
        };
        let sequence = writer.commit(commit).await.unwrap();
        assert_eq!(sequence, index + 1);
        assert!(
            reader
                .get(&key(&index.to_string()))
                .await
                .unwrap()
                .is_some()
        );
    }
    tokio::time::timeout(std::time::Duration::from_secs(20), one.changed_since(19))
        .await
        .unwrap();
    assert_eq!(one.changes(0, 100).await.unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    filled(&path).await;
    tamper(
        &path,
        "INSERT INTO schema_version VALUES (99, 'from the future', 5)",
    )
    .await;
    let before = std::fs::read(&path).unwrap();
    let refused = open(&path).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Incompatible(text)
        if text.contains("newer version") && text.contains("99") && text.contains("state.db")));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    tamper(&path, "DELETE FROM schema_version WHERE version = 99").await;
    open(&path).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_programs_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("contacts.db");
    tamper(
        &path,
        "CREATE TABLE resource (name TEXT); INSERT INTO resource VALUES ('Ada')",
    )
    .await;
    let refused = open(&path).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Incompatible(text) if text.contains("another program")));
    tamper(&path, "INSERT INTO resource VALUES ('Grace')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.db");
    filled(&good).await;
    let bytes = std::fs::read(&good).unwrap();
    assert!(bytes.len() > 300 * 2_000);
    let mut holes = bytes.clone();
    holes[4_096..200_000].fill(0xA5);
    let mut header = bytes.clone();
    header[..16].copy_from_slice(b"not a database!!");
    let cases = [
        ("holes", holes),
        ("header", header),
        ("truncated", bytes[..bytes.len() / 2].to_vec()),
        (
            "text",
            b"kind: job\nname: this is a workload file, not a database\n".repeat(40),
        ),
    ];
    for (name, contents) in cases {
        let path = folder.path().join(format!("{name}.db"));
        std::fs::write(&path, &contents).unwrap();
        let refused = open(&path).await.unwrap_err();
        let StoreError::Incompatible(text) = &refused else {
            panic!("{name}: {refused:?}");
        };
        assert!(
            text.contains("damaged") && text.contains("backup"),
            "{name}: {text}"
        );
    }
    open(&good).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_is_a_new_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.db");
    std::fs::write(&path, b"").unwrap();
    let store = open(&path).await.unwrap();
    store.commit(put(1, [row("a")])).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn places_that_cannot_hold_a_database_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "x").unwrap();
    for (path, word) in [
        (folder.path().join("missing/state.db"), "create it"),
        (
            folder.path().join("file/state.db"),
            "does not lie in a folder",
        ),
        (folder.path().to_owned(), "is a folder"),
        ("/".into(), "names no file"),
    ] {
        let refused = open(&path).await.unwrap_err();
        assert!(
            matches!(&refused, StoreError::Invalid(text) if text.contains(word)),
            "{refused}"
        );
    }
}
