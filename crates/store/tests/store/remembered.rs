//! Rows that are kept in memory are never older than the last commit that was answered.

use crate::support::{key, put, remembering, row};
use contracts::store::{Commit, Expect, Store as _};
use domain::{Span, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_what_was_answered_before_it_asked() {
    let (store, _folder) = remembering().await;
    store.commit(put(1, [row("a")])).await.unwrap();
    let answered = Arc::new(AtomicI64::new(1));
    let ended = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (store, answered, ended) = (store.clone(), answered.clone(), ended.clone());
            tokio::spawn(async move {
                let mut reads = 0_u64;
                while !ended.load(Ordering::Acquire) || reads == 0 {
                    let least = answered.load(Ordering::Acquire);
                    let found = store.get(&key("a")).await.unwrap().unwrap();
                    assert!(found.revision >= least, "{} < {least}", found.revision);
                    reads += 1;
                }
            })
        })
        .collect();
    for revision in 2..300 {
        let commit = Commit {
            expect: vec![Expect::Revision(key("a"), revision - 1)],
            ..put(revision, [row("a")])
        };
        store.commit(commit).await.unwrap();
        answered.store(revision, Ordering::Release);
    }
    ended.store(true, Ordering::Release);
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_change_a_row_is_seen() {
    let (store, _folder) = remembering().await;
    store.commit(put(1, [row("a"), row("b")])).await.unwrap();
    for id in ["a", "b"] {
        // Twice: the second answer is from memory.
        for _ in 0..2 {
            let found = store.get(&key(id)).await.unwrap().unwrap();
            assert_eq!(found.row, row(id));
        }
    }
    let claim = contracts::store::Claim {
        kinds: vec!["job".to_owned()],
        ids: vec![key("a")],
        owner: "me".to_owned(),
        now: Timestamp(10),
        lease: Span(1_000),
        limit: 1,
    };
    assert_eq!(store.claim(&claim).await.unwrap().len(), 1);
    let later = Some(Timestamp(77));
    store.release(&key("a"), "me", later).await.unwrap();
    assert_eq!(store.get(&key("a")).await.unwrap().unwrap().row.due, later);
    let mut changed = row("a");
    changed.phase = "ended".to_owned();
    store.commit(put(2, [changed.clone()])).await.unwrap();
    assert_eq!(store.get(&key("a")).await.unwrap().unwrap().row, changed);
    let gone = Commit {
        delete: vec![key("a")],
        ..put(3, [])
    };
    store.commit(gone).await.unwrap();
    assert_eq!(store.get(&key("a")).await.unwrap(), None);
    assert_eq!(
        store.get(&key("b")).await.unwrap().unwrap().row,
        row("b"),
        "its neighbour stays"
    );
    // A commit that does not hold changes nothing.
    let stale = Commit {
        expect: vec![Expect::Revision(key("b"), 9)],
        ..put(4, [row("b")])
    };
    assert!(store.commit(stale).await.is_err());
    assert_eq!(store.get(&key("b")).await.unwrap().unwrap().revision, 1);
}
