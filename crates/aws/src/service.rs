//! The services of the dialect, one row each, and what of them is served.

use crate::fault::Fault;
use crate::operation::{Call, Served};
use crate::validation::Model;
use crate::{
    budgets, ce, ec2, ecr, featurestore, iam, kms, lambda, logs, metrics, monitoring, runtime,
    sagemaker, sts,
};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::request::Parts;
use std::sync::LazyLock;

/// How a service's requests and answers are written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Protocol {
    /// `X-Amz-Target: Prefix.Operation` and a JSON body.
    Json {
        /// The prefix of the target.
        target: &'static str,
        /// `application/x-amz-json-1.0` or `…-1.1`.
        content_type: &'static str,
        /// What requests may hold, and the code of one that holds something else.
        model: Option<(&'static LazyLock<Model>, &'static str)>,
    },
    /// All of what a service that left the query protocol speaks: JSON 1.0 and forms as before,
    /// and Smithy RPC v2 in CBOR.
    Any {
        /// The prefix of the target, and the service's name in paths.
        target: &'static str,
        /// The namespace of answers in XML.
        namespace: &'static str,
    },
    /// A form with `Action` and `Version`, XML back.
    Query {
        /// The namespace of answers.
        namespace: &'static str,
    },
    /// EC2's own form of the query protocol.
    Ec2 {
        /// The namespace of answers.
        namespace: &'static str,
    },
}

/// A service.
pub(crate) struct Service {
    /// As credential scopes name it.
    pub(crate) signing_name: &'static str,
    /// For people, in the coverage page.
    pub(crate) title: &'static str,
    /// How it is spoken.
    pub(crate) protocol: Protocol,
    /// What is served.
    pub(crate) served: &'static [Served],
    /// The names of all operations of the published model, one a line; a line may go on with a
    /// tab and why it is not served.
    pub(crate) known: &'static str,
}

/// All services with operations in tables. S3 and the data planes have routes of their own.
pub(crate) static SERVICES: &[Service] = &[
    sagemaker::SERVICE,
    logs::SERVICE,
    sts::SERVICE,
    iam::SERVICE,
    kms::SERVICE,
    ecr::SERVICE,
    monitoring::SERVICE,
    ce::SERVICE,
    budgets::SERVICE,
    ec2::SERVICE,
];

/// A service whose operations are methods and paths.
pub(crate) struct RestService {
    /// As credential scopes name it.
    pub(crate) signing_name: &'static str,
    /// How its paths begin.
    pub(crate) paths: &'static [&'static str],
    /// Answers a proven request.
    pub(crate) answer:
        for<'a> fn(&'a Call<'a>, &'a Parts, Bytes) -> BoxFuture<'a, axum::response::Response>,
}

/// All services with paths, but S3.
pub(crate) static REST: &[RestService] = &[
    featurestore::SERVICE,
    lambda::SERVICE,
    metrics::SERVICE,
    runtime::SERVICE,
];

impl Service {
    /// The operation of a name, or why there is none.
    pub(crate) fn operation(&self, name: &str) -> Result<&'static Served, Fault> {
        if let Some(served) = self.served.iter().find(|served| served.name == name) {
            return Ok(served);
        }
        match self.known().find(|(known, _)| *known == name) {
            Some((_, reason)) => {
                let mut fault = Fault::unsupported(format!(
                    "{name} of {} is not served here{}",
                    self.title,
                    reason
                        .map(|reason| format!(": {reason}"))
                        .unwrap_or_default()
                ));
                fault.code = self.refusal_code().into();
                Err(fault)
            }
            None => Err(Fault::new(
                match self.protocol {
                    Protocol::Json { .. } | Protocol::Any { .. } => "UnknownOperationException",
                    Protocol::Query { .. } | Protocol::Ec2 { .. } => "InvalidAction",
                },
                format!("{} has no operation `{}`", self.title, shortened(name)),
            )),
        }
    }

    /// The code of what is known and not served.
    fn refusal_code(&self) -> &'static str {
        match self.protocol {
            Protocol::Ec2 { .. } => "UnsupportedOperation",
            _ => "UnsupportedOperationException",
        }
    }

    fn known(&self) -> impl Iterator<Item = (&'static str, Option<&'static str>)> + use<> {
        self.known
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| match line.split_once('\t') {
                Some((name, reason)) => (name, Some(reason)),
                None => (line, None),
            })
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Whether an operation is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The service.
    pub service: &'static str,
    /// The operation.
    pub operation: String,
    /// `None` when it is served, else why it is refused.
    pub refused: Option<String>,
}

/// A service with paths: what is served, and what is refused for which reason.
type Paths = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

/// The operations of services with paths, in tables of their own.
const PATHS: &[Paths] = &[
    (
        "SageMaker Runtime",
        &[
            "InvokeEndpoint",
            "InvokeEndpointAsync",
            "InvokeEndpointWithResponseStream",
        ],
        &[],
    ),
    (
        "SageMaker Metrics",
        &["BatchGetMetrics", "BatchPutMetrics"],
        &[],
    ),
    (
        "SageMaker Feature Store Runtime",
        &["BatchGetRecord", "DeleteRecord", "GetRecord", "PutRecord"],
        &[
            ("BatchWriteRecord", "not served yet; put records one by one"),
            ("ListRecords", "not served yet"),
            ("UpdateRecord", "not served yet; put the whole record"),
        ],
    ),
];

/// Every operation of every service, in the order of their names.
pub fn coverage() -> Vec<Coverage> {
    let mut all = Vec::new();
    for (service, served, refused) in PATHS {
        let served = served.iter().map(|name| (*name, None));
        let refused = refused.iter().map(|(name, reason)| (*name, Some(*reason)));
        all.extend(served.chain(refused).map(|(operation, reason)| Coverage {
            service,
            operation: operation.to_owned(),
            refused: reason.map(str::to_owned),
        }));
    }
    for (operation, refused) in lambda::coverage() {
        all.push(Coverage {
            service: "Lambda",
            operation: operation.to_owned(),
            refused: refused.map(str::to_owned),
        });
    }
    for (operation, state) in ::s3::coverage() {
        all.push(Coverage {
            service: "S3",
            operation: operation.to_owned(),
            refused: match state {
                ::s3::Coverage::Served => None,
                ::s3::Coverage::Refused(reason) => Some(reason.to_owned()),
            },
        });
    }
    for service in SERVICES {
        let served = |name: &str| service.served.iter().any(|served| served.name == name);
        for (name, reason) in service.known() {
            let refused = (!served(name)).then(|| {
                reason.map_or_else(
                    || format!("answered with `{}`", service.refusal_code()),
                    str::to_owned,
                )
            });
            all.push(Coverage {
                service: service.title,
                operation: name.to_owned(),
                refused,
            });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_served_is_known_and_there_once() {
        for service in SERVICES {
            let known: BTreeSet<&str> = service.known().map(|(name, _)| name).collect();
            let mut seen = BTreeSet::new();
            for served in service.served {
                assert!(
                    known.contains(served.name),
                    "{} {}",
                    service.title,
                    served.name
                );
                assert!(seen.insert(served.name), "{} twice", served.name);
            }
        }
    }
}
