//! Cost Explorer over the ledger: the costs of every provider in it, not of AWS alone, so that a
//! program that reads its AWS bill reads all bills.

mod ahead;
mod anomalies;
mod commitments;
pub(crate) mod expression;
mod matching;
mod operations;
mod period;
pub(crate) mod reading;
mod rightsizing;
mod tree;
mod usage;

use crate::service::{Protocol, Service};
use crate::validation;

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "ce",
    title: "Cost Explorer",
    protocol: Protocol::Json {
        target: "AWSInsightsIndexService",
        content_type: "application/x-amz-json-1.1",
        model: Some((&validation::COST_EXPLORER, "ValidationException")),
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};
