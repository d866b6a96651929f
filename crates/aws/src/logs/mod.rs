//! CloudWatch Logs, as SDKs poll it for the logs of jobs and endpoints.

mod endpoints;
mod fault;
mod functions;
mod operations;
mod own;
mod source;
mod streams;

pub(crate) use source::plain;

pub(crate) use endpoints::{keep as keep_endpoint_lines, outlive as outlive_endpoint};

use crate::service::{Protocol, Service};

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "logs",
    title: "CloudWatch Logs",
    protocol: Protocol::Json {
        target: "Logs_20140328",
        content_type: "application/x-amz-json-1.1",
        model: Some((&crate::validation::LOGS, "InvalidParameterException")),
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};
