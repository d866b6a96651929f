//! The AWS dialect: SageMaker and what its SDKs touch, as one HTTP service behind SigV4.
//!
//! A request is told apart ([`front`]), its signature proves a principal ([`signature`]), the
//! protocol of its service turns it into one JSON value ([`protocol`]), one operation answers, and
//! the same protocol renders the answer or the fault. An operation is a file with a request, a
//! response and one call of a command or query; `docs/guides/add-an-aws-operation.md` shows one.

mod account;
mod background;
mod budgets;
mod ce;
mod credentials;
mod ec2;
mod ecr;
mod fault;
mod featurestore;
mod front;
mod iam;
mod kept;
mod kms;
mod lambda;
mod logs;
mod metrics;
mod monitoring;
mod notifications;
mod offers;
mod opened;
mod operation;
pub mod parsers;
mod principal;
mod protocol;
mod runtime;
mod s3;
mod sagemaker;
mod service;
mod signature;
mod sts;
mod time;
mod validation;

pub use account::Account;
pub use credentials::{AccessKey, Secret};
pub use front::{is_aws, router};
pub use lambda::FunctionKeys;
pub use offers::Offers;
pub use opened::OpenedKeys;
pub use s3::S3Access;
pub use service::{Coverage, coverage};

pub use background::keep;

use contracts::activities::Activities;
use control::Control;
use objects::ObjectStore;
use serving::logs::Recent;
use std::sync::Arc;

/// The dialect with what its operations work on. Cheap to clone.
#[derive(Clone)]
pub struct Aws {
    /// Commands and queries.
    pub control: Arc<Control>,
    /// The embedded object store, for what S3 knows beyond the neutral form, and the key ring.
    pub objects: ObjectStore,
    /// What the workers of endpoints printed last.
    pub endpoint_lines: Arc<Recent>,
    /// The ledger of costs.
    pub ledger: costs::Ledger,
    /// The account that this installation answers as.
    pub account: Account,
    /// What answers predictions, for the figures of endpoints.
    pub endpoints: serving::Endpoints,
    /// The catalog of machines and their prices.
    pub offers: Offers,
    /// Most bytes of a request's body, outside of S3.
    pub largest_body: usize,
    /// Access keys that were opened lately.
    pub keys: Arc<OpenedKeys>,
}

/// The dialect's name among those that reconcilers act through.
pub const DIALECT: &str = sagemaker::activities::DIALECT;

impl Aws {
    /// What reconcilers have the dialect do. It does not keep the control plane alive.
    pub fn activities(&self) -> Arc<dyn Activities> {
        Arc::new(self.dialect())
    }

    /// What makes the keys of functions.
    pub fn function_keys(&self) -> FunctionKeys {
        FunctionKeys {
            dialect: self.dialect(),
        }
    }

    fn dialect(&self) -> sagemaker::activities::Dialect {
        sagemaker::activities::Dialect {
            control: Arc::downgrade(&self.control),
            objects: self.objects.clone(),
            endpoint_lines: Arc::clone(&self.endpoint_lines),
            ledger: self.ledger.clone(),
            account: self.account.clone(),
            endpoints: self.endpoints.clone(),
            offers: self.offers.clone(),
            largest_body: self.largest_body,
            keys: Arc::clone(&self.keys),
        }
    }
}
