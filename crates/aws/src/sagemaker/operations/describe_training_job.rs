//! `DescribeTrainingJob`: what was asked for to the letter, and how it stands.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::jobs::commands::{find, shown_name};
use crate::sagemaker::jobs::status::{self, Transition};
use crate::sagemaker::jobs::{TRAINING, training};
use crate::time::Epoch;
use domain::job::{Job, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct DescribeTrainingJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    training_job_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(flatten)]
    request: Value,
    training_job_name: String,
    training_job_arn: String,
    model_artifacts: ModelArtifacts,
    training_job_status: &'static str,
    secondary_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    creation_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    training_start_time: Option<Epoch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    training_end_time: Option<Epoch>,
    last_modified_time: Epoch,
    secondary_status_transitions: Vec<Transition>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    final_metric_data_list: Vec<MetricData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    training_time_in_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billable_time_in_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Value::is_null")]
    stopping_condition: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    warm_pool_status: Option<Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ModelArtifacts {
    s3_model_artifacts: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricData {
    metric_name: String,
    value: f64,
    timestamp: Epoch,
}

impl Operation for DescribeTrainingJob {
    const NAME: &'static str = "DescribeTrainingJob";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let job = find(call, TRAINING, &input.training_job_name).await?;
        of(call, &job)
    }
}

/// A training job's description.
pub(crate) fn described(call: &Call<'_>, job: &Job) -> Result<Value, Fault> {
    let output = of(call, job)?;
    serde_json::to_value(output)
        .map_err(|error| Fault::common(domain::Refusal::internal(error.to_string())))
}

fn of(call: &Call<'_>, job: &Job) -> Result<Output, Fault> {
    let name = shown_name(TRAINING, "", job).unwrap_or_else(|| job.id.to_string());
    let arn = call.arn("sagemaker", &format!("training-job/{name}"));
    let times = status::times(job);
    let now = status::of(job);
    let mut request = match &job.foreign {
        Some(foreign) => foreign.document.clone(),
        None => Value::Object(serde_json::Map::new()),
    };
    let stopping_condition = take(&mut request, "StoppingCondition");
    take(&mut request, "TrainingJobName");
    without_key(&mut request);
    // Here every printed `name=value` is a metric, there only what a definition names; a
    // built-in algorithm has definitions of its own.
    let defined = |name: &str| job.spec.metrics.iter().any(|metric| metric.name == name);
    let metrics = job.metrics.iter();
    let metrics = metrics.filter(|(name, _)| job.foreign.is_none() || defined(name));
    let metrics = metrics.map(|(name, value)| MetricData {
        metric_name: name.clone(),
        value: value.get(),
        timestamp: Epoch(times.modified),
    });
    Ok(Output {
        training_job_name: name,
        training_job_arn: arn,
        model_artifacts: ModelArtifacts {
            s3_model_artifacts: artifacts(job)?,
        },
        training_job_status: now.status,
        secondary_status: now.secondary,
        failure_reason: status::failure_reason(job),
        creation_time: Epoch(job.created),
        training_start_time: times.started.map(Epoch),
        training_end_time: times.ended.map(Epoch),
        last_modified_time: Epoch(times.modified),
        secondary_status_transitions: status::transitions(job),
        final_metric_data_list: metrics.collect(),
        training_time_in_seconds: status::seconds(times),
        billable_time_in_seconds: status::seconds(times),
        warm_pool_status: warm_pool(&request, job),
        stopping_condition: if stopping_condition.is_null() {
            Value::Object(serde_json::Map::new())
        } else {
            stopping_condition
        },
        request,
    })
}

/// What was to be kept warm for the next job: nothing is, for there is no machine to wait for.
fn warm_pool(request: &Value, job: &Job) -> Option<Value> {
    let kept = request["ResourceConfig"]["KeepAlivePeriodInSeconds"].as_i64()?;
    let over = kept > 0 && job.phase.outcome().is_some();
    over.then(|| json!({"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 0}))
}

/// AWS names the key of the output always, none by an empty text; SDKs read it unasked.
fn without_key(request: &mut Value) {
    if let Some(output) = request
        .get_mut("OutputDataConfig")
        .and_then(Value::as_object_mut)
    {
        output
            .entry("KmsKeyId")
            .or_insert_with(|| Value::String(String::new()));
    }
}

fn take(from: &mut Value, member: &str) -> Value {
    match from {
        Value::Object(members) => members.remove(member).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// Where the model will be or is; a job of another API left it as a folder.
fn artifacts(job: &Job) -> Result<String, Fault> {
    if let Some(foreign) = &job.foreign {
        let request: training::Request = read(foreign.document.clone())?;
        return Ok(training::model_artifacts(&request));
    }
    Ok(match job.phase.outcome() {
        Some(Outcome::Succeeded { artifacts }) => artifacts.model.clone().unwrap_or_default(),
        _ => String::new(),
    })
}
