//! What every launcher must hold to, as functions to run against it. They return what is wrong
//! instead of panicking, so that any test harness can use them.

use crate::call::Call;
use crate::replica::{LaunchOrder, Reached, ReplicaError, ReplicaLauncher};
use std::time::Duration;
use tokio::time::timeout;

/// Longest time any single step of the suite may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the whole suite with an order that can be launched and a call that it answers with success.
///
/// # Errors
/// A sentence that says which rule was broken.
pub async fn launcher(
    launcher: &dyn ReplicaLauncher,
    order: &LaunchOrder,
    call: &Call,
) -> Result<(), String> {
    answers_the_same_call_alike(launcher, order, call).await?;
    a_stopped_replica_is_gone_and_says_so(launcher, order, call).await?;
    a_replica_stopped_without_grace_is_gone_too(launcher, order).await
}

/// The same call gets the same answer, from one replica and from two.
async fn answers_the_same_call_alike(
    launcher: &dyn ReplicaLauncher,
    order: &LaunchOrder,
    call: &Call,
) -> Result<(), String> {
    let one = launcher
        .launch(order)
        .await
        .map_err(|error| error.to_string())?;
    let two = launcher
        .launch(order)
        .await
        .map_err(|error| error.to_string())?;
    let mut bodies = Vec::new();
    for replica in [&one, &one, &two] {
        let answer = within("a call", replica.invoke(call)).await?;
        bodies.push(answer.map_err(|error| error.to_string())?.body);
    }
    if bodies.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err("the same call was answered differently".to_owned());
    }
    if one.facts().concurrency == 0 {
        return Err("a replica must take at least one call at a time".to_owned());
    }
    within("a stop", one.stop(PATIENCE)).await?;
    within("a stop", two.stop(PATIENCE)).await
}

/// After `stop`, `gone` completes and a call fails as never having reached user code.
async fn a_stopped_replica_is_gone_and_says_so(
    launcher: &dyn ReplicaLauncher,
    order: &LaunchOrder,
    call: &Call,
) -> Result<(), String> {
    let replica = launcher
        .launch(order)
        .await
        .map_err(|error| error.to_string())?;
    within("a stop", replica.stop(PATIENCE)).await?;
    within("the end", replica.gone()).await?;
    within("a second stop", replica.stop(PATIENCE)).await?;
    match within("a call", replica.invoke(call)).await? {
        Err(ReplicaError::Gone {
            reached: Reached::No,
            ..
        }) => Ok(()),
        other => Err(format!("a call on a stopped replica gave {other:?}")),
    }
}

/// A grace of zero ends it as well.
async fn a_replica_stopped_without_grace_is_gone_too(
    launcher: &dyn ReplicaLauncher,
    order: &LaunchOrder,
) -> Result<(), String> {
    let replica = launcher
        .launch(order)
        .await
        .map_err(|error| error.to_string())?;
    within("a stop", replica.stop(Duration::ZERO)).await?;
    within("the end", replica.gone()).await.map(|_| ())
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> Result<T, String> {
    timeout(PATIENCE, future)
        .await
        .map_err(|_| format!("{what} took longer than {PATIENCE:?}"))
}
