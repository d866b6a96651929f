//! Commits are all or nothing.

use super::{at, delete, event, expecting, key, put, row};
use crate::store::{Commit, Durability, Expect, Idempotency, NewRow, Store, StoreError};
use domain::{Timestamp, Workspace};
use futures::future::join_all;
use serde_json::json;

fn stale(result: &Result<i64, StoreError>) -> bool {
    matches!(result, Err(StoreError::Stale(_)))
}

/// `Absent` holds only for what does not exist, `Revision` only for exactly that one, and all
/// expectations must hold.
pub async fn expectations_guard_commits(store: &dyn Store) {
    let absent = || Expect::Absent(key("x"));
    let revision = |revision| Expect::Revision(key("x"), revision);
    let write = || put(1, [row("x")]);
    assert!(
        stale(&store.commit(expecting(revision(1), write())).await),
        "not there yet"
    );
    assert!(
        stale(&store.commit(expecting(revision(0), write())).await),
        "not there yet"
    );
    store
        .commit(expecting(absent(), write()))
        .await
        .expect("absent");
    assert!(
        stale(&store.commit(expecting(absent(), write())).await),
        "there now"
    );
    for wrong in [0, 2, -1, i64::MAX] {
        assert!(
            stale(&store.commit(expecting(revision(wrong), write())).await),
            "{wrong}"
        );
    }
    store
        .commit(expecting(revision(1), write()))
        .await
        .expect("revision 1");
    let both = Commit {
        expect: vec![Expect::Absent(key("y")), revision(1)],
        ..write()
    };
    assert!(stale(&store.commit(both).await), "one of two");
    let only = Commit {
        expect: vec![Expect::Absent(key("y")), revision(2)],
        ..at(1)
    };
    store
        .commit(only)
        .await
        .expect("expectations without a change");
    store
        .commit(expecting(revision(2), delete(2, [key("x")])))
        .await
        .expect("delete");
    store
        .commit(expecting(absent(), write()))
        .await
        .expect("absent again");
    let message = store
        .commit(expecting(absent(), write()))
        .await
        .expect_err("stale")
        .to_string();
    assert!(
        message.contains('x'),
        "the message names the row: {message}"
    );
}

/// A commit that fails leaves rows, events and answers as they were.
pub async fn failed_commits_change_nothing(store: &dyn Store) {
    store.commit(put(1, [row("kept")])).await.expect("commit");
    let before = store.commit(at(1)).await.expect("an empty commit");
    let now = Timestamp(2);
    let record = Idempotency {
        workspace: Workspace::default(),
        token: "t".to_owned(),
        fingerprint: "f".to_owned(),
        answer: json!(1),
        expires: Timestamp(100),
    };
    let failing = Commit {
        now,
        expect: vec![Expect::Absent(key("kept"))],
        put: vec![row("new")],
        delete: vec![key("kept")],
        events: vec![event("new", "created")],
        idempotency: Some(record),
        durability: Durability::Lasting,
    };
    assert!(stale(&store.commit(failing).await));
    assert_eq!(store.get(&key("new")).await.expect("get"), None);
    let kept = store
        .get(&key("kept"))
        .await
        .expect("get")
        .expect("the row");
    assert_eq!((kept.revision, kept.updated), (1, Timestamp(1)));
    assert!(store.changes(before, 10).await.expect("changes").is_empty());
    let answer = store
        .recall(&Workspace::default(), "t", now)
        .await
        .expect("recall");
    assert_eq!(answer, None);
    assert_eq!(store.commit(at(3)).await.expect("an empty commit"), before);
}

/// Times are the commit's `now`, whatever other clocks say and even when it goes back.
pub async fn commits_take_the_callers_time(store: &dyn Store) {
    store.commit(put(1_000, [row("x")])).await.expect("commit");
    let back = Commit {
        events: vec![event("x", "changed")],
        ..put(500, [row("x")])
    };
    let sequence = store.commit(back).await.expect("commit");
    let found = store.get(&key("x")).await.expect("get").expect("the row");
    assert_eq!(
        (found.created, found.updated),
        (Timestamp(1_000), Timestamp(500))
    );
    let events = store.changes(sequence - 1, 1).await.expect("changes");
    assert_eq!(events[0].at, Timestamp(500));
}

