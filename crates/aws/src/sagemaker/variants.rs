//! Production variants as deployments: weights become shares of the traffic.

use super::container::Container;
use super::models;
use super::{containers, multi_model};
use crate::fault::Fault;
use crate::operation::{Call, read};
use domain::endpoint::{Deployment, DeploymentOptions, EndpointSpec};
use domain::traffic::{Shadow, Traffic};
use domain::{ModelName, Name, Share};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The kind of endpoint configurations' documents.
pub(crate) const CONFIG: &str = "sagemaker/endpoint-config";
/// The kind of endpoints' documents.
pub(crate) const ENDPOINT: &str = "sagemaker/endpoint";

/// A production variant, as far as it decides what answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Variant {
    pub(crate) variant_name: String,
    #[serde(default)]
    pub(crate) model_name: Option<String>,
    #[serde(default)]
    pub(crate) initial_instance_count: Option<u32>,
    #[serde(default)]
    pub(crate) initial_variant_weight: Option<f64>,
    #[serde(default)]
    pub(crate) serverless_config: Option<Serverless>,
}

/// `ServerlessConfig`: workers come with the requests.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Serverless {
    pub(crate) max_concurrency: u32,
    #[serde(default, rename = "MemorySizeInMB")]
    pub(crate) memory_size: Option<u32>,
    #[serde(default)]
    pub(crate) provisioned_concurrency: Option<u32>,
}

/// What an endpoint's document holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// The configuration that it serves.
    pub(crate) config: String,
    /// Weights that were set since, by variant.
    pub(crate) weights: BTreeMap<String, f64>,
    /// Instance counts that were set since, by variant.
    pub(crate) counts: BTreeMap<String, u32>,
}

impl Endpoint {
    /// One that serves a configuration as it is.
    pub(crate) fn of(config: &str) -> Self {
        Self {
            config: config.to_owned(),
            weights: BTreeMap::new(),
            counts: BTreeMap::new(),
        }
    }

    /// The weight that a variant has now.
    pub(crate) fn weight(&self, variant: &Variant) -> f64 {
        let set = self.weights.get(&variant.variant_name).copied();
        set.or(variant.initial_variant_weight).unwrap_or(1.0)
    }

    /// The instances that a variant has now.
    pub(crate) fn count(&self, variant: &Variant) -> u32 {
        let set = self.counts.get(&variant.variant_name).copied();
        set.or(variant.initial_instance_count).unwrap_or(1)
    }
}

/// The variants of a configuration.
pub(crate) async fn of_config(call: &Call<'_>, config: &str) -> Result<Vec<Variant>, Fault> {
    variants(&request(call, config).await?)
}

/// The request of a configuration.
async fn request(call: &Call<'_>, config: &str) -> Result<Value, Fault> {
    let arn = call.arn("sagemaker", &format!("endpoint-config/{config}"));
    let found = call
        .aws
        .control
        .find_document(&call.caller(), CONFIG, config)
        .await?;
    let known =
        found.ok_or_else(|| super::fault::could_not_find("endpoint configuration", &arn))?;
    Ok(known.document.body)
}

/// The variants and shadow variants of a configuration.
pub(crate) async fn all_of_config(
    call: &Call<'_>,
    config: &str,
) -> Result<(Vec<Variant>, Vec<Variant>), Fault> {
    let request = request(call, config).await?;
    Ok((variants(&request)?, shadows(&request)?))
}

/// The instance types that an endpoint's variants were configured with, by their names; none where
/// another API made the endpoint or its configuration is gone.
pub(crate) async fn instance_types(
    call: &Call<'_>,
    endpoint: &str,
) -> Result<BTreeMap<String, String>, Fault> {
    let (control, caller) = (&call.aws.control, call.caller());
    let document = match control.find_document(&caller, ENDPOINT, endpoint).await? {
        Some(known) => read(known.document.body)?,
        None => Endpoint::of(endpoint),
    };
    let found = control
        .find_document(&caller, CONFIG, &document.config)
        .await?;
    let body = found.map(|known| known.document.body).unwrap_or_default();
    let all = body.get("ProductionVariants").and_then(Value::as_array);
    let named = all.into_iter().flatten().filter_map(|variant| {
        let text = |member: &str| variant.get(member)?.as_str().map(str::to_owned);
        Some((text("VariantName")?, text("InstanceType")?))
    });
    Ok(named.collect())
}

/// The variants in a configuration's request.
pub(crate) fn variants(request: &Value) -> Result<Vec<Variant>, Fault> {
    read(
        request
            .get("ProductionVariants")
            .cloned()
            .unwrap_or_default(),
    )
}

/// The shadow variants in a configuration's request
/// (<https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html>).
pub(crate) fn shadows(request: &Value) -> Result<Vec<Variant>, Fault> {
    let all = request.get("ShadowProductionVariants");
    read(
        all.filter(|all| !all.is_null())
            .cloned()
            .unwrap_or_else(|| Value::Array(Vec::new())),
    )
}

