//! Jobs as trial components: every training and processing job is one, and its ExperimentConfig
//! says to which trial it belongs.

use super::metrics::Point;
use super::trials;
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::entities::{self, EXPERIMENT, Entity, TRIAL};
use crate::sagemaker::fault::fault;
use crate::sagemaker::jobs::{PROCESSING, TRAINING, processing_id, status};
use crate::time::Epoch;
use control::jobs::JobFilter;
use control::rows::FOREIGN_LABEL;
use domain::job::Job;
use domain::{JobId, Refusal};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A kind of job, as components see it.
struct Origin {
    kind: &'static str,
    word: &'static str,
    source: &'static str,
    /// What the ids of its jobs have before the name.
    prefix: &'static str,
}

const ORIGINS: &[Origin] = &[
    Origin {
        kind: TRAINING,
        word: "training-job",
        source: "SageMakerTrainingJob",
        prefix: "",
    },
    Origin {
        kind: PROCESSING,
        word: "processing-job",
        source: "SageMakerProcessingJob",
        prefix: "processing.",
    },
];

/// The name of a job's component.
pub(crate) fn component(job: &str, word: &str) -> String {
    format!("{job}-aws-{word}")
}

/// The experiment and trial that a request names.
pub(crate) struct Wanted {
    experiment: String,
    trial: Option<String>,
}

/// Reads a request's ExperimentConfig; what it names must be there.
pub(crate) async fn wanted(call: &Call<'_>, request: &Value) -> Result<Option<Wanted>, Fault> {
    let text = |member: &str| {
        request["ExperimentConfig"][member]
            .as_str()
            .map(str::to_owned)
    };
    let trial = match text("TrialName") {
        Some(name) => Some(entities::require(call, &TRIAL, &name).await?),
        None => None,
    };
    let own = trial.as_ref().and_then(|trial| trial.parent.clone());
    let Some(experiment) = text("ExperimentName").or(own) else {
        return Ok(None);
    };
    let experiment = entities::require(call, &EXPERIMENT, &experiment).await?.id;
    let trial = trial.map(|trial| trial.id);
    Ok(Some(Wanted { experiment, trial }))
}

/// Puts a new job's component into its trial; without one a trial is made for it.
pub(crate) async fn associate(
    call: &Call<'_>,
    wanted: Wanted,
    job: &str,
    word: &str,
) -> Result<(), Fault> {
    let component = component(job, word);
    let trial = if let Some(trial) = wanted.trial {
        trial
    } else {
        let request = json!({"ExperimentName": wanted.experiment});
        trials::create(call, &component, request).await?;
        component.clone()
    };
    trials::associate(call, &trial, &component).await
}

/// The job that a component's name is of.
async fn job(call: &Call<'_>, component: &str) -> Result<Option<(&'static Origin, Job)>, Fault> {
    for origin in ORIGINS {
        let suffix = self::component("", origin.word);
        let Some(name) = component.strip_suffix(&suffix) else {
            continue;
        };
        let id = if origin.kind == PROCESSING {
            processing_id(name)
        } else {
            name.to_owned()
        };
        let Ok(id) = JobId::new(id) else { continue };
        match call.aws.control.job(&call.caller(), &id).await {
            Ok(job)
                if job
                    .foreign
                    .as_ref()
                    .is_some_and(|own| own.kind == origin.kind) =>
            {
                return Ok(Some((origin, job)));
            }
            Ok(_) | Err(Refusal::NotFound { .. }) => {}
            Err(refusal) => return Err(fault(refusal)),
        }
    }
    Ok(None)
}

/// The component of a job, if its name is one's.
pub(crate) async fn view(call: &Call<'_>, component: &str) -> Result<Option<Entity>, Fault> {
    let found = job(call, component).await?;
    Ok(found.map(|(origin, job)| of(call, origin, &job)))
}

