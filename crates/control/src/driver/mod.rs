//! Claims what is due or was hinted at and activates it, until told to stop.
//!
//! A restart is not a special path: rows that were under way are due, their leases run out, and
//! the next claim goes on where the last commit stood.

pub mod hints;
mod tail;
mod watch;

use crate::rows::Stored;
use crate::{Control, Error};
use contracts::store::{Claim, Key, Row};
use domain::Timestamp;
use domain::endpoint::Endpoint;
use domain::execution::Execution;
use domain::function::{Function, FunctionSchedule};
use domain::job::Job;
use domain::pipeline::Run;
use domain::tuning::Tuning;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch as signal};
use tokio::task::JoinSet;

/// Runs the reconcilers of one server until `stop` turns true; what is being activated then is
/// finished first.
pub async fn run(control: Arc<Control>, mut stop: signal::Receiver<bool>) {
    let mut helpers = JoinSet::new();
    helpers.spawn(tail::follow(control.clone()));
    helpers.spawn(crate::sweep::keep_sweeping(control.clone()));
    for provider in control.providers.keys() {
        helpers.spawn(watch::provider(control.clone(), provider.clone()));
    }
    helpers.spawn(watch::data_plane(control.clone()));
    helpers.spawn(watch::functions(control.clone()));
    helpers.spawn(crate::functions::make_calls(control.clone()));
    let slots = Arc::new(Semaphore::new(control.pace.concurrency));
    let mut tasks = JoinSet::new();
    // What is due without a hint is asked for now and then, not after each hint.
    let mut looks = tokio::time::interval(control.pace.poll.to_std() / 4);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut due = true;
    while !*stop.borrow() {
        while tasks.try_join_next().is_some() {}
        let claimed = match claim_hinted(&control, &slots).await {
            Ok(rows) if rows.is_empty() && due => claim_due(&control, &slots).await,
            other => other,
        };
        match claimed {
            Ok(rows) if !rows.is_empty() => {
                for row in rows {
                    spawn(&control, &slots, &mut tasks, (row, stop.clone())).await;
                }
                continue;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "nothing could be claimed"),
        }
        due = tokio::select! {
            () = control.hints.woken() => false,
            _ = looks.tick() => true,
            _ = stop.changed() => false,
        };
    }
    while tasks.join_next().await.is_some() {}
    helpers.shutdown().await;
}

/// With more live jobs than so many, a run is looked at once a moment and not once for each that
/// ends: all of its steps are looked at, and what ended meanwhile is one commit.
const MANY: usize = 8;

/// That moment.
const MOMENT: Duration = Duration::from_millis(40);

/// The kinds of rows that have a reconciler.
const KINDS: [&str; 7] = [
    Job::KIND,
    Run::KIND,
    Endpoint::KIND,
    Function::KIND,
    FunctionSchedule::KIND,
    Execution::KIND,
    Tuning::KIND,
];

/// Claims rows that were hinted at.
async fn claim_hinted(control: &Control, slots: &Semaphore) -> Result<Vec<Row>, Error> {
    let mut claim = claim_of(control, slots);
    claim.ids = control.hints.take(claim.limit as usize);
    claim.ids.retain(|key| KINDS.contains(&key.kind.as_str()));
    if claim.ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(control.store.claim(&claim).await?)
}

/// Claims rows that are due.
async fn claim_due(control: &Control, slots: &Semaphore) -> Result<Vec<Row>, Error> {
    Ok(control.store.claim(&claim_of(control, slots)).await?)
}

fn claim_of(control: &Control, slots: &Semaphore) -> Claim {
    Claim {
        kinds: KINDS.map(str::to_owned).to_vec(),
        ids: Vec::new(),
        owner: control.owner.clone(),
        now: control.world.now(),
        lease: control.pace.lease,
        limit: slots.available_permits().max(1) as u32,
    }
}

/// Activates a row in a task of its own. The pauses after it end when the server is told to stop.
async fn spawn(
    control: &Arc<Control>,
    slots: &Arc<Semaphore>,
    tasks: &mut JoinSet<()>,
    (row, mut stop): (Row, signal::Receiver<bool>),
) {
    let key = row.row.key.clone();
    if !control.hints.begin(&key) {
        // It was written, which ended its lease, and is still acted upon. The lease that was taken
        // now is of no use, and nobody else would give it back.
        let due = row.row.due;
        if let Err(error) = control.store.release(&key, &control.owner, due).await {
            tracing::warn!(kind = key.kind, id = key.id, %error, "a lease could not be given back");
        }
        control.hints.wake([key]);
        return;
    }
    let Ok(slot) = slots.clone().acquire_owned().await else {
        return;
    };
    let control = control.clone();
    tasks.spawn(async move {
        let due = activate(&control, row).await;
        if key.kind == Run::KIND && control.hints.live_anywhere() > MANY {
            pause(MOMENT, &mut stop).await;
        }
        control.hints.end(&key);
        drop(slot);
        let left = due.map(|due| due.since(control.world.now()));
        if let Some(left) = left.filter(|left| *left < control.pace.poll) {
            pause(left.to_std(), &mut stop).await;
            control.hints.wake([key]);
        }
    });
}

/// Waits so long, or until the server is told to stop.
async fn pause(time: Duration, stop: &mut signal::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// How an activation left its row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest {
    /// When it is due again.
    pub(crate) due: Option<Timestamp>,
    /// Whether it was written, which ended its lease and set when it is due.
    pub(crate) written: bool,
}

impl From<Option<Timestamp>> for Rest {
    fn from(due: Option<Timestamp>) -> Self {
        let written = false;
        Self { due, written }
    }
}

/// Activates one claimed row, gives its lease back and says when it is due again. Simulations
/// call it directly.
pub async fn activate(control: &Control, row: Row) -> Option<Timestamp> {
    let key: Key = row.row.key.clone();
    let result = match key.kind.as_str() {
        Job::KIND => control.activate_job(row).await,
        Run::KIND => control.activate_run(row).await,
        Endpoint::KIND => control.activate_endpoint(row).await.map(Rest::from),
        Function::KIND => control.activate_function(row).await.map(Rest::from),
        FunctionSchedule::KIND => control.activate_schedule(row).await.map(Rest::from),
        Execution::KIND => control.activate_execution(row).await.map(Rest::from),
        Tuning::KIND => control.activate_tuning(row).await.map(Rest::from),
        _ => Ok(Rest::from(None)),
    };
    let due = match result {
        Ok(Rest { due, written: true }) => return due,
        Ok(rest) => rest.due,
        Err(error) if crate::jobs::is_stale(&error) => {
            control.hints.wake([key]);
            return None;
        }
        Err(error) => {
            tracing::warn!(kind = key.kind, id = key.id, error = ?error, "an activation failed");
            Some(control.world.now() + control.pace.retry)
        }
    };
    if let Err(error) = control.store.release(&key, &control.owner, due).await {
        tracing::warn!(kind = key.kind, id = key.id, %error, "a lease could not be given back");
    }
    due
}

/// Claims and activates everything that is due until nothing is; for simulations and tests.
pub async fn drain(control: &Control) -> Result<usize, Error> {
    let mut activated = 0;
    loop {
        let slots = Semaphore::new(16);
        let mut rows = claim_hinted(control, &slots).await?;
        if rows.is_empty() {
            rows = claim_due(control, &slots).await?;
        }
        if rows.is_empty() {
            return Ok(activated);
        }
        for row in rows {
            activated += 1;
            activate(control, row).await;
        }
    }
}
