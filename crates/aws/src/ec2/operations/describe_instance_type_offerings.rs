//! `DescribeInstanceTypeOfferings`: which machine types the catalog has where.

use crate::ec2::fault::value;
use crate::ec2::filter::{self, passes};
use crate::ec2::offers::{of_region, table, zones};
use crate::ec2::reading::{page, text, unless_dry};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(crate) struct DescribeInstanceTypeOfferings;

impl Operation for DescribeInstanceTypeOfferings {
    const NAME: &'static str = "DescribeInstanceTypeOfferings";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let filters = filter::read(&input)?;
        let by = text(&input, "LocationType").unwrap_or("region");
        unless_dry(&input)?;
        let table = table(call)?;
        let mut offered: BTreeSet<(String, String)> = BTreeSet::new();
        let all_zones = zones(&table, call.region);
        if by == "availability-zone" && all_zones.is_empty() {
            return Err(value(format!(
                "the catalog has prices of the whole region {}, not of its zones",
                call.region
            )));
        }
        for offer in of_region(&table, call.region) {
            let machine = offer.machine().name.to_string();
            match by {
                "region" => {
                    offered.insert((machine, call.region.to_owned()));
                }
                // An offer without a zone holds in all of them.
                "availability-zone" if offer.zone().is_empty() => {
                    for zone in &all_zones {
                        offered.insert((machine.clone(), zone.clone()));
                    }
                }
                "availability-zone" => {
                    offered.insert((machine, offer.zone().to_owned()));
                }
                _ => return Err(value("LocationType is region or availability-zone here")),
            }
        }
        let mut shown = Vec::new();
        for (machine, place) in offered {
            let facet = |name: &str| match name {
                "instance-type" => Some(vec![machine.clone()]),
                "location" => Some(vec![place.clone()]),
                _ => None,
            };
            if passes(&filters, facet)? {
                shown.push(json!({
                    "instanceType": machine,
                    "locationType": by,
                    "location": place,
                }));
            }
        }
        let (shown, next) = page(&input, shown, (5, 1_000))?;
        Ok(json!({"instanceTypeOfferingSet": shown, "nextToken": next}))
    }
}
