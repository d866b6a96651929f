//! Training and processing jobs as jobs: how a request becomes a spec, and how a job looks.

pub(crate) mod channels;
pub(crate) mod commands;
pub(crate) mod credentials;
pub(crate) mod embedded;
pub(crate) mod natives;
pub(crate) mod processing;
pub(crate) mod status;
pub(crate) mod training;
pub(crate) mod transform;

/// The kinds of jobs that SageMaker knows, by the kind of their foreign document.
pub(crate) const TRAINING: &str = "sagemaker/training-job";
/// See [`TRAINING`].
pub(crate) const PROCESSING: &str = "sagemaker/processing-job";

/// The id of a processing job's job: a name cannot have the dot, so that no two kinds of jobs
/// share an id.
pub(crate) fn processing_id(name: &str) -> String {
    format!("processing.{name}")
}

/// See [`TRAINING`].
pub(crate) const TRANSFORM: &str = "sagemaker/transform-job";

/// The id of a transform job's job; see [`processing_id`].
pub(crate) fn transform_id(name: &str) -> String {
    format!("transform.{name}")
}
