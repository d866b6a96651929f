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
    while !*stop.borrow() {
        while tasks.try_join_next().is_some() {}
        match claim(&control, &slots).await {
            Ok(rows) if !rows.is_empty() => {
                for row in rows {
                    spawn(&control, &slots, &mut tasks, row).await;
                }
                continue;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "nothing could be claimed"),
        }
        tokio::select! {
            () = control.hints.woken() => {}
            () = tokio::time::sleep(control.pace.poll.to_std() / 4) => {}
            _ = stop.changed() => {}
        }
    }
    while tasks.join_next().await.is_some() {}
    helpers.shutdown().await;
}

/// Claims hinted rows first, then due ones.
async fn claim(control: &Control, slots: &Semaphore) -> Result<Vec<Row>, Error> {
    let free = slots.available_permits().max(1);
    let mut claim = Claim {
        kinds: vec![
            Job::KIND.to_owned(),
            Run::KIND.to_owned(),
            Endpoint::KIND.to_owned(),
            Function::KIND.to_owned(),
            FunctionSchedule::KIND.to_owned(),
            Execution::KIND.to_owned(),
            Tuning::KIND.to_owned(),
        ],
        ids: control.hints.take(free),
        owner: control.owner.clone(),
        now: control.world.now(),
        lease: control.pace.lease,
        limit: free as u32,
    };
    if !claim.ids.is_empty() {
        claim.ids.retain(|key| claim.kinds.contains(&key.kind));
        if !claim.ids.is_empty() {
            let rows = control.store.claim(&claim).await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        claim.ids = Vec::new();
    }
    Ok(control.store.claim(&claim).await?)
}

async fn spawn(control: &Arc<Control>, slots: &Arc<Semaphore>, tasks: &mut JoinSet<()>, row: Row) {
    let key = row.row.key.clone();
    if !control.hints.begin(&key) {
        control.hints.wake([key]);
        return;
    }
    let Ok(slot) = slots.clone().acquire_owned().await else {
        return;
    };
    let control = control.clone();
    tasks.spawn(async move {
        let due = activate(&control, row).await;
        control.hints.end(&key);
        drop(slot);
        let pause = due.map(|due| due.since(control.world.now()));
        if let Some(pause) = pause.filter(|pause| *pause < control.pace.poll) {
            tokio::time::sleep(pause.to_std()).await;
            control.hints.wake([key]);
        }
    });
}

/// Activates one claimed row, gives its lease back and says when it is due again. Simulations
/// call it directly.
pub async fn activate(control: &Control, row: Row) -> Option<Timestamp> {
    let key: Key = row.row.key.clone();
    let result = match key.kind.as_str() {
        Job::KIND => control.activate_job(row).await,
        Run::KIND => control.activate_run(row).await,
        Endpoint::KIND => control.activate_endpoint(row).await,
        Function::KIND => control.activate_function(row).await,
        FunctionSchedule::KIND => control.activate_schedule(row).await,
        Execution::KIND => control.activate_execution(row).await,
        Tuning::KIND => control.activate_tuning(row).await,
        _ => Ok(None),
    };
    let due = match result {
        Ok(due) => due,
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
        let rows = claim(control, &Semaphore::new(16)).await?;
        if rows.is_empty() {
            return Ok(activated);
        }
        for row in rows {
            activated += 1;
            activate(control, row).await;
        }
    }
}
