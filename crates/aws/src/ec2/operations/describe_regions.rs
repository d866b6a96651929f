//! `DescribeRegions`: AWS' regions that the catalog has offers of.

use crate::ec2::fault::value;
use crate::ec2::filter::{self, passes};
use crate::ec2::offers::{regions, table};
use crate::ec2::reading::{texts, unless_dry};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::{Value, json};

pub(crate) struct DescribeRegions;

impl Operation for DescribeRegions {
    const NAME: &'static str = "DescribeRegions";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let filters = filter::read(&input)?;
        let names = texts(&input, "RegionName")?;
        unless_dry(&input)?;
        let table = table(call)?;
        let known = regions(&table);
        if let Some(name) = names.iter().find(|name| !known.contains(*name)) {
            let name: String = name.chars().take(60).collect();
            return Err(value(format!("Invalid region provided: {name}")));
        }
        let mut shown = Vec::new();
        for region in known {
            let endpoint = format!("ec2.{region}.amazonaws.com");
            let facet = |name: &str| {
                let one = match name {
                    "region-name" => region.to_owned(),
                    "endpoint" => endpoint.clone(),
                    "opt-in-status" => "opt-in-not-required".to_owned(),
                    _ => return None,
                };
                Some(vec![one])
            };
            if (names.is_empty() || names.contains(&region)) && passes(&filters, facet)? {
                shown.push(json!({
                    "regionName": region,
                    "regionEndpoint": endpoint,
                    "optInStatus": "opt-in-not-required",
                }));
            }
        }
        Ok(json!({"regionInfo": shown}))
    }
}