/// What an endpoint shall serve: its variants, and shadows that are sent copies of the requests.
pub(crate) async fn spec(
    call: &Call<'_>,
    endpoint: &Endpoint,
    variants: &[Variant],
    shadows: &[Variant],
) -> Result<EndpointSpec, Fault> {
    let weights: Vec<f64> = variants
        .iter()
        .map(|variant| endpoint.weight(variant))
        .collect();
    let shares = shares(&weights)?;
    let (mut deployments, mut tags) = (Vec::new(), BTreeMap::new());
    for (variant, share) in variants.iter().zip(shares) {
        let (model, model_name) = model_of(call, variant).await?;
        let containers = model.containers()?;
        let is_one_of_many = variants.len() > 1 || !shadows.is_empty();
        let container = containers.all().find(|one| Container::is_multi_model(one));
        if is_one_of_many && (container.is_some() || !model.others.is_empty()) {
            return Err(Fault::unsupported(
                "a model of several containers or of a multi-model container is served by an \
                 endpoint with one variant",
            ));
        }
        let mut first = deployment(endpoint, variant, &model, model_name, share)?;
        if let Some(container) = container {
            multi_model::label(&mut tags, container);
            // Each of its models has workers of its own.
            first.replicas = 0;
        }
        if !model.others.is_empty() {
            containers::label(&mut tags, &variant.variant_name, &containers);
        }
        for (position, other) in model.others.iter().enumerate() {
            deployments.push(Deployment {
                name: containers::deployment(&variant.variant_name, position + 1)?,
                model: other.model.clone(),
                version: other.version,
                share: Share::NONE,
                ..first.clone()
            });
        }
        deployments.push(first);
    }
    let mut traffic = Traffic::default();
    let sum: f64 = weights.iter().sum();
    for shadow in shadows {
        let (model, model_name) = model_of(call, shadow).await?;
        model.one("a shadow variant")?;
        let copy = deployment(endpoint, shadow, &model, model_name, Share::NONE)?;
        traffic.shadows.push(Shadow {
            deployment: copy.name.clone(),
            share: copies(endpoint.weight(shadow), sum)?,
        });
        deployments.push(copy);
    }
    Ok(EndpointSpec {
        deployments,
        tags,
        traffic,
        capture: None,
    })
}

async fn model_of<'a>(
    call: &Call<'_>,
    variant: &'a Variant,
) -> Result<(models::Model, &'a str), Fault> {
    let name = variant.model_name.as_deref().ok_or_else(|| {
        Fault::unsupported("variants of inference components are not served; give a ModelName")
    })?;
    let (model, _) = models::find(call, name).await?;
    Ok((model, name))
}

/// A variant as a deployment of its model's first container.
fn deployment(
    endpoint: &Endpoint,
    variant: &Variant,
    model: &models::Model,
    model_name: &str,
    share: Share,
) -> Result<Deployment, Fault> {
    let bad = |error: domain::id::InvalidName| Fault::validation(error.to_string());
    let (replicas, most) = match &variant.serverless_config {
        None => (endpoint.count(variant), None),
        Some(serverless) => (
            serverless.provisioned_concurrency.unwrap_or(0),
            Some(serverless.max_concurrency.max(1)),
        ),
    };
    Ok(Deployment {
        name: Name::new(variant.variant_name.as_str()).map_err(bad)?,
        model: ModelName::new(model.registered(model_name)).map_err(bad)?,
        version: model.version,
        replicas,
        share,
        options: DeploymentOptions {
            most_replicas: most,
            ..DeploymentOptions::default()
        },
    })
}

/// The share of the requests that a shadow gets copies of: its weight beside the variants'.
fn copies(weight: f64, of: f64) -> Result<Share, Fault> {
    let points = (weight / of * 10_000.0).round();
    if !(1.0..=10_000.0).contains(&points) {
        return Err(Fault::validation(
            "the weight of a shadow variant must be more than 0 and at most the production \
             variant's, which is all requests",
        ));
    }
    Share::try_from(points as u16).map_err(Fault::validation)
}

/// Weights as shares that add up to exactly everything: rounded down, and what is left over goes
/// to the largest remainders.
fn shares(weights: &[f64]) -> Result<Vec<Share>, Fault> {
    let sum: f64 = weights.iter().sum();
    let good = weights
        .iter()
        .all(|weight| weight.is_finite() && *weight >= 0.0);
    if !good || sum <= 0.0 || !sum.is_finite() {
        return Err(Fault::validation(
            "the weights of the variants must not be negative, and one must be more than 0",
        ));
    }
    let exact: Vec<f64> = weights
        .iter()
        .map(|weight| weight / sum * 10_000.0)
        .collect();
    let mut points: Vec<u16> = exact.iter().map(|exact| exact.floor() as u16).collect();
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()));
    let missing = 10_000_u16.saturating_sub(points.iter().sum());
    for at in order.into_iter().cycle().take(usize::from(missing)) {
        points[at] += 1;
    }
    points
        .into_iter()
        .map(|points| Share::try_from(points).map_err(Fault::validation))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_whatever_the_weights() {
        for weights in [
            vec![1.0],
            vec![1.0, 1.0, 1.0],
            vec![0.1, 7.0, 0.0, 2.3],
            vec![1e-9, 1e9],
        ] {
            let sum: u32 = shares(&weights)
                .unwrap()
                .iter()
                .map(|share| u32::from(share.basis_points()))
                .sum();
            assert_eq!(sum, 10_000, "{weights:?}");
        }
        for bad in [
            vec![0.0],
            vec![-1.0, 2.0],
            vec![f64::NAN],
            vec![f64::INFINITY],
            vec![],
        ] {
            assert!(shares(&bad).is_err(), "{bad:?}");
        }
    }
}
