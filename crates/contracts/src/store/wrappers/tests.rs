//! What the wrappers add to the contract.

use super::*;
use crate::store::memory::Memory;
use crate::store::{Commit, Expect, Key, NewRow, Store, StoreError};
use domain::{Timestamp, Workspace};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const HASTE: Patience = Patience {
    attempts: 3,
    pause: Duration::ZERO,
    longest: Duration::ZERO,
};

fn key() -> Key {
    Key::new("job", &Workspace::default(), "a")
}

fn write(expect: Vec<Expect>) -> Commit {
    Commit {
        now: Timestamp(1),
        expect,
        put: vec![NewRow {
            key: key(),
            parent: None,
            phase: String::new(),
            labels: BTreeMap::new(),
            due: None,
            body: serde_json::json!(null).into(),
        }],
        ..Commit::default()
    }
}

async fn revision(store: &dyn Store) -> i64 {
    store
        .get(&key())
        .await
        .unwrap()
        .map_or(0, |row| row.revision)
}

#[tokio::test]
async fn faults_come_where_the_schedule_says() {
    for (fate, done) in [(Fate::Undone, 0), (Fate::Unanswered, 1), (Fate::Through, 1)] {
        let memory = Arc::new(Memory::new());
        let faults = Faults::new(memory.clone(), Schedule::Once { call: 1, fate });
        assert_eq!(revision(&faults).await, 0);
        let answer = faults.commit(write(vec![])).await;
        assert_eq!(answer.is_ok(), fate == Fate::Through, "{answer:?}");
        assert_eq!(revision(&*memory).await, done, "{fate:?}");
        assert_eq!(revision(&faults).await, done, "later calls go through");
        assert_eq!(faults.calls(), 3);
    }
}

#[tokio::test]
async fn after_a_crash_nothing_is_done_any_more() {
    let memory = Arc::new(Memory::new());
    let crash = Schedule::Crash {
        call: 1,
        fate: Fate::Unanswered,
    };
    let faults = Faults::new(memory.clone(), crash);
    faults.commit(write(vec![])).await.unwrap();
    for _ in 0..3 {
        assert!(faults.commit(write(vec![])).await.is_err());
    }
    assert_eq!(
        revision(&*memory).await,
        2,
        "the first and the one that crashed"
    );
}

#[test]
fn seeded_faults_are_repeatable_and_as_frequent_as_asked() {
    let schedule = |seed| Schedule::Seeded {
        seed,
        undone: 100,
        unanswered: 50,
    };
    let fates = |seed| {
        (0..10_000)
            .map(|call| schedule(seed).fate(call))
            .collect::<Vec<_>>()
    };
    assert_eq!(fates(7), fates(7));
    assert_ne!(fates(7), fates(8));
    let count = |wanted| fates(7).into_iter().filter(|fate| *fate == wanted).count();
    assert!(
        (900..1_100).contains(&count(Fate::Undone)),
        "{}",
        count(Fate::Undone)
    );
    assert!(
        (420..580).contains(&count(Fate::Unanswered)),
        "{}",
        count(Fate::Unanswered)
    );
}

#[tokio::test]
async fn what_failed_for_a_moment_is_tried_again() {
    let memory = Arc::new(Memory::new());
    let once = Schedule::Once {
        call: 0,
        fate: Fate::Undone,
    };
    let retry = Retry::new(Arc::new(Faults::new(memory.clone(), once)), HASTE);
    assert_eq!(revision(&retry).await, 0);
    let down = Schedule::Crash {
        call: 0,
        fate: Fate::Undone,
    };
    let faults = Arc::new(Faults::new(memory, down));
    let retry = Retry::new(faults.clone(), HASTE);
    let error = retry.get(&key()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }));
    assert_eq!(faults.calls(), 3, "then it gives up");
}

#[tokio::test]
async fn a_commit_is_never_done_twice() {
    let lost = Schedule::Once {
        call: 0,
        fate: Fate::Unanswered,
    };
    let fresh = || {
        let memory = Arc::new(Memory::new());
        let faults = Arc::new(Faults::new(memory.clone(), lost));
        (memory, Retry::new(faults, HASTE))
    };
    let (memory, retry) = fresh();
    let blind = retry.commit(write(vec![])).await;
    assert!(
        matches!(blind, Err(StoreError::Unavailable { .. })),
        "not tried again"
    );
    assert_eq!(revision(&*memory).await, 1);
    let (memory, retry) = fresh();
    let guarded = retry.commit(write(vec![Expect::Absent(key())])).await;
    assert!(
        matches!(guarded, Err(StoreError::Stale(_))),
        "tried again, found done"
    );
    assert_eq!(revision(&*memory).await, 1);
}

#[tokio::test]
async fn calls_are_counted_and_timed() {
    let ticks = AtomicU64::new(0);
    let stopwatch = Arc::new(move || Duration::from_secs(ticks.fetch_add(1, Ordering::SeqCst)));
    let meter = Meter::new(Arc::new(Memory::new()), stopwatch);
    meter.commit(write(vec![])).await.unwrap();
    meter
        .commit(write(vec![Expect::Absent(key())]))
        .await
        .unwrap_err();
    let mut bad = write(vec![]);
    bad.put[0].key.id.clear();
    meter.commit(bad).await.unwrap_err();
    revision(&meter).await;
    let readings = meter.readings();
    let commits = readings
        .iter()
        .find(|reading| reading.operation == "commit")
        .unwrap();
    let expected = Reading {
        operation: "commit",
        calls: 3,
        failures: 1,
        total: Duration::from_secs(3),
        longest: Duration::from_secs(1),
    };
    assert_eq!(*commits, expected);
    let calls: u64 = readings.iter().map(|reading| reading.calls).sum();
    assert_eq!(calls, 4);
}
