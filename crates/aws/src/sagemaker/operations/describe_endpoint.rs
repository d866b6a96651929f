//! `DescribeEndpoint`: how an endpoint stands and what answers behind it.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::endpoints::{Found, require, status};
use crate::sagemaker::variants::{self, Variant};
use crate::sagemaker::{asynchronous, data_capture};
use crate::time::Epoch;
use domain::endpoint::EndpointPhase;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct DescribeEndpoint;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    endpoint_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    endpoint_name: String,
    endpoint_arn: String,
    endpoint_config_name: String,
    production_variants: Vec<Summary>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shadow_production_variants: Vec<Summary>,
    endpoint_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    async_inference_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_capture_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    creation_time: Epoch,
    last_modified_time: Epoch,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    variant_name: String,
    current_weight: f64,
    desired_weight: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_instance_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desired_instance_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_serverless_config: Option<Value>,
}

impl Operation for DescribeEndpoint {
    const NAME: &'static str = "DescribeEndpoint";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let found = require(call, &input.endpoint_name).await?;
        of(call, &found).await
    }
}

/// An endpoint's description.
pub(crate) async fn described(call: &Call<'_>, found: &Found) -> Result<Value, Fault> {
    let output = of(call, found).await?;
    serde_json::to_value(output)
        .map_err(|error| Fault::common(domain::Refusal::internal(error.to_string())))
}

async fn of(call: &Call<'_>, found: &Found) -> Result<Output, Fault> {
    let name = found.endpoint.name.to_string();
    let failure_reason = match &found.endpoint.phase {
        EndpointPhase::Failed { message } => Some(message.chars().take(1_024).collect()),
        _ => None,
    };
    let (production_variants, shadow_production_variants) = summaries(call, found).await?;
    Ok(Output {
        endpoint_arn: call.arn("sagemaker", &format!("endpoint/{name}")),
        endpoint_config_name: found.document.config.clone(),
        production_variants,
        shadow_production_variants,
        endpoint_status: status(&found.endpoint),
        async_inference_config: asynchronous::described(call, &found.document.config).await?,
        data_capture_config: data_capture::described(call, &found.document.config).await?,
        failure_reason,
        creation_time: Epoch(found.endpoint.created),
        last_modified_time: Epoch(found.endpoint.updated),
        endpoint_name: name,
    })
}

/// The variants and shadow variants by their configuration; by the deployments when it is gone or never was.
async fn summaries(call: &Call<'_>, found: &Found) -> Result<(Vec<Summary>, Vec<Summary>), Fault> {
    if let Ok((all, shadows)) = variants::all_of_config(call, &found.document.config).await {
        let shown = |all: &[Variant]| all.iter().map(|one| summary(found, one)).collect();
        return Ok((shown(&all), shown(&shadows)));
    }
    let deployments = found.endpoint.spec.deployments.iter();
    let summaries = deployments.map(|deployment| Summary {
        variant_name: deployment.name.to_string(),
        current_weight: f64::from(deployment.share.basis_points()) / 10_000.0,
        desired_weight: f64::from(deployment.share.basis_points()) / 10_000.0,
        current_instance_count: Some(deployment.replicas),
        desired_instance_count: Some(deployment.replicas),
        current_serverless_config: None,
    });
    Ok((summaries.collect(), Vec::new()))
}

fn summary(found: &Found, variant: &Variant) -> Summary {
    let weight = found.document.weight(variant);
    let count = found.document.count(variant);
    let serverless = variant.serverless_config.as_ref();
    let count = serverless.is_none().then_some(count);
    Summary {
        variant_name: variant.variant_name.clone(),
        current_weight: weight,
        desired_weight: weight,
        current_instance_count: count,
        desired_instance_count: count,
        current_serverless_config: serverless.map(|serverless| {
            serde_json::json!({
                "MemorySizeInMB": serverless.memory_size,
                "MaxConcurrency": serverless.max_concurrency,
            })
        }),
    }
}
