//! The desired state of an endpoint, with everything resolved to paths on this machine.

use crate::Error;
use domain::endpoint::{NativeUse, Retry};
use domain::traffic::{Capture, Traffic};
use domain::{EndpointName, Name, NetworkPolicy, Share, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Most deployments of one endpoint.
pub const MOST_DEPLOYMENTS: usize = 64;
/// Most replicas of one deployment.
pub const MOST_REPLICAS: u32 = 256;
/// Most calls of one batch.
pub const MOST_JOINED: usize = 128;

/// Which endpoint: names are unique within a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointKey {
    /// Scope.
    pub workspace: Workspace,
    /// Its name there.
    pub name: EndpointName,
}

impl fmt::Display for EndpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.workspace, self.name)
    }
}

/// What shall answer behind one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSpec {
    /// Which endpoint.
    pub key: EndpointKey,
    /// Between 1 and [`MOST_DEPLOYMENTS`].
    pub deployments: Vec<DeploymentSpec>,
    /// Sizes of bodies.
    pub limits: Limits,
    /// How requests find a deployment beyond the shares.
    pub traffic: Traffic,
    /// What of them is kept.
    pub capture: Option<Capture>,
}

/// Sizes of bodies in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of a request.
    pub request_bytes: usize,
    /// Of an answer.
    pub response_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 64 << 20,
            response_bytes: 64 << 20,
        }
    }
}

/// One model version behind an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentSpec {
    /// Its name within the endpoint.
    pub name: Name,
    /// `model:version`, for answers and logs.
    pub model: String,
    /// Content address of model, code and environment: a changed one means new replicas even
    /// where every path stayed the same.
    pub revision: String,
    /// The unpacked model folder.
    pub model_folder: PathBuf,
    /// The unpacked folder of the handler's code, where it has one.
    pub code_folder: Option<PathBuf>,
    /// Which prediction contract, and in which file.
    pub handler: Handler,
    /// The Python interpreter.
    pub interpreter: PathBuf,
    /// Program and arguments that are put before the interpreter, such as one that gives up rights
    /// and then becomes it; empty for none.
    pub wrapper: Vec<OsString>,
    /// What of the network the replicas reach.
    pub network: NetworkPolicy,
    /// Most bytes of memory of one replica; none is no limit of its own.
    pub memory: Option<u64>,
    /// Variables of the replicas, beside those that the contracts prescribe.
    pub environment: BTreeMap<String, String>,
    /// How many are kept ready whatever the load, 0 to [`MOST_REPLICAS`].
    pub replicas: u32,
    /// How many there may be under load, up to [`MOST_REPLICAS`]; fewer than `replicas` count as
    /// `replicas`. With 0 of both it answers nothing until either is raised.
    pub most_replicas: u32,
    /// Whether it may be evaluated inside this process.
    pub native: NativeUse,
    /// Of the traffic; 0 is reached only by name.
    pub share: Share,
    /// Most requests that may wait for a free replica.
    pub queue: usize,
    /// Most calls that one prediction may answer together, 1 to [`MOST_JOINED`]; 1 joins none. Only
    /// handlers whose rows are known to be independent join at all.
    pub batch: usize,
    /// Limits of time.
    pub timing: Timing,
    /// What happens to a request whose replica crashed.
    pub retry: Retry,
}

/// The prediction contract.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Handler {
    /// Which form.
    pub form: Form,
    /// The file with the user's functions; unset serves the model's own `predict`.
    pub entry: Option<PathBuf>,
}

/// The forms of prediction code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Whatever the entry file defines; without an entry file, [`Form::Saved`].
    #[default]
    Auto,
    /// SageMaker's `model_fn`, `input_fn`, `predict_fn`, `output_fn`, `transform_fn`.
    SageMaker,
    /// Azure ML's `init()` and `run(data)`.
    Azure,
    /// `predict(model, instances)` with an optional `load(model_dir)`.
    Predict,
    /// A joblib or pickle file in the model folder, no code.
    Saved,
    /// A function in AWS Lambda's form; variables say its name.
    AwsFunction,
    /// A function of the user's `functions-framework`.
    GoogleFunction,
    /// Functions of the user's `azure-functions`.
    AzureFunction,
}

