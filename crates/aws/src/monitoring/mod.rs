//! CloudWatch metrics: what users put, what jobs report, and how endpoints do.

mod fault;
mod figures;
mod jobs;
mod operations;
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
