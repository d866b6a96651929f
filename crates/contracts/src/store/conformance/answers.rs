//! Answers are remembered so that a repeated request gets the same.

use super::{at, event, key, put, row, workspace};
use crate::store::{Commit, Idempotency, Store, StoreError};
use domain::{Timestamp, Workspace};
use futures::future::join_all;
use serde_json::json;

fn record(token: &str, answer: i64, expires: i64) -> Idempotency {
    Idempotency {
        workspace: Workspace::default(),
        token: token.to_owned(),
        fingerprint: format!("print of {answer}"),
        answer: json!({ "id": answer, "text": "\u{0}" }),
        expires: Timestamp(expires),
    }
}

fn remembering(now: i64, record: Idempotency) -> Commit {
    Commit {
        idempotency: Some(record),
        ..at(now)
    }
}

/// An answer comes back in its workspace only; its token cannot be used again, and of many
/// commits with one token one succeeds.
pub async fn answers_are_remembered(store: &dyn Store) {
    let own = Workspace::default();
    let now = Timestamp(10);
    let kept = record("töken '1'", 1, 100);
    store
        .commit(remembering(5, kept.clone()))
        .await
        .expect("commit");
    let found = store.recall(&own, &kept.token, now).await.expect("recall");
    assert_eq!(found, Some(kept.clone()));
    for (scope, token) in [
        (workspace("other"), &*kept.token),
        (own.clone(), "t"),
        (own, "a\0"),
    ] {
        assert_eq!(
            store.recall(&scope, token, now).await.expect("recall"),
            None
        );
    }
    let again = Commit {
        put: vec![row("x")],
        events: vec![event("x", "created")],
        ..remembering(20, record(&kept.token, 2, 200))
    };
    assert!(matches!(
        store.commit(again).await,
        Err(StoreError::Stale(_))
    ));
    assert_eq!(store.get(&key("x")).await.expect("get"), None);
    let elsewhere = Idempotency {
        workspace: workspace("other"),
        ..kept.clone()
    };
    store
        .commit(remembering(20, elsewhere))
        .await
        .expect("the token of another workspace");
    let rivals = (0..10_i64).map(|rival| {
        let commit = put(20, [row(&format!("rival-{rival}"))]);
        store.commit(Commit {
            idempotency: Some(record("contested", rival, 100)),
            ..commit
        })
    });
    let won: Vec<bool> = join_all(rivals).await.iter().map(Result::is_ok).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let rows = store.list(&super::jobs()).await.expect("list").rows;
    assert_eq!(rows.len(), 1, "only the winner's row was written");
    for bad in ["", "\0", &"x".repeat(1_025)] {
        let refused = store.commit(remembering(1, record(bad, 1, 100))).await;
        assert!(matches!(refused, Err(StoreError::Invalid(_))), "{bad:?}");
    }
}

/// From its expiry on an answer is forgotten and its token free.
pub async fn answers_expire(store: &dyn Store) {
    let own = Workspace::default();
    store
        .commit(remembering(1, record("t", 1, 100)))
        .await
        .expect("commit");
    let found = |now| store.recall(&own, "t", Timestamp(now));
    assert!(found(99).await.expect("recall").is_some());
    assert_eq!(found(100).await.expect("recall"), None);
    let early = store.commit(remembering(99, record("t", 2, 300))).await;
    assert!(matches!(early, Err(StoreError::Stale(_))));
    store
        .commit(remembering(100, record("t", 2, 300)))
        .await
        .expect("the token is free");
    assert_eq!(found(200).await.expect("recall"), Some(record("t", 2, 300)));
}
