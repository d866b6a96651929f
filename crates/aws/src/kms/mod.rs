//! The Key Management Service on the local key ring: symmetric keys, aliases, data keys. The same
//! keys encrypt objects and job outputs.

mod context;
mod data_key;
mod fault;
mod keys;
mod operations;
mod questions;

pub(crate) use questions::questions;

use crate::service::{Protocol, Service};

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "kms",
    title: "KMS",
    protocol: Protocol::Json {
        target: "TrentService",
        content_type: "application/x-amz-json-1.1",
        model: None,
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};
