//! One sequence of events, in the order of commits.

use super::{at, event, key, put, row, workspace};
use crate::store::{Commit, Key, NewEvent, Store};
use domain::Timestamp;
use domain::audit::{Actor, Event};
use futures::future::join_all;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn having(events: Vec<NewEvent>) -> Commit {
    Commit { events, ..at(7) }
}

/// Events come back with all that was written, numbered upwards, after a number, at most so many.
pub async fn events_come_back_in_order(store: &dyn Store) {
    let start = store.commit(at(1)).await.expect("an empty commit");
    let full = NewEvent {
        key: Key::new("model", &workspace("other"), "bücket/'key'"),
        action: "approved".to_owned(),
        actor: Actor::Key {
            name: "ci \"bot\" \u{0}".to_owned(),
        },
        detail: json!({ "from": 0.1, "text": "\u{0}🦀" }),
    };
    let first = store
        .commit(having(vec![full, event("b", "created")]))
        .await
        .expect("commit");
    let second = store
        .commit(having(vec![event("c", "created")]))
        .await
        .expect("commit");
    assert!(start < first && first < second, "{start} {first} {second}");
    let silent = store.commit(put(8, [row("silent")])).await.expect("commit");
    assert_eq!(
        silent, second,
        "a commit without events gives the current number"
    );
    assert_eq!(store.newest_change().await.expect("a number"), second);
    let events = store.changes(start, 10).await.expect("changes");
    let named: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(named, ["bücket/'key'", "b", "c"]);
    assert!(events.is_sorted_by(|a, b| a.sequence < b.sequence));
    assert_eq!((events[1].sequence, events[2].sequence), (first, second));
    let expected = Event {
        sequence: events[0].sequence,
        workspace: workspace("other"),
        resource: "model".to_owned(),
        id: "bücket/'key'".to_owned(),
        action: "approved".to_owned(),
        actor: Actor::Key {
            name: "ci \"bot\" \u{0}".to_owned(),
        },
        at: Timestamp(7),
        detail: json!({ "from": 0.1, "text": "\u{0}🦀" }),
    };
    assert_eq!(events[0], expected);
    assert_eq!(store.changes(start, 2).await.expect("changes"), events[..2]);
    assert_eq!(
        store.changes(first, 10).await.expect("changes"),
        events[2..]
    );
    assert!(store.changes(second, 10).await.expect("changes").is_empty());
    assert!(
        store
            .changes(i64::MAX, 10)
            .await
            .expect("changes")
            .is_empty()
    );
    assert!(store.changes(start, 0).await.expect("changes").is_empty());
    assert_eq!(
        store
            .changes(i64::MIN, 1_000)
            .await
            .expect("changes")
            .last(),
        events.last()
    );
}

/// While many commit at once, a reader that goes on from the last number it saw misses nothing
/// and sees every row of an event that it was told of.
pub async fn events_have_no_gap_under_concurrency(store: &dyn Store) {
    const WRITERS: usize = 8;
    const EACH: usize = 40;
    let start = store.commit(at(1)).await.expect("an empty commit");
    let finished = AtomicUsize::new(0);
    let write = |writer: usize| {
        let finished = &finished;
        async move {
            for index in 0..EACH {
                let id = format!("{writer}-{index}");
                let commit = Commit {
                    events: vec![event(&id, "created"), event(&id, "started")],
                    ..put(2, [row(&id)])
                };
                store.commit(commit).await.expect("commit");
            }
            finished.fetch_add(1, Ordering::SeqCst);
        }
    };
    let read = async {
        let mut seen: Vec<Event> = Vec::new();
        loop {
            let done = finished.load(Ordering::SeqCst) == WRITERS;
            let last = seen.last().map_or(start, |event| event.sequence);
            let news = store.changes(last, 50).await.expect("changes");
            if let Some(newest) = news.last() {
                let told = store.get(&key(&newest.id)).await.expect("get");
                assert!(told.is_some(), "the row of an event is there");
            }
            if news.is_empty() && done {
                return seen;
            }
            if news.is_empty() {
                tokio::task::yield_now().await;
            }
            seen.extend(news);
        }
    };
    let (seen, _) = futures::join!(read, join_all((0..WRITERS).map(write)));
    assert_eq!(seen.len(), WRITERS * EACH * 2, "every event was seen");
    assert!(seen.is_sorted_by(|a, b| a.sequence < b.sequence));
    for pair in seen.chunks(2) {
        assert_eq!(
            pair[0].id, pair[1].id,
            "events of one commit stand together"
        );
        assert_eq!((&*pair[0].action, &*pair[1].action), ("created", "started"));
    }
}

/// Waiting ends at once when there is news already, and soon after news comes.
pub async fn waiting_ends_with_news(store: &dyn Store) {
    let limit = Duration::from_secs(20);
    let first = store
        .commit(having(vec![event("a", "created")]))
        .await
        .expect("commit");
    tokio::time::timeout(limit, store.changed_since(first - 1))
        .await
        .expect("news already");
    let news = async {
        tokio::task::yield_now().await;
        store
            .commit(having(vec![event("a", "changed")]))
            .await
            .expect("commit")
    };
    let waiters = join_all((0..5).map(|_| async {
        // Waking too often is allowed; so wait as callers do, until there really is something.
        loop {
            store.changed_since(first).await;
            if !store.changes(first, 1).await.expect("changes").is_empty() {
                return;
            }
        }
    }));
    let both = async { futures::join!(waiters, news) };
    tokio::time::timeout(limit, both)
        .await
        .expect("woken by news");
}
