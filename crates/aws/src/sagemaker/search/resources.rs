//! What can be searched: one row a resource, with the members that its results have.

use crate::fault::Fault;
use crate::kept::{self, Which};
use crate::operation::Call;
use crate::operation::read;
use crate::sagemaker::entities::{self, COMPONENT, EXPERIMENT, Kind, TRIAL};
use crate::sagemaker::experiments::{components, trials};
use crate::sagemaker::fault::fault;
use crate::sagemaker::jobs::commands;
use crate::sagemaker::operations::{described_endpoint, described_model, described_training_job};
use crate::sagemaker::{endpoints, features, jobs, models, registry, tags};
use control::jobs::JobFilter;
use domain::job::Job;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most resources that one search looks at.
const MOST: usize = 100_000;

/// A kind of resource.
pub(crate) struct Resource {
    /// As requests name it.
    name: &'static str,
    /// The member of a result that holds it.
    pub(crate) member: &'static str,
    /// The member that its tags are kept by.
    arn: &'static str,
    /// The members of its descriptions that results do not have.
    without: &'static [&'static str],
    /// All of them, as they are described.
    all: All,
}

type All = for<'a> fn(&'a Call<'a>) -> BoxFuture<'a, Result<Vec<Value>, Fault>>;

const RESOURCES: &[Resource] = &[
    Resource {
        name: "TrainingJob",
        member: "TrainingJob",
        arn: "TrainingJobArn",
        without: &[
            "RemoteDebugConfig",
            "InfraCheckConfig",
            "SessionChainingConfig",
            "ServerlessJobConfig",
            "MlflowConfig",
        ],
        all: |call| Box::pin(training_jobs(call)),
    },
    Resource {
        name: "Experiment",
        member: "Experiment",
        arn: "ExperimentArn",
        without: &[],
        all: |call| Box::pin(entities_of(call, &EXPERIMENT)),
    },
    Resource {
        name: "ExperimentTrial",
        member: "Trial",
        arn: "TrialArn",
        without: &[],
        all: |call| Box::pin(all_trials(call)),
    },
    Resource {
        name: "ExperimentTrialComponent",
        member: "TrialComponent",
        arn: "TrialComponentArn",
        without: &["Sources"],
        all: |call| Box::pin(trial_components(call)),
    },
    Resource {
        name: "FeatureGroup",
        member: "FeatureGroup",
        arn: "FeatureGroupArn",
        without: &["NextToken", "OnlineStoreTotalSizeBytes", "ThroughputConfig"],
        all: |call| Box::pin(feature_groups(call)),
    },
    Resource {
        name: "Endpoint",
        member: "Endpoint",
        arn: "EndpointArn",
        without: &[
            "LastDeploymentConfig",
            "AsyncInferenceConfig",
            "PendingDeploymentSummary",
            "ExplainerConfig",
        ],
        all: |call| Box::pin(all_endpoints(call)),
    },
    Resource {
        name: "Model",
        member: "Model",
        arn: "ModelArn",
        without: &[],
        all: |call| Box::pin(all_models(call)),
    },
    Resource {
        name: "ModelPackage",
        member: "ModelPackage",
        arn: "ModelPackageArn",
        without: &["ManagedStorageType"],
        all: |call| Box::pin(model_packages(call)),
    },
    Resource {
        name: "ModelPackageGroup",
        member: "ModelPackageGroup",
        arn: "ModelPackageGroupArn",
        without: &["ManagedConfiguration"],
        all: |call| Box::pin(model_package_groups(call)),
    },
];

/// The resource of a name.
pub(crate) fn named(name: &str) -> Result<&'static Resource, Fault> {
    let found = RESOURCES.iter().find(|resource| resource.name == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = RESOURCES.iter().map(|resource| resource.name).collect();
        Fault::unsupported(format!(
            "a search over `{}` is not served; these are: {}",
            name.chars().take(80).collect::<String>(),
            names.join(", ")
        ))
    })
}

