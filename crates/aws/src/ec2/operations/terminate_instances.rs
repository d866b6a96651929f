//! `TerminateInstances`: stops the jobs behind instances.

use crate::ec2::fault::missing;
use crate::ec2::instances::{self, Instance, Source, State};
use crate::ec2::reading::{texts, unless_dry};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::{Value, json};

pub(crate) struct TerminateInstances;

impl Operation for TerminateInstances {
    const NAME: &'static str = "TerminateInstances";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        end(call, &input, "terminated").await
    }
}

/// Ends what a request names: all of it, or nothing when one of it cannot be ended.
pub(super) async fn end(call: &Call<'_>, input: &Value, word: &str) -> Result<Value, Fault> {
    let ids = texts(input, "InstanceId")?;
    if ids.is_empty() {
        return Err(missing("InstanceId"));
    }
    let found = instances::require(call, &ids).await?;
    if let Some((name, instance)) = found.iter().find_map(worker) {
        let text = format!(
            "The instance '{}' may not be {word} by itself: it is a worker of the endpoint \
             `{name}`, which starts another; delete the endpoint or lower its instance count",
            instance.id
        );
        return Err(Fault::new("OperationNotPermitted", text));
    }
    call.caller().may_edit()?;
    unless_dry(input)?;
    let mut changes = Vec::new();
    for instance in &found {
        let mut now = instance.state;
        if let (Source::Attempt(job, _), State::Pending | State::Running) =
            (&instance.source, instance.state)
        {
            call.aws.control.stop_job(&call.caller(), job).await?;
            now = State::ShuttingDown;
        }
        changes.push(json!({
            "instanceId": instance.id,
            "currentState": now.shown(),
            "previousState": instance.state.shown(),
        }));
    }
    Ok(json!({"instancesSet": changes}))
}

fn worker(instance: &Instance) -> Option<(String, &Instance)> {
    match &instance.source {
        Source::Worker(key, ..) => Some((key.name.to_string(), instance)),
        Source::Attempt(..) => None,
    }
}
