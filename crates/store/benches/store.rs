//! How fast the store is: `cargo bench -p tradewind-store`, with `sqlite` or `postgres` after
//! `--` for one of the two. SQLite makes every commit durable (`synchronous=FULL`) in the folder
//! of temporary files; the private PostgreSQL of the tests runs without fsync.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for a terminal, which ends when something is wrong"
)]

use contracts::store::{Claim, Commit, Expect, Key, NewEvent, NewRow, Order, Query, Store};
use contracts::world::{Clock, Entropy, World};
use domain::audit::Actor;
use domain::{Span, Timestamp, Workspace};
use futures::future::join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ROWS: usize = 10_000;
const TIME: Duration = Duration::from_secs(2);

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

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let want = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = World {
        clock: Arc::new(Fixed),
        entropy: Arc::new(Fixed),
    };
    runtime.block_on(async {
        if want("sqlite") {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("state.db");
            let store = tradewind_store::Store::open_file(&path, &world)
                .await
                .unwrap();
            measure("sqlite", store).await;
        }
        if want("postgres") {
            let database = testing_postgres::Database::fresh().await;
            let store = tradewind_store::Store::open(database.url(), &world)
                .await
                .unwrap();
            measure("postgres", store).await;
        }
    });
}

async fn measure(name: &str, store: Arc<dyn Store>) {
    println!("{name}");
    fill(&*store).await;
    for callers in [1, 16, 64, 256] {
        let next = AtomicU64::new(0);
        rate(&format!("commit, {callers} callers"), callers, || {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let row = row("bench", &format!("{callers}-{number}"), 0);
            async {
                let commit = Commit {
                    now: Timestamp(5),
                    expect: vec![Expect::Absent(row.key.clone())],
                    events: vec![event(&row.key)],
                    put: vec![row],
                    ..Commit::default()
                };
                store.commit(commit).await.unwrap();
            }
        })
        .await;
    }
    for callers in [1, 16, 64] {
        let next = AtomicU64::new(0);
        rate(&format!("get, {callers} callers"), callers, || {
            let number = next.fetch_add(7_919, Ordering::Relaxed) as usize % ROWS;
            let key = key("job", &format!("job-{number:05}"));
            let store = &store;
            async move {
                assert!(store.get(&key).await.unwrap().is_some());
            }
        })
        .await;
    }
    for (name, query) in queries(&*store).await {
        rate(&format!("list 100 of {ROWS}: {name}"), 1, || async {
            assert_eq!(store.list(&query).await.unwrap().rows.len(), 100);
        })
        .await;
    }
    let now = AtomicU64::new(1_000_000);
    rate("claim 100", 1, || {
        let now = now.fetch_add(100, Ordering::Relaxed) as i64;
        let claim = Claim {
            kinds: vec!["job".to_owned()],
            ids: Vec::new(),
            owner: "bench".to_owned(),
            now: Timestamp(now),
            lease: Span(50),
            limit: 100,
        };
        let store = &store;
        async move {
            assert_eq!(store.claim(&claim).await.unwrap().len(), 100);
        }
    })
    .await;
}

async fn queries(store: &dyn Store) -> Vec<(&'static str, Query)> {
    let all = Query {
        kind: "job".to_owned(),
        workspace: Some(Workspace::default()),
        limit: 100,
        ..Query::default()
    };
    let newest = Query {
        order: Order::Newest,
        ..all.clone()
    };
    let mut far = newest.clone();
    for _ in 0..90 {
        far.after = store.list(&far).await.unwrap().next;
    }
    let prefix = Query {
        prefix: Some("job-05".to_owned()),
        ..all.clone()
    };
    let phase = Query {
        phases: vec!["running".to_owned()],
        ..newest.clone()
    };
    let label = Query {
        labels: [("team".to_owned(), "3".to_owned())].into(),
        ..newest.clone()
    };
    let everywhere = Query {
        workspace: None,
        ..all.clone()
    };
    vec![
        ("by id", all),
        ("newest", newest),
        ("newest, page 91", far),
        ("prefix", prefix),
        ("phase (1 in 5)", phase),
        ("label (1 in 10)", label),
        ("all workspaces", everywhere),
    ]
}

/// Runs the work over and over from so many callers; prints calls per second and times.
async fn rate<F: Future<Output = ()>>(name: &str, callers: usize, work: impl Fn() -> F) {
    let begun = Instant::now();
    let each = (0..callers).map(|_| async {
        let mut times = Vec::new();
        while begun.elapsed() < TIME {
            let start = Instant::now();
            work().await;
            times.push(start.elapsed());
        }
        times
    });
    let mut times: Vec<Duration> = join_all(each).await.into_iter().flatten().collect();
    let seconds = begun.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: f64| times[(times.len() as f64 * share) as usize].as_secs_f64() * 1e3;
    let rate = times.len() as f64 / seconds;
    println!(
        "  {name:<34} {rate:>9.0}/s  p50 {:>8.3} ms  p99 {:>8.3} ms",
        at(0.5),
        at(0.99)
    );
}

async fn fill(store: &dyn Store) {
    for start in (0..ROWS).step_by(500) {
        let rows = (start..start + 500).map(|index| row("job", &format!("job-{index:05}"), index));
        let commit = Commit {
            now: Timestamp(start as i64),
            put: rows.collect(),
            ..Commit::default()
        };
        store.commit(commit).await.unwrap();
    }
}

fn key(kind: &'static str, id: &str) -> Key {
    Key::new(kind, &Workspace::default(), id)
}

/// About as large as a job: 1 kB.
fn row(kind: &'static str, id: &str, index: usize) -> NewRow {
    let phase = ["queued", "preparing", "running", "succeeded", "failed"][index % 5];
    NewRow {
        key: key(kind, id),
        parent: Some(format!("run-{}", index % 50)),
        phase: phase.to_owned(),
        labels: [("team".to_owned(), (index % 10).to_string())].into(),
        due: (kind == "job").then_some(Timestamp(index as i64)),
        body: serde_json::json!({
            "id": id, "phase": phase, "spec": { "code": "x".repeat(700), "cpus": 4 },
            "hyperparameters": { "n_estimators": 100, "max_depth": 7, "learning_rate": 0.01 },
            "attempts": [{ "ticket": format!("{id}.a1"), "started": 1_700_000_000_000_i64 }],
        })
        .into(),
    }
}

fn event(key: &Key) -> NewEvent {
    NewEvent {
        key: key.clone(),
        action: "created".to_owned(),
        actor: Actor::System,
        detail: serde_json::json!({ "phase": "queued" }),
    }
}
