//! Old events are forgotten, and nothing else.

use crate::support::{key, postgres, put, row, sqlite};
use contracts::store::{NewEvent, Store as _};
use domain::Timestamp;
use domain::audit::Actor;
use tradewind_store::Store;

async fn commit(store: &Store, at: i64, count: usize) {
    let mut commit = put(at, [row("a")]);
    for _ in 0..count {
        commit.events.push(NewEvent {
            key: key("a"),
            action: "changed".to_owned(),
            actor: Actor::System,
            detail: serde_json::json!({}),
        });
    }
    store.commit(commit).await.unwrap();
}

async fn check(store: &Store) {
    // More than one portion is old.
    for _ in 0..5 {
        commit(store, 10, 1_000).await;
    }
    commit(store, 20, 3).await;
    assert_eq!(store.forget_events(Timestamp(10)).await.unwrap(), 0);
    assert_eq!(store.forget_events(Timestamp(20)).await.unwrap(), 5_000);
    let left = store.changes(0, 100).await.unwrap();
    let numbers: Vec<i64> = left.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, [5_001, 5_002, 5_003]);
    assert_eq!(store.forget_events(Timestamp(100)).await.unwrap(), 3);
    commit(store, 30, 1).await;
    let next = store.changes(0, 100).await.unwrap();
    assert_eq!(next[0].sequence, 5_004, "no number is given twice");
    assert!(store.get(&key("a")).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn old_events_go_from_sqlite() {
    let (store, _folder) = sqlite().await;
    check(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_events_go_from_postgres() {
    let (store, _database) = postgres().await;
    check(&store).await;
}
