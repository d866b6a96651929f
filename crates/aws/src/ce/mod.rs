//! Cost Explorer over the ledger: the costs of every provider in it, not of AWS alone, so that a
//! program that reads its AWS bill reads all bills.

mod expression;
mod operations;
mod period;
mod reading;

use crate::service::{Protocol, Service};

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "ce",
    title: "Cost Explorer",
    protocol: Protocol::Json {
        target: "AWSInsightsIndexService",
        content_type: "application/x-amz-json-1.1",
        model: None,
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};
