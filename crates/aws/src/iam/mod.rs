//! IAM: roles, users, their keys and policies, and what those say of every request.
//!
//! Entities and policies are documents of the caller's workspace. The pure part, what policies say,
//! is [`policy`]; [`access`] asks it before an operation runs.

mod access;
mod entity;
mod groups;
mod keys;
mod lent;
mod managed;
mod names;
mod operations;
mod page;
mod policies;
mod policy;
mod shown;
mod simulate;
mod tags;
mod versions;

pub(crate) use access::{Who, authorise, authorise_path, entity_of, verdict};
pub(crate) use entity::{Entity, Kind, find};
pub(crate) use lent::{LIFE, narrowed};

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

/// What a role's trust policy says to a principal, and whether it names the principal itself.
pub(crate) fn trust(
    role: &Entity,
    who: &::s3::Identity,
    facts: &::s3::Facts,
) -> (::s3::Verdict, bool) {
    let document = role.trust.as_deref().unwrap_or("");
    let said = policy::trusts(document, who, facts);
    (said, policy::trusts_by_name(document, who, facts))
}

/// Whether a role's trust policy lets a service assume it, with facts of what it is for.
pub(crate) fn trusts_service(role: &Entity, service: &str, facts: &::s3::Facts) -> bool {
    let who = ::s3::Identity {
        principal: service.to_owned(),
        account: String::new(),
        workspace: domain::Workspace::default(),
        session: Vec::new(),
    };
    let document = role.trust.as_deref().unwrap_or("");
    policy::trusts(document, &who, facts) == ::s3::Verdict::Allowed
}

/// Checks the text of a policy.
pub(crate) fn check_policy(document: &str) -> Result<(), crate::fault::Fault> {
    policy::check(document)
}

/// Checks what becomes a part of an ARN, as names of entities do.
pub(crate) fn check_name(name: &str) -> Result<(), crate::fault::Fault> {
    names::check(name, 64)
}
