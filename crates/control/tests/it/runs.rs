//! Wide and long runs: what they write, how they are stopped, how they are read back.

use crate::simulation::Simulation;
use contracts::store::memory::Memory;
use contracts::store::{
    Body, Claim, Commit, Expect, Idempotency, Key, NewRow, Page, Query, Row, Store, StoreError,
};
use control::rows::Stored;
use control::runs::{NewRun, RunFilter};
use control::{Control, driver};
use domain::audit::Event;
use domain::job::{Entry, JobSpec, Phase};
use domain::pipeline::{PipelineSpec, Run, RunPhase, StepAction, StepSpec, StepState};
use domain::policy::{Policy, RetryPolicy};
use domain::{Name, RunId, Span, StepPath, Timestamp, Workspace};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Places for jobs of the simulation's server.
const PLACES: usize = 3;

/// Jobs of a run that wait for a place at most.
const AHEAD: usize = 32;

/// Counts what is written.
struct Counted {
    inner: Arc<Memory>,
    commits: AtomicUsize,
    /// Bytes of rows of runs.
    bytes: AtomicUsize,
    /// Most rows of one commit.
    largest: AtomicUsize,
    /// Most events of one commit.
    events: AtomicUsize,
}

#[async_trait::async_trait]
impl Store for Counted {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        self.inner.get(key).await
    }
    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        self.inner.list(query).await
    }
    async fn commit(&self, commit: Commit) -> Result<i64, StoreError> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.largest.fetch_max(commit.put.len(), Ordering::SeqCst);
        self.events.fetch_max(commit.events.len(), Ordering::SeqCst);
        for row in &commit.put {
            if row.key.kind.starts_with("run") {
                self.bytes
                    .fetch_add(row.body.text().len(), Ordering::SeqCst);
            }
        }
        self.inner.commit(commit).await
    }
    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError> {
        self.inner.claim(claim).await
    }
    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.inner.release(key, owner, due).await
    }
    async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.inner.changes(after, limit).await
    }
    async fn newest_change(&self) -> Result<i64, StoreError> {
        self.inner.newest_change().await
    }
    async fn recall(
        &self,
        workspace: &Workspace,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Idempotency>, StoreError> {
        self.inner.recall(workspace, token, now).await
    }
    async fn changed_since(&self, sequence: i64) {
        self.inner.changed_since(sequence).await;
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// A pipeline of so many equal steps, in a row or at once; the last does as it is told.
fn pipeline(steps: usize, is_row: bool, last: &str) -> PipelineSpec {
    let step = |number: usize| {
        let script = if number + 1 == steps { last } else { "ok" };
        let mut job = JobSpec::new(Entry::Command {
            argv: vec!["true".to_owned()],
        });
        job.cache = false;
        job.env = BTreeMap::from([("SCRIPT".to_owned(), script.to_owned())]);
        job.policy.retries = RetryPolicy {
            attempts: 1,
            ..RetryPolicy::default()
        };
        let before = number.checked_sub(1).filter(|_| is_row);
        StepSpec {
            name: name(&format!("s{number}")),
            needs: before
                .map(|it| name(&format!("s{it}")))
                .into_iter()
                .collect(),
            for_each: None,
            action: StepAction::Job { job: Box::new(job) },
        }
    };
    PipelineSpec {
        name: name("many"),
        parameters: BTreeMap::new(),
        steps: (0..steps).map(step).collect(),
        policy: Policy::default(),
        tags: BTreeMap::new(),
    }
}

/// A simulation without faults in which runs are kept in parts.
fn calm() -> Simulation {
    let simulation = Simulation::new(0);
    simulation.fuse.off();
    simulation
}

fn counted(simulation: &mut Simulation) -> (Control, Arc<Counted>) {
    let counted = Arc::new(Counted {
        inner: simulation.store.clone(),
        commits: AtomicUsize::new(0),
        bytes: AtomicUsize::new(0),
        largest: AtomicUsize::new(0),
        events: AtomicUsize::new(0),
    });
    let mut server = simulation.server(false);
    server.store = counted.clone();
    (server, counted)
}

async fn submit(server: &Control, spec: PipelineSpec) -> RunId {
    let run = server
        .submit_run(&Simulation::caller(), &NewRun { spec })
        .await;
    run.unwrap().id
}

async fn run_of(server: &Control, id: &RunId) -> Run {
    server.run(&Simulation::caller(), id).await.unwrap()
}

/// Time passes until the run is over.
async fn finish(simulation: &Simulation, server: &Control, id: &RunId) -> Run {
    for _ in 0..2_000 {
        simulation.advance(Span::seconds(10));
        simulation.backend.tick(server.world.now());
        driver::drain(server).await.unwrap();
        let run = run_of(server, id).await;
        if run.phase.is_over() {
            return run;
        }
    }
    panic!("the run does not end: {:#?}", run_of(server, id).await);
}

async fn rows(simulation: &Simulation, kind: &str) -> Vec<Row> {
    let query = Query {
        kind: kind.to_owned(),
        limit: 1_000,
        ..Query::default()
    };
    simulation.store.list(&query).await.unwrap().rows
}

/// Bytes that a run writes for each of its steps while it goes on.
async fn bytes_a_step(steps: usize) -> usize {
    let mut simulation = calm();
    let (server, counted) = counted(&mut simulation);
    let id = submit(&server, pipeline(steps, true, "ok")).await;
    let run = finish(&simulation, &server, &id).await;
    assert_eq!(run.phase, RunPhase::Succeeded);
    counted.bytes.load(Ordering::SeqCst) / steps
}

#[tokio::test]
async fn a_step_of_a_long_run_writes_no_more_than_one_of_a_short() {
    let (short, long) = (bytes_a_step(10).await, bytes_a_step(160).await);
    assert!(
        long < short * 3 / 2,
        "{short} bytes a step of 10, {long} of 160"
    );
}

#[tokio::test]
async fn a_run_that_is_over_is_one_row_again() {
    let mut simulation = calm();
    let server = simulation.server(false);
    let id = submit(&server, pipeline(20, false, "ok")).await;
    driver::drain(&server).await.unwrap();
    assert_eq!(rows(&simulation, "run-base").await.len(), 1);
    assert!(!rows(&simulation, "run-change").await.is_empty());
    // Another server, which never saw it, reads the same.
    let other = simulation.server(false);
    assert_eq!(run_of(&other, &id).await, run_of(&server, &id).await);
    let run = finish(&simulation, &server, &id).await;
    assert_eq!(rows(&simulation, "run-base").await, []);
    assert_eq!(rows(&simulation, "run-change").await, []);
    let kept: Run = rows(&simulation, "run").await[0].row.body.read().unwrap();
    assert_eq!(kept, run);
    assert_eq!(run_of(&other, &id).await, run);
}

#[tokio::test]
async fn a_failed_run_is_resumed_from_its_row_and_kept_in_parts_again() {
    let mut simulation = calm();
    let server = simulation.server(false);
    let id = submit(&server, pipeline(20, true, "fail ok")).await;
    assert_eq!(
        finish(&simulation, &server, &id).await.phase,
        RunPhase::Failed
    );
    let caller = Simulation::caller();
    server.resume_run(&caller, &id).await.unwrap();
    assert_eq!(rows(&simulation, "run-base").await.len(), 1);
    let other = simulation.server(false);
    let resumed = run_of(&other, &id).await;
    let path = |number| StepPath::step(name(number));
    assert!(matches!(
        resumed.steps[&path("s18")],
        StepState::Succeeded { .. }
    ));
    assert_eq!(resumed.steps[&path("s19")], StepState::Waiting);
    // The new job is a first attempt, which fails as the first one did.
    assert_eq!(
        finish(&simulation, &other, &id).await.phase,
        RunPhase::Failed
    );
    assert_eq!(simulation.jobs().await.len(), 21);
}

/// Earlier versions wrote runs that go on as one row, whatever it weighed.
#[tokio::test]
async fn a_run_that_an_earlier_version_left_under_way_goes_on() {
    let mut simulation = calm();
    let server = simulation.server(false);
    let id = submit(&server, pipeline(20, false, "ok")).await;
    driver::drain(&server).await.unwrap();
    let run = run_of(&server, &id).await;
    let key = run.key();
    let head = simulation.store.get(&key).await.unwrap().unwrap();
    let parts = ["run-base", "run-change"];
    let mut delete = Vec::new();
    for kind in parts {
        delete.extend(rows(&simulation, kind).await.into_iter().map(|r| r.row.key));
    }
    let whole = NewRow {
        body: Body::of(&run).unwrap(),
        ..head.row.clone()
    };
    let commit = Commit {
        now: server.world.now(),
        expect: vec![Expect::Revision(key, head.revision)],
        put: vec![whole],
        delete,
        ..Commit::default()
    };
    simulation.store.commit(commit).await.unwrap();
    let newer = simulation.server(false);
    assert_eq!(run_of(&newer, &id).await, run);
    let (caller, all) = (Simulation::caller(), RunFilter::default());
    let (listed, _) = newer.runs(&caller, &all).await.unwrap();
    assert_eq!(listed, [run]);
    let run = finish(&simulation, &newer, &id).await;
    assert_eq!(run.phase, RunPhase::Succeeded);
    assert_eq!(simulation.jobs().await.len(), 20);
}

#[tokio::test]
async fn a_wide_run_begins_no_more_than_the_places_can_use() {
    let mut simulation = calm();
    let (server, counted) = counted(&mut simulation);
    let id = submit(&server, pipeline(400, false, "ok")).await;
    driver::drain(&server).await.unwrap();
    assert_eq!(simulation.jobs().await.len(), PLACES + AHEAD);
    assert!(counted.largest.load(Ordering::SeqCst) <= PLACES + AHEAD + 2);
    let run = finish(&simulation, &server, &id).await;
    assert_eq!(run.phase, RunPhase::Succeeded);
    assert_eq!(simulation.jobs().await.len(), 400);
}

#[tokio::test]
async fn stopping_a_wide_run_ends_what_is_queued_in_one_commit_and_starts_nothing() {
    let mut simulation = calm();
    let (server, counted) = counted(&mut simulation);
    let id = submit(&server, pipeline(400, false, "ok")).await;
    driver::drain(&server).await.unwrap();
    let started = simulation.backend.started();
    assert_eq!(started.len(), PLACES);
    let before = counted.commits.load(Ordering::SeqCst);
    let caller = Simulation::caller();
    server.stop_run(&caller, &id).await.unwrap();
    driver::drain(&server).await.unwrap();
    let jobs = simulation.jobs().await;
    let queued = jobs.iter().filter(|job| job.phase.ticket().is_none());
    for job in queued {
        assert!(matches!(job.phase, Phase::Ended { .. }), "{:?}", job.phase);
    }
    let run = run_of(&server, &id).await;
    let stopped = run.steps.values();
    let stopped = stopped.filter(|state| matches!(state, StepState::Stopped { .. }));
    assert!(stopped.count() >= 400 - PLACES);
    // The wish, the run with all that was queued, and some for each job that was live.
    let commits = counted.commits.load(Ordering::SeqCst) - before;
    assert!(commits <= 2 + 8 * PLACES, "{commits} commits");
    let run = finish(&simulation, &server, &id).await;
    assert_eq!(run.phase, RunPhase::Stopped);
    assert_eq!(simulation.backend.started(), started);
}

/// What is begun at once is bounded, so that a server that is told to stop has little left to do.
#[tokio::test]
async fn a_wide_run_whose_results_are_known_is_done_in_pieces() {
    let mut simulation = calm();
    let (server, counted) = counted(&mut simulation);
    let mut spec = pipeline(300, false, "ok");
    for step in &mut spec.steps {
        if let StepAction::Job { job } = &mut step.action {
            job.cache = true;
        }
    }
    let id = submit(&server, spec).await;
    let run = finish(&simulation, &server, &id).await;
    let of_cache = |state: &&StepState| matches!(state, StepState::Succeeded { cached: true, .. });
    assert!(run.steps.values().filter(of_cache).count() > 200);
    let events = counted.events.load(Ordering::SeqCst);
    assert!(events <= 150, "{events} steps at once");
}
