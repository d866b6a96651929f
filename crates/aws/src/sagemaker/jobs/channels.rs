//! Where a job's data comes from and where it goes.

use crate::fault::Fault;
use crate::operation::Call;
use domain::Location;
use domain::function::Network;
use domain::job::{Checkpoints, CodeArchive, JobSpec};
use serde::Deserialize;

/// `S3DataSource` of a channel, and the same members of a processing input.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct S3Source {
    pub(crate) s3_uri: String,
    #[serde(default)]
    pub(crate) s3_data_type: Option<String>,
    #[serde(default)]
    pub(crate) s3_data_distribution_type: Option<String>,
    #[serde(default)]
    pub(crate) attribute_names: Vec<String>,
}

/// The place in a bucket that a text names.
pub(crate) fn s3(member: &str, uri: &str) -> Result<(String, String), Fault> {
    match Location::parse(uri) {
        Ok(Location::Object { bucket, key }) if uri.starts_with("s3://") => Ok((bucket, key)),
        _ => Err(Fault::validation(format!(
            "1 validation error detected: Value '{}' at '{member}' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: ^(https|s3)://([^/]+)/?(.*)$",
            uri.chars().take(200).collect::<String>()
        ))),
    }
}

/// An input of S3 data; what this installation cannot do with it is refused.
pub(crate) fn input(
    spec: &mut JobSpec,
    name: &str,
    source: &S3Source,
    path: Option<&str>,
) -> Result<(), Fault> {
    s3("s3Uri", &source.s3_uri)?;
    match source.s3_data_type.as_deref() {
        None | Some("S3Prefix") => {}
        Some("ManifestFile") => spec.manifests.push(name.to_owned()),
        // Its lines have values beside the objects, which only a stream of records can hold.
        Some("AugmentedManifestFile") if !spec.pipes.contains_key(name) => {
            return Err(Fault::validation(format!(
                "input `{name}`: AugmentedManifestFile can only be used with the input mode Pipe"
            )));
        }
        Some("AugmentedManifestFile") => records(spec, name, source)?,
        Some(other) => {
            return Err(Fault::unsupported(format!(
                "input `{name}`: S3DataType {other} is not served; use S3Prefix or ManifestFile"
            )));
        }
    }
    match source.s3_data_distribution_type.as_deref() {
        None | Some("FullyReplicated") => {}
        Some("ShardedByS3Key") => spec.sharded.push(name.to_owned()),
        Some(_) => {
            return Err(Fault::validation(format!(
                "input `{name}`: the S3DataDistributionType is not known"
            )));
        }
    }
    if spec.inputs.contains_key(name) {
        return Err(Fault::validation(format!(
            "the input `{name}` is there twice"
        )));
    }
    spec.inputs
        .insert(name.to_owned(), vec![source.s3_uri.clone()]);
    if let Some(path) = path {
        spec.input_paths
            .insert(name.to_owned(), container_path(name, path)?);
    }
    Ok(())
}

/// A stream of the records of an augmented manifest
/// (<https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest.html>).
fn records(spec: &mut JobSpec, name: &str, source: &S3Source) -> Result<(), Fault> {
    if source.attribute_names.is_empty() {
        return Err(Fault::validation(format!(
            "input `{name}`: AugmentedManifestFile needs AttributeNames"
        )));
    }
    if source.s3_data_distribution_type.as_deref() == Some("ShardedByS3Key") {
        return Err(Fault::unsupported(format!(
            "input `{name}`: the records of an AugmentedManifestFile are not spread over instances; \
             use FullyReplicated"
        )));
    }
    if let Some(pipe) = spec.pipes.get_mut(name) {
        pipe.attributes.clone_from(&source.attribute_names);
    }
    Ok(())
}

/// A path in a container that a job can have here: below `/opt/ml/`.
pub(crate) fn container_path(name: &str, path: &str) -> Result<String, Fault> {
    let good = path.starts_with("/opt/ml/") && !path.split('/').any(|part| part == "..");
    if good {
        return Ok(path.trim_end_matches('/').to_owned());
    }
    Err(Fault::validation(format!(
        "the LocalPath `{}` of `{name}` must be below /opt/ml/",
        path.chars().take(200).collect::<String>()
    )))
}

/// An archive of code by its address; its hash is over what is in the bucket now.
pub(crate) async fn code(call: &Call<'_>, uri: &str) -> Result<CodeArchive, Fault> {
    s3("sagemaker_submit_directory", uri)?;
    let workspace = &call.principal.workspace;
    let hash = call.aws.control.stager.content_hash(workspace, uri).await;
    match hash {
        Ok(content_hash) => Ok(CodeArchive {
            location: uri.to_owned(),
            content_hash,
        }),
        Err(error) => Err(Fault::validation(format!(
            "the source directory cannot be had: {error}"
        ))),
    }
}

/// The bucket of an output must be there before anything is started.
pub(crate) async fn check_output(call: &Call<'_>, member: &str, uri: &str) -> Result<(), Fault> {
    let (bucket, _) = s3(member, uri)?;
    let workspace = &call.principal.workspace;
    match call.aws.objects.get_bucket(workspace, &bucket).await {
        Ok(_) => Ok(()),
        Err(objects::Error::NoSuchBucket(_)) => Err(Fault::validation(format!(
            "The specified bucket does not exist: {bucket} ({member})"
        ))),
        Err(error) => Err(Fault::common(domain::Refusal::Unavailable {
            message: error.to_string(),
        })),
    }
}

/// Most instances of one job here; all of them are on one machine.
const MOST_INSTANCES: u32 = 20;

/// Several instances are hosts of a gang.
pub(crate) fn instances(spec: &mut JobSpec, number: u32) -> Result<(), Fault> {
    if number > MOST_INSTANCES {
        return Err(Fault::new(
            "ResourceLimitExceeded",
            format!(
                "The account-level service limit 'Maximum number of instances per job' is \
                 {MOST_INSTANCES} Instances, with a request of {number} Instances."
            ),
        ));
    }
    spec.resources.nodes = number;
    Ok(())
}

/// Without the network a job has its inputs and leaves its outputs, and reaches nothing else.
/// Several instances of one still reach each other.
pub(crate) fn isolation(spec: &mut JobSpec, isolated: bool) {
    if isolated {
        spec.network = Network::Loopback;
    }
}

/// Checkpoints: what is at the address is there at the start, and what the job writes goes back
/// while it runs.
pub(crate) async fn checkpoints(
    call: &Call<'_>,
    spec: &mut JobSpec,
    uri: &str,
    path: Option<&str>,
) -> Result<(), Fault> {
    let path = container_path(Checkpoints::NAME, path.unwrap_or(Checkpoints::PATH))?;
    check_output(call, "checkpointConfig.s3Uri", uri).await?;
    if spec.inputs.contains_key(Checkpoints::NAME) {
        return Err(Fault::unsupported(
            "a job with CheckpointConfig can have no channel `checkpoints` here; name it otherwise",
        ));
    }
    spec.checkpoints = Some(Checkpoints {
        to: uri.to_owned(),
        path: Some(path),
    });
    Ok(())
}
