//! `DescribeInstances`: what Tradewind started, by ids or filters.

use crate::ec2::filter::{self, passes};
use crate::ec2::instances::{self, Instance};
use crate::ec2::reading::{page, texts, unless_dry};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::time::iso;
use serde_json::{Value, json};

pub(crate) struct DescribeInstances;

impl Operation for DescribeInstances {
    const NAME: &'static str = "DescribeInstances";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let filters = filter::read(&input)?;
        let ids = texts(&input, "InstanceId")?;
        unless_dry(&input)?;
        let all = if ids.is_empty() {
            instances::all(call).await?
        } else {
            instances::require(call, &ids).await?
        };
        let mut wanted = Vec::new();
        for instance in all {
            if passes(&filters, |name| instance.facet(name))? {
                wanted.push(instance);
            }
        }
        let (wanted, next) = page(&input, wanted, (5, 1_000))?;
        let reservations: Vec<Value> = wanted.iter().map(|one| reservation(call, one)).collect();
        Ok(json!({"reservationSet": reservations, "nextToken": next}))
    }
}

/// Each instance was asked for by itself.
fn reservation(call: &Call<'_>, instance: &Instance) -> Value {
    json!({
        "reservationId": instance.id.replacen("i-", "r-", 1),
        "ownerId": call.aws.account.id,
        "groupSet": [],
        "instancesSet": [shown(instance)],
    })
}

/// What an instance has. It has no image, network and disks of its own, and says nothing of them.
fn shown(instance: &Instance) -> Value {
    let over = instance.reason.as_ref();
    json!({
        "instanceId": instance.id,
        "instanceState": instance.state.shown(),
        "instanceType": instance.kind,
        "launchTime": iso(instance.launched),
        "placement": {"availabilityZone": instance.zone, "tenancy": "default"},
        "monitoring": {"state": "enabled"},
        "amiLaunchIndex": 0,
        "productCodes": [],
        "rootDeviceType": "instance-store",
        "blockDeviceMapping": [],
        "groupSet": [],
        "tagSet": instance.tag_set(),
        "reason": over.cloned().unwrap_or_default(),
        "stateReason": over.map(|why| json!({"code": "Tradewind", "message": why})),
    })
}
