//! Databases in which leases were still columns of the rows are brought to the form in which they
//! are rows of their own, and nothing that was leased becomes free by it.

use crate::support::{key, open, put, row, world};
use contracts::store::{Claim, Store as StoreSeam};
use domain::{Span, Timestamp};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
use tradewind_store::Store;

const STATE: &str = include_str!("../../migrations/0001_state.sql");
const TELEMETRY: &str = include_str!("../../migrations/0002_telemetry.sql");

/// A database as the version before made it, with a row that is leased until 500 and a free one.
fn former(bytes: &str, long: &str) -> String {
    let columns = "kind, workspace, id, phase, due, body, revision, created, updated";
    let text = format!(
        "{STATE}{TELEMETRY}
         CREATE TABLE schema_version \
         (version {{long}} NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied {{long}} NOT NULL);
         INSERT INTO schema_version VALUES (1, 'state', 1), (2, 'telemetry', 1);
         INSERT INTO resource ({columns}, lease_owner, lease_until) VALUES \
         ('job', 'default', 'taken', 'queued', 1, '{{\"id\":\"taken\"}}', 1, 1, 1, 'me', 500), \
         ('job', 'default', 'free', 'queued', 1, '{{\"id\":\"free\"}}', 1, 1, 1, NULL, NULL);"
    );
    text.replace("{bytes}", bytes).replace("{long}", long)
}

fn claim(owner: &str, now: i64) -> Claim {
    Claim {
        kinds: vec!["job".to_owned()],
        ids: Vec::new(),
        owner: owner.to_owned(),
        now: Timestamp(now),
        lease: Span(1_000),
        limit: 10,
    }
}

async fn claimed(store: &dyn StoreSeam, owner: &str, now: i64) -> Vec<String> {
    let rows = store.claim(&claim(owner, now)).await.unwrap();
    rows.into_iter().map(|row| row.row.key.id).collect()
}

async fn leases_live_on(store: &dyn StoreSeam) {
    assert_eq!(claimed(store, "you", 10).await, ["free"]);
    // Its owner still holds the other, and can give it back.
    store
        .release(&key("taken"), "me", Some(Timestamp(20)))
        .await
        .unwrap();
    assert_eq!(claimed(store, "you", 20).await, ["taken"]);
    store.commit(put(30, [row("taken")])).await.unwrap();
    assert_eq!(claimed(store, "me", 30).await, ["taken"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_version_before_keeps_its_leases() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let text = format!(
        "PRAGMA application_id = {};{}",
        0x5457_4E44,
        former("TEXT", "INTEGER")
    );
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    leases_live_on(&*open(&path).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_version_before_keeps_its_leases() {
    let database = testing_postgres::Database::fresh().await;
    database
        .execute(&former("TEXT COLLATE \"C\"", "BIGINT"))
        .await;
    let store = Store::open(database.url(), &world()).await.unwrap();
    leases_live_on(&*store).await;
}

/// What a lease costs does not grow with its row: neither taking it nor giving it back writes the
/// row.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_of_a_large_row_is_small() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).await.unwrap();
    let mut large = row("large");
    large.body = serde_json::json!("x".repeat(1 << 20)).into();
    large.due = Some(Timestamp(1));
    store.commit(put(1, [large])).await.unwrap();
    let log = path.with_extension("db-wal");
    let written = || std::fs::metadata(&log).unwrap().len();
    let before = written();
    for round in 0..8 {
        assert_eq!(claimed(&*store, "me", 10 + round).await, ["large"]);
        let due = Some(Timestamp(1));
        store.release(&key("large"), "me", due).await.unwrap();
    }
    let grown = written().saturating_sub(before);
    assert!(grown < 1 << 20, "{grown} bytes were written for 8 leases");
}
