//! `CreateTrainingJob`'s request as a job's spec
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html>).

use super::channels::{self, S3Source};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::tags::Tag;
use crate::sagemaker::{algorithms, image};
use domain::Span;
use domain::job::{Delivery, Entry, JobSpec};
use domain::metric::MetricPattern;
use domain::pipe::Pipe;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Between SIGTERM and SIGKILL on SageMaker.
pub(crate) const GRACE: Span = Span::seconds(120);

/// The members that decide what runs; the rest is kept to the letter.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    pub(crate) training_job_name: String,
    #[serde(default)]
    pub(crate) hyper_parameters: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) algorithm_specification: Option<Algorithm>,
    #[serde(default)]
    pub(crate) input_data_config: Vec<Channel>,
    pub(crate) output_data_config: OutputConfig,
    #[serde(default)]
    pub(crate) resource_config: Option<ResourceConfig>,
    #[serde(default)]
    pub(crate) stopping_condition: Option<Stopping>,
    #[serde(default)]
    pub(crate) checkpoint_config: Option<Checkpoints>,
    #[serde(default)]
    pub(crate) enable_managed_spot_training: bool,
    #[serde(default)]
    pub(crate) enable_network_isolation: bool,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Algorithm {
    #[serde(default)]
    pub(crate) training_image: Option<String>,
    #[serde(default)]
    pub(crate) training_input_mode: Option<String>,
    #[serde(default)]
    pub(crate) container_entrypoint: Vec<String>,
    #[serde(default)]
    pub(crate) container_arguments: Vec<String>,
    #[serde(default)]
    pub(crate) metric_definitions: Vec<MetricDefinition>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetricDefinition {
    pub(crate) name: String,
    pub(crate) regex: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Channel {
    pub(crate) channel_name: String,
    pub(crate) data_source: DataSource,
    #[serde(default)]
    pub(crate) input_mode: Option<String>,
    #[serde(default)]
    pub(crate) content_type: Option<String>,
    #[serde(default)]
    pub(crate) record_wrapper_type: Option<String>,
    #[serde(default)]
    pub(crate) shuffle_config: Option<Shuffle>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shuffle {
    pub(crate) seed: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DataSource {
    #[serde(default, rename = "S3DataSource")]
    pub(crate) s3: Option<S3Source>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OutputConfig {
    pub(crate) s3_output_path: String,
    #[serde(default)]
    pub(crate) kms_key_id: Option<String>,
    #[serde(default)]
    pub(crate) compression_type: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourceConfig {
    #[serde(default)]
    pub(crate) instance_type: Option<String>,
    #[serde(default)]
    pub(crate) instance_count: Option<u32>,
    #[serde(default)]
    pub(crate) instance_groups: Vec<serde_json::Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Stopping {
    #[serde(default)]
    pub(crate) max_runtime_in_seconds: Option<u32>,
    #[serde(default)]
    pub(crate) max_wait_time_in_seconds: Option<u32>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Checkpoints {
    pub(crate) s3_uri: String,
    #[serde(default)]
    pub(crate) local_path: Option<String>,
}

/// The spec of a request.
pub(crate) async fn spec(call: &Call<'_>, request: &Request) -> Result<JobSpec, Fault> {
    let algorithm = request.algorithm_specification.as_ref();
    let algorithm = algorithm.ok_or_else(|| {
        Fault::unsupported("a training job without AlgorithmSpecification is not served")
    })?;
    let image = algorithm.training_image.as_deref().ok_or_else(|| {
        Fault::unsupported("algorithms of the marketplace are not served; name a TrainingImage")
    })?;
    let program = entry(algorithm, &request.hyper_parameters);
    let is_built_in = program.is_none() && algorithms::is_xgboost(image);
    let mut spec = JobSpec::new(match program {
        Some(program) => program,
        None if is_built_in => algorithms::entry(),
        None => return Err(algorithms::refused(image)),
    });
    spec.environment = image::environment(image);
    if let Some(uri) = platform(&request.hyper_parameters, "sagemaker_submit_directory")
        .filter(|uri| uri.starts_with("s3://"))
    {
        spec.code = Some(channels::code(call, &uri).await?);
    }
    spec.hyperparameters.clone_from(&request.hyper_parameters);
    spec.env.clone_from(&request.environment);
    spec.grace = GRACE;
    spec.tags = request
        .tags
        .iter()
        .map(|tag| (tag.key.clone(), tag.value.clone()))
        .collect();
    spec.metrics = algorithm
        .metric_definitions
        .iter()
        .map(|metric| MetricPattern {
            name: metric.name.clone(),
            regex: metric.regex.clone(),
        })
        .collect();
    inputs(&mut spec, request, algorithm)?;
    resources(&mut spec, request)?;
    channels::isolation(&mut spec, request.enable_network_isolation);
    outputs(call, &mut spec, request).await?;
    if let Some(checkpoints) = &request.checkpoint_config {
        let path = checkpoints.local_path.as_deref();
        channels::checkpoints(call, &mut spec, &checkpoints.s3_uri, path).await?;
    }
    if is_built_in {
        algorithms::train(call, &mut spec).await?;
    }
    spot(request)?;
    Ok(spec)
}

/// What managed spot training asks of its times
/// (<https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html>).
fn spot(request: &Request) -> Result<(), Fault> {
    let stopping = request.stopping_condition.as_ref();
    let longest = stopping.and_then(|stopping| stopping.max_runtime_in_seconds);
    let wait = stopping.and_then(|stopping| stopping.max_wait_time_in_seconds);
    match (request.enable_managed_spot_training, wait) {
        (false, Some(_)) => Err(Fault::validation(
            "MaxWaitTimeInSeconds can be given only when EnableManagedSpotTraining is true",
        )),
        (true, None) => Err(Fault::validation(
            "MaxWaitTimeInSeconds is required when EnableManagedSpotTraining is true",
        )),
        (true, Some(wait)) if longest.is_some_and(|longest| wait < longest) => {
            Err(Fault::validation(
                "MaxWaitTimeInSeconds must be equal to or greater than MaxRuntimeInSeconds",
            ))
        }
        (true, Some(_)) | (false, None) => Ok(()),
    }
}

/// The program: what the request starts by itself, or the script that the SDK packed.
/// `None` leaves it to the image.
fn entry(algorithm: &Algorithm, given: &BTreeMap<String, String>) -> Option<Entry> {
    if !algorithm.container_entrypoint.is_empty() {
        let mut argv = algorithm.container_entrypoint.clone();
        argv.extend(algorithm.container_arguments.iter().cloned());
        return Some(Entry::Command { argv });
    }
    Some(Entry::Script {
        path: platform(given, "sagemaker_program")?,
        arguments: algorithm.container_arguments.clone(),
    })
}

/// A hyperparameter of the platform; the SDK sends JSON texts.
fn platform(given: &BTreeMap<String, String>, name: &str) -> Option<String> {
    let text = given.get(name)?;
    match serde_json::from_str::<String>(text) {
        Ok(plain) => Some(plain),
        Err(_) => Some(text.clone()),
    }
}

fn inputs(spec: &mut JobSpec, request: &Request, algorithm: &Algorithm) -> Result<(), Fault> {
    for channel in &request.input_data_config {
        let mode = channel
            .input_mode
            .as_ref()
            .or(algorithm.training_input_mode.as_ref());
        let is_framed = channel.record_wrapper_type.as_deref() == Some("RecordIO");
        if mode.is_some_and(|mode| mode == "Pipe") {
            let pipe = Pipe {
                framed: is_framed,
                attributes: Vec::new(),
                seed: channel.shuffle_config.as_ref().map(|shuffle| shuffle.seed),
            };
            spec.pipes.insert(channel.channel_name.clone(), pipe);
        } else if is_framed {
            return Err(Fault::validation(format!(
                "channel `{}`: RecordWrapperType RecordIO can only be used with the input mode Pipe",
                channel.channel_name
            )));
        }
        let Some(source) = &channel.data_source.s3 else {
            return Err(Fault::unsupported(format!(
                "channel `{}`: only S3 data sources are served",
                channel.channel_name
            )));
        };
        channels::input(spec, &channel.channel_name, source, None)?;
        if let Some(media) = channel
            .content_type
            .clone()
            .filter(|media| !media.is_empty())
        {
            spec.media.insert(channel.channel_name.clone(), media);
        }
    }
    Ok(())
}

fn resources(spec: &mut JobSpec, request: &Request) -> Result<(), Fault> {
    if let Some(resources) = &request.resource_config {
        if !resources.instance_groups.is_empty() {
            return Err(Fault::unsupported(
                "InstanceGroups are not served; give InstanceType and InstanceCount",
            ));
        }
        channels::instances(spec, resources.instance_count.unwrap_or(1))?;
        spec.resources
            .instance_type
            .clone_from(&resources.instance_type);
    }
    let stopping = request.stopping_condition.as_ref();
    let longest = stopping.and_then(|stopping| stopping.max_runtime_in_seconds);
    spec.limits.wall_clock = longest.map(|seconds| Span::seconds(i64::from(seconds)));
    Ok(())
}

async fn outputs(call: &Call<'_>, spec: &mut JobSpec, request: &Request) -> Result<(), Fault> {
    let output = &request.output_data_config;
    channels::check_output(
        call,
        "outputDataConfig.s3OutputPath",
        &output.s3_output_path,
    )
    .await?;
    let folder = output_folder(request);
    let packed = output.compression_type.as_deref() != Some("NONE");
    for (name, archive, plain) in [
        ("model", "model.tar.gz", "model/"),
        ("output", "output.tar.gz", "data/"),
    ] {
        spec.deliveries.push(Delivery {
            output: name.to_owned(),
            to: if packed {
                folder.clone()
            } else {
                format!("{folder}{plain}")
            },
            archive: packed.then(|| archive.to_owned()),
            key: output.kms_key_id.clone().filter(|key| !key.is_empty()),
        });
    }
    Ok(())
}

/// `<S3OutputPath>/<job>/output/`.
fn output_folder(request: &Request) -> String {
    let path = request
        .output_data_config
        .s3_output_path
        .trim_end_matches('/');
    format!("{path}/{}/output/", request.training_job_name)
}

/// Where the model is, once the job has ended well.
pub(crate) fn model_artifacts(request: &Request) -> String {
    let folder = output_folder(request);
    match request.output_data_config.compression_type.as_deref() {
        Some("NONE") => format!("{folder}model/"),
        _ => format!("{folder}model.tar.gz"),
    }
}
