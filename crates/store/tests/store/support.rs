//! Stores to test with.

use contracts::store::{Commit, Key, NewRow};
use contracts::world::{Clock, Entropy, World};
use domain::{Timestamp, Workspace};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tradewind_store::Store;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp(1_000)
    }
}

impl Entropy for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

pub(crate) fn world() -> World {
    World {
        clock: Arc::new(Fixed),
        entropy: Arc::new(Fixed),
    }
}

pub(crate) async fn open(path: &Path) -> Result<Arc<Store>, tradewind_store::Error> {
    Store::open_file(path, &world()).await
}

/// A store on a file of its own, and the folder that must live as long.
pub(crate) async fn sqlite() -> (Arc<Store>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("state.db")).await.unwrap();
    (store, folder)
}

/// The same, which keeps rows that were read.
pub(crate) async fn remembering() -> (Arc<Store>, tempfile::TempDir) {
    let (store, folder) = sqlite().await;
    store.remember_rows();
    (store, folder)
}

/// A store on a PostgreSQL database of its own.
pub(crate) async fn postgres() -> (Arc<Store>, testing_postgres::Database) {
    let database = testing_postgres::Database::fresh().await;
    let store = Store::open(database.url(), &world()).await.unwrap();
    (store, database)
}

pub(crate) fn key(id: &str) -> Key {
    Key::new("job", &Workspace::default(), id)
}

pub(crate) fn row(id: &str) -> NewRow {
    NewRow {
        key: key(id),
        parent: None,
        phase: "queued".to_owned(),
        labels: [("team".to_owned(), "red".to_owned())].into(),
        due: Some(Timestamp(1)),
        body: serde_json::json!({ "id": id }).into(),
    }
}

pub(crate) fn put(now: i64, rows: impl IntoIterator<Item = NewRow>) -> Commit {
    Commit {
        now: Timestamp(now),
        put: rows.into_iter().collect(),
        ..Commit::default()
    }
}

/// Waits until something is so; fails after a while.
pub(crate) async fn eventually(so: impl Fn() -> bool) {
    let wait = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .unwrap();
}