/// The components of all jobs.
pub(crate) async fn all(call: &Call<'_>) -> Result<Vec<Entity>, Fault> {
    let caller = call.caller();
    let mut views = Vec::new();
    for origin in ORIGINS {
        let mut after = None;
        loop {
            let filter = JobFilter {
                tags: BTreeMap::from([(FOREIGN_LABEL.to_owned(), origin.kind.to_owned())]),
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
            views.extend(page.iter().map(|job| of(call, origin, job)));
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(views)
}

fn of(call: &Call<'_>, origin: &Origin, job: &Job) -> Entity {
    let id = job.id.as_str();
    let name = id.strip_prefix(origin.prefix).unwrap_or(id);
    let component = component(name, origin.word);
    let (now, times) = (status::of(job), status::times(job));
    let empty = Value::Null;
    let request = job
        .foreign
        .as_ref()
        .map_or(&empty, |foreign| &foreign.document);
    let shown = request["ExperimentConfig"]["TrialComponentDisplayName"].as_str();
    let mut about = json!({
        "DisplayName": shown.unwrap_or(&component),
        "Source": {
            "SourceArn": call.arn("sagemaker", &format!("{}/{name}", origin.word)),
            "SourceType": origin.source,
        },
        "Status": {"PrimaryStatus": now.status},
        "Parameters": parameters(job, request),
        "InputArtifacts": inputs(job),
        "OutputArtifacts": outputs(job),
    });
    if let Some(reason) = status::failure_reason(job) {
        about["Status"]["Message"] = json!(reason);
    }
    if let Some(at) = times.started {
        about["StartTime"] = json!(Epoch(at));
    }
    if let Some(at) = times.ended {
        about["EndTime"] = json!(Epoch(at));
    }
    Entity::derived(&component, about, job.created, times.modified)
}

/// Hyperparameters and what the job ran on; a number is a number.
fn parameters(job: &Job, request: &Value) -> Value {
    let mut all = Map::new();
    for (name, text) in &job.spec.hyperparameters {
        if !name.starts_with("sagemaker_") {
            let plain: String = serde_json::from_str(text).unwrap_or_else(|_| text.clone());
            all.insert(name.clone(), parameter(&plain));
        }
    }
    let resources = [
        &request["ResourceConfig"],
        &request["ProcessingResources"]["ClusterConfig"],
    ];
    for member in ["InstanceCount", "InstanceType", "VolumeSizeInGB"] {
        let found = resources.iter().find_map(|place| place.get(member));
        if let Some(value) = found.filter(|value| !value.is_null()) {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            all.insert(format!("SageMaker.{member}"), parameter(&text));
        }
    }
    let images = [
        &request["AlgorithmSpecification"]["TrainingImage"],
        &request["AppSpecification"]["ImageUri"],
    ];
    if let Some(uri) = images.iter().find_map(|image| image.as_str()) {
        all.insert("SageMaker.ImageUri".to_owned(), json!({"StringValue": uri}));
    }
    Value::Object(all)
}

fn parameter(text: &str) -> Value {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => json!({"NumberValue": number}),
        _ => json!({"StringValue": text.chars().take(2_500).collect::<String>()}),
    }
}

fn inputs(job: &Job) -> Value {
    let inputs = job.spec.inputs.iter();
    let inputs =
        inputs.filter_map(|(name, at)| Some((name.clone(), json!({"Value": at.first()?}))));
    Value::Object(inputs.collect())
}

fn outputs(job: &Job) -> Value {
    let outputs = job.spec.deliveries.iter().map(|delivery| {
        let archive = delivery.archive.as_deref().unwrap_or_default();
        let name = match delivery.output.as_str() {
            "model" => "SageMaker.ModelArtifact",
            other => other,
        };
        (
            name.to_owned(),
            json!({"Value": format!("{}{archive}", delivery.to)}),
        )
    });
    Value::Object(outputs.collect())
}

/// What a job reported of itself.
pub(crate) async fn metrics(call: &Call<'_>, component: &str) -> Result<Vec<Point>, Fault> {
    let Some((_, job)) = job(call, component).await? else {
        return Ok(Vec::new());
    };
    let mut points = Vec::new();
    loop {
        let from = points.len() as u64;
        let page = call
            .aws
            .control
            .job_metrics(&call.caller(), &job.id, from, 10_000)
            .await;
        let page = page.map_err(fault)?;
        let last = page.is_empty();
        points.extend(page.into_iter().map(|metric| Point {
            name: metric.name,
            value: metric.value,
            step: metric.step,
            at: metric.at,
        }));
        if last {
            return Ok(points);
        }
    }
}
