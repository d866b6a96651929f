//! Carries out what advice says of things that Tradewind runs, and takes it back.

use super::Native;
use contracts::store::{Commit, Key};
use control::Caller;
use control::transact::{Draft, event};
use costs::rules::{Action, Applied, Before, SHUTDOWN_TAG, WorkingHours};
use domain::audit::Actor;
use domain::endpoint::{Deployment, Endpoint};
use domain::{EndpointName, Refusal};
use futures::future::BoxFuture;
use objects::Rule;
use serde_json::json;

/// Does it, audited, and remembers what was there before.
pub(super) async fn apply(
    native: &Native,
    caller: &Caller,
    rule: &str,
    action: Action,
) -> Result<Applied, Refusal> {
    caller.may_administer()?;
    let before = match &action {
        Action::ScaleEndpoint {
            workspace,
            endpoint,
            deployment,
            replicas,
        } => {
            own(caller, workspace)?;
            scale(
                native,
                caller,
                (endpoint, deployment),
                *replicas,
                Most::AsBefore,
            )
            .await?
        }
        Action::ScheduleEndpoint {
            workspace,
            endpoint,
            hours,
        } => {
            own(caller, workspace)?;
            let hours: WorkingHours = hours.parse().map_err(Refusal::from)?;
            tag(native, caller, endpoint, Some(hours.to_string())).await?
        }
        Action::ExpireObjects {
            workspace,
            bucket,
            days,
        } => {
            own(caller, workspace)?;
            expire(native, caller, bucket, *days).await?
        }
    };
    let world = &native.control.world;
    let applied = Applied {
        id: world.fresh_id("advice"),
        rule: rule.to_owned(),
        action,
        before,
        at: world.now(),
        by: match &caller.actor {
            Actor::Key { name } => name.clone(),
            Actor::System => "tradewind".to_owned(),
        },
        undone: None,
    };
    remember(native, applied.clone()).await?;
    Ok(applied)
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
            scale(
                native,
                caller,
                (endpoint, deployment),
                *replicas,
                Most::Set(*most),
            )
            .await?;
        }
        (
            Action::ExpireObjects {
                workspace, bucket, ..
            },
            Before::NoRule { id },
        ) => {
            own(caller, workspace)?;
            keep(native, caller, bucket, id).await?;
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
            tag(native, caller, endpoint, value.clone()).await?;
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
    let kept = tokio::task::spawn_blocking(move || ledger.remember_applied(applied)).await;
    let failed = |_| Refusal::internal("the record could not be kept");
    kept.map_err(failed)?.map_err(Refusal::from)
}

/// How many replicas there may be under load.
enum Most {
    /// As many as there might be before.
    AsBefore,
    /// So many.
    Set(Option<u32>),
}

/// Keeps so many replicas ready.
async fn scale(
    native: &Native,
    caller: &Caller,
    (endpoint, deployment): (&String, &String),
    replicas: u32,
    most: Most,
) -> Result<Before, Refusal> {
    let name =
        EndpointName::new(endpoint.clone()).map_err(|error| Refusal::invalid(error.to_string()))?;
    let found: Endpoint = native.control.endpoint(caller, &name).await?;
    let mut spec = found.spec;
    let one: Option<&mut Deployment> = spec
        .deployments
        .iter_mut()
        .find(|one| one.name.as_str() == deployment.as_str());
    let Some(one) = one else {
        return Err(Refusal::not_found(
            "deployment",
            format!("{endpoint}/{deployment}"),
        ));
    };
    let before = Before::Replicas {
        replicas: one.replicas,
        most: one.options.most_replicas,
    };
    // As many as there were may still answer under load.
    let kept = one.most_replicas();
    one.replicas = replicas;
    one.options.most_replicas = match most {
        Most::AsBefore => Some(kept.max(replicas).max(1)),
        Most::Set(most) => most,
    };
    native.control.put_endpoint(caller, &name, &spec).await?;
    Ok(before)
}

/// Sets or removes the tag by which an endpoint sleeps; what it said before.
async fn tag(
    native: &Native,
    caller: &Caller,
    endpoint: &str,
    value: Option<String>,
) -> Result<Before, Refusal> {
    let name = EndpointName::new(endpoint).map_err(|error| Refusal::invalid(error.to_string()))?;
    let mut spec = native.control.endpoint(caller, &name).await?.spec;
    let before = match value {
        Some(value) => spec.tags.insert(SHUTDOWN_TAG.to_owned(), value),
        None => spec.tags.remove(SHUTDOWN_TAG),
    };
    native.control.put_endpoint(caller, &name, &spec).await?;
    Ok(Before::Tag {
        name: SHUTDOWN_TAG.to_owned(),
        value: before,
    })
}

async fn expire(
    native: &Native,
    caller: &Caller,
    bucket: &str,
    days: u32,
) -> Result<Before, Refusal> {
    let id = format!("tradewind-advice-{days}-days");
    let rule = Rule {
        id: id.clone(),
        enabled: true,
        days: Some(days),
        ..Rule::default()
    };
    let update = native
        .objects
        .update_bucket(&caller.workspace, bucket, |settings| {
            settings.lifecycle.retain(|one| one.id != rule.id);
            settings.lifecycle.push(rule.clone());
            Ok(())
        });
    update.await.map_err(refusal)?;
    let detail = json!({"lifecycle": "added", "rule": id, "days": days});
    audit(native, caller, bucket, detail).await?;
    Ok(Before::NoRule { id })
}

async fn keep(native: &Native, caller: &Caller, bucket: &str, id: &str) -> Result<(), Refusal> {
    let update = native
        .objects
        .update_bucket(&caller.workspace, bucket, |settings| {
            settings.lifecycle.retain(|one| one.id != id);
            Ok(())
        });
    update.await.map_err(refusal)?;
    let detail = json!({"lifecycle": "removed", "rule": id});
    audit(native, caller, bucket, detail).await
}

fn refusal(error: objects::Error) -> Refusal {
    match error {
        objects::Error::NoSuchBucket(name) => Refusal::not_found("bucket", name),
        other => Refusal::invalid(other.to_string()),
    }
}

/// Endpoints' changes are audited by their command; buckets have none of their own.
async fn audit(
    native: &Native,
    caller: &Caller,
    bucket: &str,
    detail: serde_json::Value,
) -> Result<(), Refusal> {
    let key = Key::new("bucket", &caller.workspace, bucket);
    let decide = || {
        let (key, caller, detail) = (key.clone(), caller.clone(), detail.clone());
        let draft: BoxFuture<'static, Result<Draft<()>, control::Error>> = Box::pin(async move {
            Ok(Draft {
                commit: Commit {
                    events: vec![event(&caller, &key, "updated", detail)],
                    ..Commit::default()
                },
                answer: (),
            })
        });
        draft
    };
    let request = ("bucket-lifecycle", bucket, &detail);
    native.control.transact(caller, &request, decide).await
}
