//! The S3 protocol over the embedded object store, so that programs written for Amazon S3 (boto3,
//! the AWS command line, s3fs, pyarrow) run unchanged.
//!
//! [`service`] answers HTTP requests: the `s3s` crate reads them into typed operations and checks
//! their signatures; [`Access`] says who the caller is and what it may; one file under
//! `operations/` translates one operation into one call of [`objects`]; `fault.rs` gives every
//! error of the store its S3 code. What S3 has and this store does not is refused with
//! `NotImplemented`, never answered with an empty success; [`coverage`] lists it.
//!
//! Wire facts follow the Amazon S3 API Reference.

mod access;
mod actions;
mod body;
mod caller;
mod checksums;
mod conditions;
mod cors;
mod coverage;
mod describe;
mod encryption;
mod fault;
mod gate;
mod hosts;
mod integrity;
mod kms;
mod locks;
mod names;
mod notifications;
mod operations;
mod policy;
mod presigned;
mod service;
mod settings;
mod signed;
mod times;

pub use access::{
    Access, AccessError, Facts, Identity, Question, Secret, Verdict, memory::Keyring,
};
pub use caller::Connection;
pub use coverage::{Coverage, coverage};
pub use encryption::{kms_key_of, sealed_by_kms};
pub use gate::{has_policy, said_by_bucket};
pub use notifications::Notification;
pub use policy::{Asked, Effect, Policy, PolicyError, Principal};
pub use service::{Service, service};
pub use settings::Settings;
