//! `UpdateEndpointWeightsAndCapacities`: shifts traffic and workers between the variants.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::endpoints::{apply, require};
use crate::sagemaker::variants;
use serde::{Deserialize, Serialize};

pub(crate) struct UpdateEndpointWeightsAndCapacities;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    endpoint_name: String,
    desired_weights_and_capacities: Vec<Desired>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Desired {
    variant_name: String,
    #[serde(default)]
    desired_weight: Option<f64>,
    #[serde(default)]
    desired_instance_count: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    endpoint_arn: String,
}

impl Operation for UpdateEndpointWeightsAndCapacities {
    const NAME: &'static str = "UpdateEndpointWeightsAndCapacities";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let name = &input.endpoint_name;
        let mut document = require(call, name).await?.document;
        let (mut known, shadows) = variants::all_of_config(call, &document.config).await?;
        known.extend(shadows);
        for desired in input.desired_weights_and_capacities {
            let variant = desired.variant_name;
            if !known.iter().any(|known| known.variant_name == variant) {
                return Err(Fault::validation(format!(
                    "Could not find variant \"{variant}\" of endpoint \"{name}\"."
                )));
            }
            if let Some(weight) = desired.desired_weight {
                document.weights.insert(variant.clone(), weight);
            }
            if let Some(count) = desired.desired_instance_count {
                document.counts.insert(variant, count);
            }
        }
        apply(call, name, &document).await?;
        Ok(Output {
            endpoint_arn: call.arn("sagemaker", &format!("endpoint/{name}")),
        })
    }
}
