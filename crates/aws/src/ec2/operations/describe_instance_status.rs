//! `DescribeInstanceStatus`: the states of instances, those that run unless all are asked for.

use crate::ec2::filter::{self, passes};
use crate::ec2::instances::{self, Instance, State};
use crate::ec2::reading::{page, texts, truth, unless_dry};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::{Value, json};

pub(crate) struct DescribeInstanceStatus;

impl Operation for DescribeInstanceStatus {
    const NAME: &'static str = "DescribeInstanceStatus";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let filters = filter::read(&input)?;
        let ids = texts(&input, "InstanceId")?;
        let every = truth(&input, "IncludeAllInstances")?;
        unless_dry(&input)?;
        let all = if ids.is_empty() {
            instances::all(call).await?
        } else {
            instances::require(call, &ids).await?
        };
        let mut wanted = Vec::new();
        for instance in all {
            let shown = every || instance.state == State::Running;
            if shown && passes(&filters, |name| facet(&instance, name))? {
                wanted.push(instance);
            }
        }
        let (wanted, next) = page(&input, wanted, (5, 1_000))?;
        let statuses: Vec<Value> = wanted.iter().map(shown).collect();
        Ok(json!({"instanceStatusSet": statuses, "nextToken": next}))
    }
}

fn facet(instance: &Instance, name: &str) -> Option<Vec<String>> {
    match name {
        "instance-status.status" | "system-status.status" => {
            Some(vec![health(instance).to_owned()])
        }
        "availability-zone" | "instance-state-name" | "instance-state-code" => instance.facet(name),
        _ => None,
    }
}

/// A job whose code runs and a worker that is ready are well; of others nothing is known.
fn health(instance: &Instance) -> &'static str {
    match instance.state {
        State::Running => "ok",
        State::Pending => "initializing",
        State::ShuttingDown | State::Terminated => "not-applicable",
    }
}

fn shown(instance: &Instance) -> Value {
    json!({
        "instanceId": instance.id,
        "availabilityZone": instance.zone,
        "instanceState": instance.state.shown(),
        "instanceStatus": {"status": health(instance)},
        "systemStatus": {"status": health(instance)},
    })
}
