//! `CreateProcessingJob`'s request as a job's spec
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html>).

use super::channels::{self, S3Source};
use super::training::GRACE;
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::image;
use crate::sagemaker::tags::Tag;
use domain::Span;
use domain::job::{Delivery, Entry, JobSpec};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The members that decide what runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    pub(crate) processing_job_name: String,
    #[serde(default)]
    processing_inputs: Vec<Input>,
    #[serde(default)]
    processing_output_config: Option<OutputConfig>,
    processing_resources: Resources,
    app_specification: Application,
    #[serde(default)]
    stopping_condition: Option<super::training::Stopping>,
    #[serde(default)]
    network_config: Option<NetworkConfig>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    input_name: String,
    #[serde(default)]
    s3_input: Option<S3Input>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3Input {
    #[serde(default)]
    local_path: Option<String>,
    #[serde(default)]
    s3_input_mode: Option<String>,
    #[serde(flatten)]
    source: S3Source,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OutputConfig {
    #[serde(default)]
    outputs: Vec<Output>,
    #[serde(default)]
    kms_key_id: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    output_name: String,
    #[serde(default)]
    s3_output: Option<S3Output>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3Output {
    s3_uri: String,
    #[serde(default)]
    local_path: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkConfig {
    #[serde(default)]
    enable_network_isolation: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resources {
    cluster_config: Cluster,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cluster {
    instance_count: u32,
    instance_type: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Application {
    image_uri: String,
    #[serde(default)]
    container_entrypoint: Vec<String>,
    #[serde(default)]
    container_arguments: Vec<String>,
}

/// The spec of a request.
pub(crate) async fn spec(call: &Call<'_>, request: &Request) -> Result<JobSpec, Fault> {
    let application = &request.app_specification;
    if application.container_entrypoint.is_empty() {
        return Err(Fault::unsupported(
            "the image's own entry point cannot be run here: give AppSpecification.ContainerEntrypoint",
        ));
    }
    let cluster = &request.processing_resources.cluster_config;
    let mut argv = application.container_entrypoint.clone();
    argv.extend(application.container_arguments.iter().cloned());
    let mut spec = JobSpec::new(Entry::Command { argv });
    spec.environment = image::environment(&application.image_uri);
    spec.env.clone_from(&request.environment);
    spec.grace = GRACE;
    spec.resources.instance_type = Some(cluster.instance_type.clone());
    channels::instances(&mut spec, cluster.instance_count)?;
    let network = request.network_config.as_ref();
    channels::isolation(
        &mut spec,
        network.is_some_and(|network| network.enable_network_isolation),
    );
    spec.tags = request
        .tags
        .iter()
        .map(|tag| (tag.key.clone(), tag.value.clone()))
        .collect();
    let stopping = request.stopping_condition.as_ref();
    let longest = stopping.and_then(|stopping| stopping.max_runtime_in_seconds);
    spec.limits.wall_clock = longest.map(|seconds| Span::seconds(i64::from(seconds)));
    for input in &request.processing_inputs {
        add_input(&mut spec, input)?;
    }
    if let Some(outputs) = &request.processing_output_config {
        add_outputs(call, &mut spec, outputs).await?;
    }
    Ok(spec)
}

fn add_input(spec: &mut JobSpec, input: &Input) -> Result<(), Fault> {
    let name = &input.input_name;
    let Some(s3) = &input.s3_input else {
        return Err(Fault::unsupported(format!(
            "the input `{name}`: only S3 inputs are served"
        )));
    };
    if s3.s3_input_mode.as_deref() == Some("Pipe") {
        return Err(Fault::unsupported(format!(
            "the input `{name}`: the input mode Pipe is not served; use File"
        )));
    }
    let path = s3.local_path.as_deref().ok_or_else(|| {
        Fault::validation(format!("the input `{name}` in File mode needs a LocalPath"))
    })?;
    channels::input(spec, name, &s3.source, Some(path))
}

async fn add_outputs(
    call: &Call<'_>,
    spec: &mut JobSpec,
    config: &OutputConfig,
) -> Result<(), Fault> {
    for output in &config.outputs {
        let name = &output.output_name;
        let Some(s3) = &output.s3_output else {
            return Err(Fault::unsupported(format!(
                "the output `{name}`: only S3 outputs are served"
            )));
        };
        channels::check_output(call, "s3Output.s3Uri", &s3.s3_uri).await?;
        let path = s3
            .local_path
            .as_deref()
            .ok_or_else(|| Fault::validation(format!("the output `{name}` needs a LocalPath")))?;
        if spec.outputs.contains(name) {
            return Err(Fault::validation(format!(
                "the output `{name}` is there twice"
            )));
        }
        let path = channels::container_path(name, path)?;
        spec.outputs.push(name.clone());
        spec.output_paths.insert(name.clone(), path);
        spec.deliveries.push(Delivery {
            output: name.clone(),
            to: s3.s3_uri.clone(),
            archive: None,
            key: config.kms_key_id.clone().filter(|key| !key.is_empty()),
        });
    }
    Ok(())
}
