//! IAM: the role that user code runs under.

mod operations;

use crate::service::{Protocol, Service};

/// The role that an installation begins with: the first key signs as a session of it, and SDKs
/// that look for an execution role find it.
pub(crate) const EXECUTION_ROLE: &str = "TradewindExecutionRole";

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "iam",
    title: "IAM",
    protocol: Protocol::Query {
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};