impl Form {
    /// The word the worker uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::SageMaker => "sagemaker",
            Self::Azure => "azure",
            Self::Predict => "predict",
            Self::Saved => "saved",
            Self::AwsFunction => "aws-function",
            Self::GoogleFunction => "google-function",
            Self::AzureFunction => "azure-function",
        }
    }

    /// Whether it answers events instead of predictions: then `model_folder` is its code.
    pub fn is_function(self) -> bool {
        matches!(
            self,
            Self::AwsFunction | Self::GoogleFunction | Self::AzureFunction
        )
    }
}

/// Limits of time for one deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// From starting a replica to its being ready.
    pub start: Duration,
    /// For one call; a replica that exceeds it is taken for hung and replaced.
    pub call: Duration,
    /// For requests under way when a deployment is replaced or removed.
    pub drain: Duration,
    /// Between asking a replica to stop and killing it.
    pub stop: Duration,
    /// Replicas above the warm floor that were not needed for so long end.
    pub idle: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            start: Duration::from_mins(5),
            call: Duration::from_mins(1),
            drain: Duration::from_mins(1),
            stop: Duration::from_secs(5),
            idle: Duration::from_mins(1),
        }
    }
}

impl DeploymentSpec {
    /// A deployment that serves the saved model of a folder with one replica and all the traffic.
    pub fn new(name: Name, model_folder: PathBuf, interpreter: PathBuf) -> Self {
        Self {
            model: name.to_string(),
            name,
            revision: String::new(),
            model_folder,
            code_folder: None,
            handler: Handler::default(),
            interpreter,
            wrapper: Vec::new(),
            network: NetworkPolicy::default(),
            memory: None,
            environment: BTreeMap::new(),
            replicas: 1,
            most_replicas: 1,
            native: NativeUse::Auto,
            share: Share::ALL,
            queue: 256,
            batch: 1,
            timing: Timing::default(),
            retry: Retry::Once,
        }
    }

    /// True when replicas of `other` would be the same as ours, so that they may stay: only the
    /// number of replicas and the share of the traffic may differ.
    pub(crate) fn same_replicas(&self, other: &Self) -> bool {
        let mut other = other.clone();
        other.replicas = self.replicas;
        other.most_replicas = self.most_replicas;
        other.share = self.share;
        *self == other
    }
}

impl EndpointSpec {
    /// Checks numbers, names and shares; paths are checked by starting a replica.
    pub fn check(&self) -> Result<(), Error> {
        let invalid = |message: String| Err(Error::Invalid(message));
        if self.deployments.is_empty() || self.deployments.len() > MOST_DEPLOYMENTS {
            return invalid(format!(
                "an endpoint has between 1 and {MOST_DEPLOYMENTS} deployments"
            ));
        }
        let mut names = BTreeSet::new();
        for deployment in &self.deployments {
            if !names.insert(&deployment.name) {
                return invalid(format!("deployment `{}` is there twice", deployment.name));
            }
            if !(1..=MOST_JOINED).contains(&deployment.batch) {
                let name = &deployment.name;
                return invalid(format!(
                    "deployment `{name}` joins between 1 and {MOST_JOINED} calls"
                ));
            }
            if deployment.replicas.max(deployment.most_replicas) > MOST_REPLICAS {
                let name = &deployment.name;
                return invalid(format!(
                    "deployment `{name}` has at most {MOST_REPLICAS} replicas"
                ));
            }
        }
        if self
            .deployments
            .iter()
            .all(|deployment| deployment.share == Share::NONE)
        {
            return invalid("no deployment has a share of the traffic".to_owned());
        }
        Ok(())
    }
}
