//! `CreateTransformJob`'s request as a job: the embedded worker goes through the objects with the
//! model's handler, under a supervisor like any other job
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html>).

use super::channels::{self, S3Source};
use super::embedded;
use super::training::GRACE;
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::fault::fault;
use crate::sagemaker::models;
use crate::sagemaker::tags::Tag;
use domain::ModelName;
use domain::job::{Delivery, Entry, JobSpec};
use domain::model::ModelReference;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Where the job finds its inputs and leaves its answers.
const ROOT: &str = "/opt/ml/transform";
/// Longest payload unless the request says otherwise, in megabytes.
const DEFAULT_PAYLOAD: u32 = 6;

/// The members that decide what runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Request {
    pub(crate) transform_job_name: String,
    model_name: String,
    #[serde(default, rename = "MaxPayloadInMB")]
    max_payload: Option<u32>,
    #[serde(default)]
    batch_strategy: Option<String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    transform_input: Input,
    transform_output: Output,
    transform_resources: Resources,
    #[serde(default)]
    data_processing: Option<DataProcessing>,
    #[serde(default)]
    data_capture_config: Option<serde_json::Value>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    data_source: DataSource,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    compression_type: Option<String>,
    #[serde(default)]
    split_type: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataSource {
    #[serde(rename = "S3DataSource")]
    s3: S3Source,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    s3_output_path: String,
    #[serde(default)]
    accept: Option<String>,
    #[serde(default)]
    assemble_with: Option<String>,
    #[serde(default)]
    kms_key_id: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resources {
    instance_type: String,
    instance_count: u32,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DataProcessing {
    input_filter: Option<String>,
    output_filter: Option<String>,
    join_source: Option<String>,
}

/// The spec of a request.
pub(crate) async fn spec(call: &Call<'_>, request: &Request) -> Result<JobSpec, Fault> {
    refuse_what_is_not_served(request)?;
    let (model, _) = models::find(call, &request.model_name).await?;
    model.one("a transform job")?;
    let name = model.registered(&request.model_name);
    let name = ModelName::new(name).map_err(|e| Fault::validation(e.to_string()))?;
    let reference = ModelReference::Version(name, model.version);
    let version = call
        .aws
        .control
        .model_version(&call.caller(), &reference)
        .await
        .map_err(fault)?;
    let program = format!("{ROOT}/worker/tradewind_transform.py");
    let mut spec = JobSpec::new(Entry::Command {
        argv: vec!["python3".to_owned(), program],
    });
    spec.environment = version.serving.environment.clone();
    match &version.serving.code {
        // A folder, and no archive.
        Some(code) if code.location.ends_with('/') => {
            let path = "/opt/ml/code".to_owned();
            spec.inputs
                .insert("code".to_owned(), vec![code.location.clone()]);
            spec.input_paths.insert("code".to_owned(), path);
        }
        code => spec.code.clone_from(code),
    }
    spec.env.clone_from(&version.serving.env);
    spec.env.extend(request.environment.clone());
    let settings = settings(request, version.serving.handler.as_deref());
    spec.env.insert("TRADEWIND_TRANSFORM".to_owned(), settings);
    spec.grace = GRACE;
    spec.resources.instance_type = Some(request.transform_resources.instance_type.clone());
    channels::instances(&mut spec, request.transform_resources.instance_count)?;
    spec.tags = request
        .tags
        .iter()
        .map(|tag| (tag.key.clone(), tag.value.clone()))
        .collect();
    let data = &request.transform_input.data_source.s3;
    channels::input(&mut spec, "data", data, Some(&format!("{ROOT}/data")))?;
    channels::isolation(&mut spec, !version.serving.network.is_open());
    if spec.resources.nodes > 1 && spec.sharded.is_empty() {
        // Each object is answered by one instance.
        spec.sharded.push("data".to_owned());
    }
    let worker = embedded::folder(call, "worker", serving::python::WORKER_FILES).await?;
    for (channel, location) in [("model", version.artifact), ("worker", worker)] {
        spec.inputs.insert(channel.to_owned(), vec![location]);
        spec.input_paths
            .insert(channel.to_owned(), format!("{ROOT}/{channel}"));
    }
    answers(call, &mut spec, &request.transform_output).await?;
    Ok(spec)
}

/// Where the answers go.
async fn answers(call: &Call<'_>, spec: &mut JobSpec, output: &Output) -> Result<(), Fault> {
    let member = "transformOutput.s3OutputPath";
    channels::check_output(call, member, &output.s3_output_path).await?;
    spec.outputs.push("transform".to_owned());
    spec.output_paths
        .insert("transform".to_owned(), format!("{ROOT}/output"));
    spec.deliveries.push(Delivery {
        output: "transform".to_owned(),
        to: output.s3_output_path.clone(),
        archive: None,
        key: output.kms_key_id.clone().filter(|key| !key.is_empty()),
    });
    Ok(())
}

fn settings(request: &Request, entry: Option<&str>) -> String {
    let (input, output) = (&request.transform_input, &request.transform_output);
    let filters = request.data_processing.clone().unwrap_or_default();
    json!({
        "model": format!("{ROOT}/model"),
        "data": format!("{ROOT}/data"),
        "output": format!("{ROOT}/output"),
        "code": "/opt/ml/code",
        "failure": "/opt/ml/output/failure",
        "entry": entry,
        "content_type": input.content_type.clone().unwrap_or_default(),
        "accept": output.accept.clone().unwrap_or_default(),
        "split": input.split_type.as_deref().unwrap_or("None"),
        "several": request.batch_strategy.as_deref() != Some("SingleRecord"),
        "assemble": output.assemble_with.as_deref().unwrap_or("None"),
        "most_megabytes": request.max_payload.unwrap_or(DEFAULT_PAYLOAD),
        "input_filter": filters.input_filter,
        "output_filter": filters.output_filter,
        "join": filters.join_source,
    })
    .to_string()
}

fn refuse_what_is_not_served(request: &Request) -> Result<(), Fault> {
    let input = &request.transform_input;
    if request.data_capture_config.is_some() {
        return Err(Fault::unsupported(
            "DataCaptureConfig of transform jobs is not served",
        ));
    }
    if !matches!(input.compression_type.as_deref(), None | Some("None")) {
        return Err(Fault::unsupported(
            "compressed transform input is not served; set CompressionType to None",
        ));
    }
    match input.split_type.as_deref() {
        None | Some("None" | "Line") => {}
        Some(other @ ("RecordIO" | "TFRecord")) => {
            return Err(Fault::unsupported(format!(
                "the SplitType {other} is not served; use Line or None"
            )));
        }
        Some(other) => {
            return Err(Fault::validation(format!(
                "the SplitType `{other}` is not known"
            )));
        }
    }
    let joins = |text: Option<&str>| !matches!(text, None | Some("None"));
    let filters = request.data_processing.clone().unwrap_or_default();
    let paths = [filters.input_filter, filters.output_filter];
    for path in paths.iter().flatten() {
        if !is_served(path) {
            return Err(Fault::validation(format!(
                "the JSONPath `{}` is not served; names, indices, lists of them and slices are",
                path.chars().take(100).collect::<String>()
            )));
        }
    }
    let filtered = paths.iter().flatten().any(|path| path != "$");
    let media = input.content_type.as_deref().unwrap_or_default();
    let plain = media.split(';').next().unwrap_or_default().trim();
    let known = matches!(
        plain,
        "text/csv" | "application/json" | "application/jsonlines"
    );
    if (filtered || joins(filters.join_source.as_deref())) && !known {
        return Err(Fault::validation(
            "DataProcessing needs the ContentType text/csv, application/json or \
             application/jsonlines",
        ));
    }
    Ok(())
}

/// Whether the worker knows a path: `$`, then names, indices, lists of them and slices.
fn is_served(path: &str) -> bool {
    let Some(mut rest) = path.strip_prefix('$') else {
        return false;
    };
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let end = after.find(|c| !plain(c)).unwrap_or(after.len());
            if !after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
                return false;
            }
            rest = &after[end..];
        } else if let Some((inner, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']'))
        {
            if !is_served_bracket(inner.trim()) {
                return false;
            }
            rest = after;
        } else {
            return false;
        }
    }
    true
}

fn is_served_bracket(inner: &str) -> bool {
    let number = |text: &str| text.trim().parse::<i64>().is_ok();
    let quoted = |text: &str| {
        let text = text.trim();
        let within =
            |quote: char| text.len() > 2 && text.starts_with(quote) && text.ends_with(quote);
        within('\'') || within('"')
    };
    if let Some((first, last)) = inner.split_once(':') {
        let end = |text: &str| text.is_empty() || number(text);
        return !inner.contains('\'') && !inner.contains('"') && end(first) && end(last);
    }
    inner.split(',').all(number) || inner.split(',').all(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_the_worker_knows_are_served() {
        for good in [
            "$",
            "$[1:]",
            "$[:-1]",
            "$[0]",
            "$[0,2]",
            "$['a','b']",
            "$.a.b[-1]",
            "$.SageMakerOutput",
        ] {
            assert!(is_served(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "$..a",
            "$.*",
            "$[?(@.x)]",
            "$[",
            "$[a]",
            "$[1:2:3]",
            "$['a]",
            "$a",
        ] {
            assert!(!is_served(bad), "{bad}");
        }
    }
}
