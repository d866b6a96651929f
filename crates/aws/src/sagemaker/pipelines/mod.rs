//! SageMaker Pipelines: a definition becomes a graph whose steps are requests of SageMaker itself;
//! `control` moves its executions along and asks back here what a step comes to.
//!
//! Source: the definition's schema, version 2020-12-01
//! (<https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/>).

pub(crate) mod conditions;
pub(crate) mod definition;
pub(crate) mod duration;
pub(crate) mod executions;
pub(crate) mod expressions;
pub(crate) mod parameters;
pub(crate) mod path;
mod property_file;
pub(crate) mod resolve;
pub(crate) mod retries;
pub(crate) mod selection;
pub(crate) mod steps;
pub(crate) mod store;
pub(crate) mod versions;

/// The kind of a pipeline's document.
pub(crate) const KIND: &str = "sagemaker/pipeline";
