//! Carries out what advice says of things that Tradewind runs, and takes it back.
//!
//! What was there before is written down before anything is changed: a server that ends in between
//! leaves a record by which the change is undone, whether it was made or not.

mod bucket;
mod endpoint;
mod step;

pub(super) use step::size;

use super::Native;
use control::Caller;
use costs::rules::{Action, Applied, Before, WorkingHours};
use domain::Refusal;
use domain::audit::Actor;
use endpoint::Most;

/// Does it, audited, and remembers what was there before.
pub(super) async fn apply(
    native: &Native,
    caller: &Caller,
    rule: &str,
    action: Action,
) -> Result<Applied, Refusal> {
    caller.may_administer()?;
    let before = before(native, caller, &action).await?;
    let world = &native.control.world;
    let mut applied = Applied {
        id: world.fresh_id("advice"),
        rule: rule.to_owned(),
        action,
        before,
        at: world.now(),
        by: match &caller.actor {
            Actor::Key { name } => name.clone(),
            Actor::System => "tradewind".to_owned(),
        },
        done: false,
        undone: None,
    };
    remember(native, applied.clone()).await?;
    match act(native, caller, &applied.action).await {
        Ok(()) => {}
        // Nobody knows whether it was done: the record stays.
        Err(refusal @ (Refusal::Unavailable { .. } | Refusal::Internal { .. })) => {
            return Err(refusal);
        }
        Err(refusal) => {
            let (ledger, id) = (native.ledger.clone(), applied.id.clone());
            kept(move || ledger.forget_applied(&id)).await?;
            return Err(refusal);
        }
    }
    applied.done = true;
    remember(native, applied.clone()).await?;
    Ok(applied)
}

/// What is there now; also refuses what cannot be done.
async fn before(native: &Native, caller: &Caller, action: &Action) -> Result<Before, Refusal> {
    match action {
        Action::ScaleEndpoint {
            workspace,
            endpoint,
            deployment,
            ..
        } => {
            own(caller, workspace)?;
            endpoint::replicas(native, caller, (endpoint, deployment)).await
        }
        Action::ScheduleEndpoint {
            workspace,
            endpoint,
            hours,
        } => {
            own(caller, workspace)?;
            hours.parse::<WorkingHours>().map_err(Refusal::from)?;
            endpoint::tag_of(native, caller, endpoint).await
        }
        Action::ExpireObjects {
            workspace,
            bucket,
            days,
        } => {
            own(caller, workspace)?;
            bucket::exists(native, caller, bucket).await?;
            Ok(Before::NoRule {
                id: bucket::rule_of(*days),
            })
        }
        Action::SizeStep {
            workspace,
            asked,
            instead,
            ..
        } => {
            own(caller, workspace)?;
            step::check(*asked, *instead)?;
            Ok(Before::File)
        }
    }
}

/// Changes it; a second time changes nothing more.
async fn act(native: &Native, caller: &Caller, action: &Action) -> Result<(), Refusal> {
    match action {
        Action::ScaleEndpoint {
            endpoint,
            deployment,
            replicas,
            ..
        } => {
            endpoint::scale(
                native,
                caller,
                (endpoint, deployment),
                *replicas,
                Most::AsBefore,
            )
            .await
        }
        Action::ScheduleEndpoint {
            endpoint, hours, ..
        } => {
            let hours: WorkingHours = hours.parse().map_err(Refusal::from)?;
            endpoint::tag(native, caller, endpoint, Some(hours.to_string())).await
        }
        Action::ExpireObjects { bucket, days, .. } => {
            bucket::expire(native, caller, bucket, *days).await
        }
        // The record itself is what runs are sized by.
        Action::SizeStep { pipeline, .. } => {
            step::tell(native, caller, pipeline, "sized", action).await
        }
    }
}

/// Sets what was there before.
pub(super) async fn undo(native: &Native, caller: &Caller, id: &str) -> Result<Applied, Refusal> {
    caller.may_administer()?;
    let mut all = native.ledger.applied().map_err(Refusal::from)?;
    let Some(mut applied) = all.remove(id) else {
        return Err(Refusal::not_found("applied advice", id));
    };
    if applied.undone.is_some() {
        return Err(Refusal::conflict(format!("`{id}` was undone already")));
    }
    match (&applied.action, &applied.before) {
        (
            Action::ScaleEndpoint {
                workspace,
                endpoint,
                deployment,
                ..
            },
            Before::Replicas { replicas, most },
        ) => {
            own(caller, workspace)?;
            let place = (endpoint.as_str(), deployment.as_str());
            endpoint::scale(native, caller, place, *replicas, Most::Set(*most)).await?;
        }
        (
            Action::ExpireObjects {
                workspace, bucket, ..
            },
            Before::NoRule { id },
        ) => {
            own(caller, workspace)?;
            bucket::keep(native, caller, bucket, id).await?;
        }
        (
            Action::ScheduleEndpoint {
                workspace,
                endpoint,
                ..
            },
            Before::Tag { value, .. },
        ) => {
            own(caller, workspace)?;
            endpoint::tag(native, caller, endpoint, value.clone()).await?;
        }
        (
            action @ Action::SizeStep {
                workspace,
                pipeline,
                ..
            },
            Before::File,
        ) => {
            own(caller, workspace)?;
            step::tell(native, caller, pipeline, "sized-by-file", action).await?;
        }
        _ => {
            return Err(Refusal::internal(format!(
                "the record of `{id}` contradicts itself"
            )));
        }
    }
    applied.undone = Some(native.control.world.now());
    remember(native, applied.clone()).await?;
    Ok(applied)
}

/// A key is of one workspace, and so is what it changes.
fn own(caller: &Caller, workspace: &str) -> Result<(), Refusal> {
    if caller.workspace.as_str() == workspace {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "this is of the workspace `{workspace}`; apply it with a key of that workspace"
    )))
}

async fn remember(native: &Native, applied: Applied) -> Result<(), Refusal> {
    let ledger = native.ledger.clone();
    kept(move || ledger.remember_applied(applied)).await
}

async fn kept(
    write: impl FnOnce() -> Result<(), costs::Error> + Send + 'static,
) -> Result<(), Refusal> {
    let failed = |_| Refusal::internal("the record could not be kept");
    let written = tokio::task::spawn_blocking(write).await;
    written.map_err(failed)?.map_err(Refusal::from)
}
