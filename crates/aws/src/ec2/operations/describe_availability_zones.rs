//! `DescribeAvailabilityZones`: the zones of the signed region that the catalog has offers of, and
//! `here`, where this machine's instances are.

use crate::ec2::fault::value;
use crate::ec2::filter::{self, passes};
use crate::ec2::instances::HERE;
use crate::ec2::offers::{table, zones};
use crate::ec2::reading::{texts, unless_dry};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::{Value, json};

pub(crate) struct DescribeAvailabilityZones;

impl Operation for DescribeAvailabilityZones {
    const NAME: &'static str = "DescribeAvailabilityZones";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let filters = filter::read(&input)?;
        let names = texts(&input, "ZoneName")?;
        if !texts(&input, "ZoneId")?.is_empty() {
            return Err(value("the catalog has no ids of zones; give ZoneName"));
        }
        unless_dry(&input)?;
        let table = table(call)?;
        let mut known = zones(&table, call.region);
        known.push(HERE.to_owned());
        if let Some(name) = names
            .iter()
            .find(|name| !known.iter().any(|zone| zone == *name))
        {
            let name: String = name.chars().take(60).collect();
            return Err(value(format!("Invalid availability zone: [{name}]")));
        }
        let mut shown = Vec::new();
        for zone in &known {
            let facet = |name: &str| {
                let one = match name {
                    "zone-name" => zone.clone(),
                    "region-name" => call.region.to_owned(),
                    "state" => "available".to_owned(),
                    "zone-type" => "availability-zone".to_owned(),
                    "opt-in-status" => "opt-in-not-required".to_owned(),
                    _ => return None,
                };
                Some(vec![one])
            };
            if (names.is_empty() || names.contains(&zone.as_str())) && passes(&filters, facet)? {
                shown.push(json!({
                    "zoneName": zone,
                    "zoneState": "available",
                    "regionName": call.region,
                    "optInStatus": "opt-in-not-required",
                    "zoneType": "availability-zone",
                    "messageSet": [],
                }));
            }
        }
        Ok(json!({"availabilityZoneInfo": shown}))
    }
}
