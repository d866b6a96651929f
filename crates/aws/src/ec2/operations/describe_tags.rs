//! `DescribeTags`: the tags of instances.

use crate::ec2::filter::{self, passes};
use crate::ec2::instances;
use crate::ec2::reading::{page, unless_dry};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde_json::{Value, json};

pub(crate) struct DescribeTags;

impl Operation for DescribeTags {
    const NAME: &'static str = "DescribeTags";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let filters = filter::read(&input)?;
        unless_dry(&input)?;
        let mut tags = Vec::new();
        for instance in instances::all(call).await? {
            for (key, value) in &instance.tags {
                let facet = |name: &str| {
                    let one = match name {
                        "key" => key.clone(),
                        "value" => value.clone(),
                        "resource-id" => instance.id.clone(),
                        "resource-type" => "instance".to_owned(),
                        _ => {
                            let own = name.strip_prefix("tag:")?;
                            let same = (own == key).then(|| value.clone());
                            return Some(same.into_iter().collect());
                        }
                    };
                    Some(vec![one])
                };
                if passes(&filters, facet)? {
                    tags.push(json!({
                        "resourceId": instance.id,
                        "resourceType": "instance",
                        "key": key,
                        "value": value,
                    }));
                }
            }
        }
        let (tags, next) = page(&input, tags, (5, 1_000))?;
        Ok(json!({"tagSet": tags, "nextToken": next}))
    }
}
