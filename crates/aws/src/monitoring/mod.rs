//! CloudWatch metrics: what users put, what jobs report, and how endpoints do.

pub(crate) mod alarms;
mod fault;
mod figures;
pub(crate) mod instances;
mod jobs;
mod math;
mod operations;
mod queries;
pub(crate) mod retention;
mod rollup;
pub(crate) mod sample;
mod series;
mod wire;

use crate::service::{Protocol, Service};

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "monitoring",
    title: "CloudWatch",
    protocol: Protocol::Any {
        target: "GraniteServiceVersion20100801",
        namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};
