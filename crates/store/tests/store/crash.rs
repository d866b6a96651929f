//! A process that commits is killed at a moment that nobody chose: every acknowledged commit is
//! there whole, and none is there in part.

use crate::support::{key, put, row, world};
use contracts::store::{NewEvent, Query, Store as _};
use domain::audit::Actor;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tradewind_store::Store;

const URL: &str = "TRADEWIND_TEST_URL";

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("state.db").display());
    kill_and_look(&url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_keeps_what_it_acknowledged() {
    let database = testing_postgres::Database::fresh().await;
    kill_and_look(database.url()).await;
}

async fn kill_and_look(url: &str) {
    let mut acknowledged = BTreeSet::new();
    // Killed after so many answers, and somewhere in the middle of what comes next.
    for answers in [1, 2, 5, 17, 40, 73, 150, 333, 600, 1_000] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "crash::child_that_commits",
                "--ignored",
                "--nocapture",
            ])
            .env(URL, url)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        for line in lines {
            let Some(id) = line.unwrap().strip_prefix("kept ").map(ToOwned::to_owned) else {
                continue;
            };
            acknowledged.insert(id);
            seen += 1;
            if seen == answers {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(
            seen >= answers,
            "the child ended by itself after {seen} answers"
        );
        look(url, &acknowledged).await;
    }
}

/// Each commit wrote the rows `left` and `right` and one event.
async fn look(url: &str, acknowledged: &BTreeSet<String>) {
    let store = Store::open(url, &world()).await.unwrap();
    let side = async |side: &str| {
        let mut query = Query {
            kind: "job".to_owned(),
            prefix: Some(format!("{side}/")),
            limit: 1_000,
            ..Query::default()
        };
        let mut found = BTreeSet::new();
        loop {
            let page = store.list(&query).await.unwrap();
            found.extend(
                page.rows
                    .iter()
                    .map(|row| row.row.key.id[side.len() + 1..].to_owned()),
            );
            query.after = page.next;
            if query.after.is_none() {
                return found;
            }
        }
    };
    let (left, right) = (side("left").await, side("right").await);
    assert_eq!(left, right, "no commit is there in part");
    let lost: Vec<&String> = acknowledged.difference(&left).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let events = store.changes(0, 1_000_000).await.unwrap();
    let told: BTreeSet<String> = events.iter().map(|event| event.id.clone()).collect();
    assert_eq!(told, left, "each commit's event is there with its rows");
    assert_eq!(events.len(), left.len());
    let numbers: Vec<i64> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(
        numbers,
        (1..=events.len() as i64).collect::<Vec<_>>(),
        "without a gap"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by `kill_and_look`, which kills it"]
async fn child_that_commits() {
    let store = Store::open(&std::env::var(URL).unwrap(), &world())
        .await
        .unwrap();
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, next) = (store.clone(), next.clone());
        tasks.spawn(async move {
            // An end, in case that nobody kills it.
            while next.load(Ordering::SeqCst) < 50_000 {
                let number = next.fetch_add(1, Ordering::SeqCst);
                let id = format!("{}-{number}", std::process::id());
                let mut commit = put(1, [row(&format!("left/{id}")), row(&format!("right/{id}"))]);
                commit.events.push(NewEvent {
                    key: key(&id),
                    action: "created".to_owned(),
                    actor: Actor::System,
                    detail: serde_json::json!({}),
                });
                store.commit(commit).await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "\nkept {id}")
                    .and_then(|()| out.flush())
                    .unwrap();
            }
        });
    }
    while tasks.join_next().await.is_some() {}
}
