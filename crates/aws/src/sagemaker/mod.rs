//! SageMaker: its words translated into jobs, models and endpoints, and back.

pub(crate) mod activities;
mod algorithms;
pub(crate) mod asynchronous;
mod container;
pub(crate) mod containers;
mod data_capture;
pub(crate) mod endpoints;
pub(crate) mod entities;
pub(crate) mod experiments;
mod fault;
pub(crate) mod features;
pub(crate) mod image;
pub(crate) mod jobs;
mod lineage;
mod listing;
mod models;
pub(crate) mod multi_model;
mod names;
mod operations;
mod pipelines;
pub(crate) mod reach;
mod registry;
pub(crate) mod search;
pub(crate) mod tags;
mod tuning;
pub(crate) mod variants;

use crate::service::{Protocol, Service};

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "sagemaker",
    title: "SageMaker",
    protocol: Protocol::Json {
        target: "SageMaker",
        content_type: "application/x-amz-json-1.1",
        model: Some((&crate::validation::SAGEMAKER, "ValidationException")),
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};