/// All resources of a kind, with their tags.
pub(crate) async fn all(call: &Call<'_>, resource: &Resource) -> Result<Vec<Value>, Fault> {
    let mut items = (resource.all)(call).await?;
    let tags = tags(call).await?;
    for item in &mut items {
        if let Value::Object(members) = item {
            members.retain(|name, value| {
                !value.is_null() && !resource.without.contains(&name.as_str())
            });
        }
        if let Some(own) = item[resource.arn].as_str().and_then(|arn| tags.get(arn)) {
            item["Tags"] = own.clone();
        }
    }
    Ok(items)
}

/// All tags, by ARN.
async fn tags(call: &Call<'_>) -> Result<BTreeMap<String, Value>, Fault> {
    let found = kept::all(call, tags::KIND, &Which::default())
        .await
        .map_err(fault)?;
    let tags = found.into_iter().map(|document| {
        let pairs = document.body.as_object().cloned().unwrap_or_default();
        let list = pairs
            .into_iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}));
        (document.id, Value::Array(list.collect()))
    });
    Ok(tags.collect())
}

async fn training_jobs(call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let caller = call.caller();
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let filter = JobFilter {
            tags: commands::labels(jobs::TRAINING),
            after,
            limit: 500,
            ..JobFilter::default()
        };
        let (page, next) = call
            .aws
            .control
            .jobs(&caller, &filter)
            .await
            .map_err(fault)?;
        let shown = |job: &&Arc<Job>| commands::shown_name(jobs::TRAINING, "", job).is_some();
        for job in page.iter().filter(shown) {
            items.push(described_training_job(call, job)?);
        }
        after = next;
        if after.is_none() {
            return Ok(items);
        }
        if items.len() > MOST {
            return Err(too_many());
        }
    }
}

fn too_many() -> Fault {
    Fault::validation(format!("more than {MOST} resources cannot be searched"))
}

async fn all_endpoints(call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let caller = call.caller();
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = call
            .aws
            .control
            .endpoints(&caller, after, 500)
            .await
            .map_err(fault)?;
        for endpoint in page {
            if let Some(found) = endpoints::find(call, endpoint.name.as_str()).await? {
                items.push(described_endpoint(call, &found).await?);
            }
        }
        after = next;
        if after.is_none() {
            return Ok(items);
        }
    }
}

async fn all_models(call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let found = kept::all(call, models::KIND, &Which::default())
        .await
        .map_err(fault)?;
    let items = found.into_iter().map(|document| {
        let model: models::Model = read(document.body)?;
        Ok(described_model(
            call,
            &document.id,
            model.request,
            document.created,
        ))
    });
    items.collect()
}

async fn model_packages(call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let mut packages = registry::unversioned(call).await?;
    for group in registry::all_groups(call).await? {
        packages.extend(registry::of_group(call, &group).await?);
    }
    Ok(packages
        .iter()
        .map(|package| registry::described(call, package))
        .collect())
}

async fn model_package_groups(call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let groups = registry::all_groups(call).await?;
    Ok(groups
        .iter()
        .map(|group| registry::group(call, group))
        .collect())
}

async fn entities_of(call: &Call<'_>, kind: &'static Kind) -> Result<Vec<Value>, Fault> {
    let found = entities::all(call, kind, &Which::default()).await?;
    Ok(found.iter().map(|one| one.described(call, kind)).collect())
}

/// Trials with the names of their components.
async fn all_trials(call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let mut found = entities_of(call, &TRIAL).await?;
    for trial in &mut found {
        let name = trial["TrialName"].as_str().unwrap_or_default();
        let components = trials::components(call, name).await?;
        let summaries = components.iter().map(|component| {
            json!({
                "TrialComponentName": component,
                "TrialComponentArn": COMPONENT.arn(call, component),
            })
        });
        trial["TrialComponentSummaries"] = Value::Array(summaries.collect());
    }
    Ok(found)
}

/// Components with their metrics and what they belong to.
async fn trial_components(call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let parents = trials::parents(call).await?;
    let mut items = Vec::new();
    for component in components::all(call).await? {
        let mut item = components::described(call, &component).await?;
        if let Some(parents) = parents.get(&component.id) {
            item["Parents"] = json!(parents);
        }
        items.push(item);
    }
    Ok(items)
}

async fn feature_groups(call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let groups = features::group::all(call).await?;
    Ok(groups.iter().map(|group| group.described(call)).collect())
}