/// What breaks the contract's rules is refused as invalid, and nothing of it is done.
pub async fn broken_rules_are_refused(store: &dyn Store) {
    let before = store.commit(at(1)).await.expect("an empty commit");
    let long = "x".repeat(1_401);
    let labelled = |name: &str, value: &str| NewRow {
        labels: super::labels(&[(name, value)]),
        ..row("x")
    };
    let parent = |parent: &str| NewRow {
        parent: Some(parent.to_owned()),
        ..row("x")
    };
    let phase = |phase: &str| NewRow {
        phase: phase.to_owned(),
        ..row("x")
    };
    let mut commits: Vec<Commit> = [
        row(""),
        row(&long),
        row("a\0b"),
        labelled("a\0", "b"),
        labelled("a", "b\0"),
        labelled(&long, "b"),
        labelled("a", &long),
        parent("\0"),
        parent(&long),
        phase("\0"),
        phase(&long),
    ]
    .into_iter()
    .map(|row| put(1, [row]))
    .collect();
    commits.extend([
        put(1, [row("x"), row("x")]),
        delete(1, [key("x"), key("x")]),
        Commit {
            delete: vec![key("x")],
            ..put(1, [row("x")])
        },
        Commit {
            events: vec![event("x", "a\0")],
            ..put(1, [row("x")])
        },
        Commit {
            events: vec![event("", "a")],
            ..put(1, [row("x")])
        },
        expecting(Expect::Absent(key("\0")), put(1, [row("x")])),
        Commit {
            events: vec![event("x", "created")],
            ..passing(put(1, [row("x")]))
        },
    ]);
    for commit in commits {
        let refused = store.commit(commit.clone()).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid(_))),
            "{refused:?} for {commit:?}"
        );
    }
    assert_eq!(store.get(&key("x")).await.expect("get"), None);
    assert_eq!(store.commit(at(1)).await.expect("an empty commit"), before);
}

/// A commit that a power cut may undo is there for every reader as soon as it is answered, and its
/// expectations hold like any other's.
pub async fn passing_commits_are_seen_at_once(store: &dyn Store) {
    store.commit(put(1, [row("x")])).await.expect("commit");
    let mut changed = row("x");
    "collecting".clone_into(&mut changed.phase);
    let next = expecting(Expect::Revision(key("x"), 1), put(2, [changed.clone()]));
    store.commit(passing(next.clone())).await.expect("commit");
    let found = store.get(&key("x")).await.expect("get").expect("a row");
    assert_eq!((found.row, found.revision), (changed, 2));
    let refused = store.commit(passing(next)).await;
    assert!(matches!(refused, Err(StoreError::Stale(_))), "{refused:?}");
}

fn passing(commit: Commit) -> Commit {
    Commit {
        durability: Durability::Passing,
        ..commit
    }
}

/// Hundreds of rows, deletions and events of one commit are written together.
pub async fn large_commits_are_whole(store: &dyn Store) {
    let name = |index: usize| format!("row-{index:04}");
    store
        .commit(put(1, (0..300).map(|i| row(&name(i)))))
        .await
        .expect("commit");
    let large = Commit {
        delete: (0..300).map(|i| key(&name(i))).collect(),
        events: (0..700).map(|i| event(&name(i), "replaced")).collect(),
        ..put(
            2,
            (300..1_000).map(|i| NewRow {
                labels: super::labels(&[("a", "1"), ("b", &i.to_string())]),
                ..row(&name(i))
            }),
        )
    };
    let last = store.commit(large).await.expect("commit");
    let query = crate::store::Query {
        labels: super::labels(&[("a", "1")]),
        limit: 1_000,
        ..super::jobs()
    };
    let rows = store.list(&query).await.expect("list").rows;
    assert_eq!(rows.len(), 700);
    assert_eq!(rows[0].row.key.id, name(300));
    assert_eq!(
        store.list(&super::jobs()).await.expect("list").rows[0],
        rows[0]
    );
    let events = store.changes(last - 700, 1_000).await.expect("changes");
    let written: Vec<String> = events.into_iter().map(|event| event.id).collect();
    assert_eq!(
        written,
        (0..700).map(name).collect::<Vec<_>>(),
        "in the commit's order"
    );
}

/// Of many who insert the same row at once one succeeds, and the row is that one's.
pub async fn one_of_many_rivals_wins(store: &dyn Store) {
    for round in 0..10 {
        let id = format!("contested-{round}");
        let attempts = (0..20).map(|rival| {
            let new = NewRow {
                body: json!(rival).into(),
                ..row(&id)
            };
            store.commit(expecting(Expect::Absent(key(&id)), put(rival, [new])))
        });
        let results = join_all(attempts).await;
        let winners: Vec<usize> = (0..20).filter(|rival| results[*rival].is_ok()).collect();
        assert_eq!(winners.len(), 1, "{results:?}");
        assert!(results.iter().all(|result| result.is_ok() || stale(result)));
        let found = store.get(&key(&id)).await.expect("get").expect("the row");
        assert_eq!(
            (found.revision, found.row.body),
            (1, json!(winners[0]).into())
        );
    }
}

/// Read, add one, write with the revision: no increment is lost.
pub async fn counters_lose_no_increment(store: &dyn Store) {
    let counter = |value: i64| NewRow {
        body: json!(value).into(),
        ..row("counter")
    };
    store.commit(put(0, [counter(0)])).await.expect("commit");
    join_all((0..8).map(|_| async {
        let mut done = 0;
        while done < 10 {
            let found = store
                .get(&key("counter"))
                .await
                .expect("get")
                .expect("the row");
            let next = counter(found.row.body.read::<i64>().expect("a number") + 1);
            let expect = Expect::Revision(key("counter"), found.revision);
            match store.commit(expecting(expect, put(1, [next]))).await {
                Ok(_) => done += 1,
                Err(StoreError::Stale(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }))
    .await;
    let found = store
        .get(&key("counter"))
        .await
        .expect("get")
        .expect("the row");
    assert_eq!((found.row.body, found.revision), (json!(80).into(), 81));
}
