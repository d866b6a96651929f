//! Functions that are called for the new objects of a bucket, as S3's notifications want it.

use crate::Aws;
use crate::lambda;
use ::s3::{AccessError, Notification};
use control::Caller;
use control::functions::Presence;
use domain::function::{Function, FunctionSpec, Trigger, TriggerKind};
use domain::{FunctionName, Name, Refusal, Workspace};
use std::collections::BTreeMap;

/// Makes the triggers of functions be what is wanted for a bucket, in place of what was before.
pub(crate) async fn arrange(
    aws: &Aws,
    workspace: &Workspace,
    bucket: &str,
    before: &[Notification],
    wanted: &mut [Notification],
) -> Result<(), AccessError> {
    let caller = Caller::system(workspace.clone());
    // All that are wanted must be there before any is changed.
    let mut specs: BTreeMap<FunctionName, FunctionSpec> = BTreeMap::new();
    for one in wanted.iter() {
        let no_destination = || AccessError::NoDestination(one.function.clone());
        let name = named(&one.function).ok_or_else(no_destination)?;
        let found = function(aws, &caller, &name).await?;
        let found = found.ok_or_else(no_destination)?;
        specs.entry(name).or_insert(found.spec);
    }
    for one in before {
        let Some(name) = named(&one.function) else {
            continue;
        };
        if !specs.contains_key(&name) {
            match function(aws, &caller, &name).await? {
                Some(found) => {
                    specs.insert(name.clone(), found.spec);
                }
                // It was deleted, and its triggers with it.
                None => continue,
            }
        }
        if let Some(spec) = specs.get_mut(&name) {
            let is_ours = |trigger: &Trigger| {
                matches!(&trigger.kind, TriggerKind::ObjectCreated { bucket: of, .. }
                    if of == bucket && trigger.name.as_str() == one.trigger)
            };
            spec.triggers.retain(|trigger| !is_ours(trigger));
        }
    }
    for one in wanted {
        let spec = named(&one.function).and_then(|name| specs.get_mut(&name));
        let spec = spec.ok_or_else(|| AccessError::NoDestination(one.function.clone()))?;
        let name = free(spec, &one.id).map_err(AccessError::Unavailable)?;
        name.as_str().clone_into(&mut one.trigger);
        spec.triggers.push(Trigger {
            name,
            kind: TriggerKind::ObjectCreated {
                bucket: bucket.to_owned(),
                prefix: one.prefix.clone(),
                suffix: one.suffix.clone(),
            },
        });
    }
    for (name, spec) in &specs {
        let put = aws
            .control
            .put_function(&caller, name, spec, Presence::Present);
        put.await.map_err(|refusal| match refusal {
            Refusal::NotFound { .. } => AccessError::NoDestination(name.to_string()),
            other => AccessError::Unavailable(other.to_string()),
        })?;
    }
    Ok(())
}

/// The function of an ARN without a qualifier; versions and aliases are not called by buckets.
fn named(arn: &str) -> Option<FunctionName> {
    match lambda::function(arn) {
        Ok((name, None)) => Some(name),
        Ok((name, Some(qualifier))) if qualifier == "$LATEST" => Some(name),
        _ => None,
    }
}

async fn function(
    aws: &Aws,
    caller: &Caller,
    name: &FunctionName,
) -> Result<Option<Function>, AccessError> {
    match aws.control.function(caller, name).await {
        Ok(found) => Ok(Some(found)),
        Err(Refusal::NotFound { .. }) => Ok(None),
        Err(refusal) => Err(AccessError::Unavailable(refusal.to_string())),
    }
}

/// A name that no trigger of the function has: the notification's own, when it can be one.
fn free(spec: &FunctionSpec, id: &str) -> Result<Name, String> {
    let plain = if Name::new(id).is_ok() { id } else { "objects" };
    let is_taken = |name: &Name| spec.triggers.iter().any(|trigger| trigger.name == *name);
    let mut number = 1;
    loop {
        let text = match number {
            1 => plain.to_owned(),
            other => format!("{}-{other}", plain.chars().take(55).collect::<String>()),
        };
        let name = Name::new(text).map_err(|error| error.to_string())?;
        if !is_taken(&name) {
            return Ok(name);
        }
        number += 1;
    }
}
