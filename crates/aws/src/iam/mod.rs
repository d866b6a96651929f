//! IAM: the role that user code runs under.

mod operations;

use crate::service::{Protocol, Service};
use ::s3::{Facts, Verdict};

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

/// What the policies attached to a principal say. Every key of an installation signs as its
/// execution role, which may do everything its role in the workspace may.
pub(crate) fn verdict(principal: &str, action: &str, resource: &str, _: &Facts) -> Verdict {
    tracing::trace!(principal, action, resource, "allowed to the execution role");
    Verdict::Allowed
}
