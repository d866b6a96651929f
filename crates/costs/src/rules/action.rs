//! What Tradewind itself does when advice is applied, and what it remembers so that it can be undone.

use crate::Ledger;
use crate::error::Error;
use crate::ledger::replace_file;
use crate::metering::Asked;
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;

/// A change of something that Tradewind runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Action {
    /// Keep so many replicas of a deployment ready whatever the load.
    ScaleEndpoint {
        /// Scope.
        workspace: String,
        /// The endpoint.
        endpoint: String,
        /// The deployment within it.
        deployment: String,
        /// How many.
        replicas: u32,
    },
    /// Keep no replica of an endpoint ready outside its working hours, by its tag `AutoShutdown`.
    ScheduleEndpoint {
        /// Scope.
        workspace: String,
        /// The endpoint.
        endpoint: String,
        /// `weekdays-07-19`, in UTC.
        hours: String,
    },
    /// Delete objects of a bucket that nobody changed for so many days.
    ExpireObjects {
        /// Scope.
        workspace: String,
        /// The bucket.
        bucket: String,
        /// After how many days.
        days: u32,
    },
    /// Let a step of runs that begin from now on ask for other resources, as long as its file asks for
    /// what it did.
    SizeStep {
        /// Scope.
        workspace: String,
        /// The pipeline.
        pipeline: String,
        /// The step.
        step: String,
        /// What its file asks for.
        asked: Asked,
        /// What is asked for instead.
        instead: Asked,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScaleEndpoint {
                endpoint,
                deployment,
                replicas,
                ..
            } => write!(
                f,
                "keep {replicas} replicas of `{endpoint}`/`{deployment}` ready"
            ),
            Self::ScheduleEndpoint {
                endpoint, hours, ..
            } => write!(
                f,
                "keep no replica of `{endpoint}` ready outside {hours} UTC"
            ),
            Self::ExpireObjects { bucket, days, .. } => {
                write!(
                    f,
                    "delete objects of `{bucket}` {days} days after their last change"
                )
            }
            Self::SizeStep {
                pipeline,
                step,
                asked,
                instead,
                ..
            } => write!(
                f,
                "ask for {instead} instead of {asked} in step `{step}` of `{pipeline}`"
            ),
        }
    }
}

/// What was there before an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "was")]
pub enum Before {
    /// So many replicas were kept ready, and so many were allowed under load.
    Replicas {
        /// Kept ready.
        replicas: u32,
        /// Allowed; unset as it was unset.
        most: Option<u32>,
    },
    /// The endpoint had this tag, or none of its name.
    Tag {
        /// The tag.
        name: String,
        /// What it said.
        value: Option<String>,
    },
    /// The bucket had no rule of this name.
    NoRule {
        /// The rule's name.
        id: String,
    },
    /// The step asked for what its file says; the file was not changed.
    File,
}

/// An action that is carried out: written down before it begins, so that it can be undone whenever the
/// server ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Applied {
    /// Its name.
    pub id: String,
    /// The rule that advised it.
    pub rule: String,
    /// What was done.
    pub action: Action,
    /// What was there before.
    pub before: Before,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Whether it is known to be done. If not, the server ended on the way: it may be done or not, and
    /// undoing it sets what was there before in either case.
    #[serde(default = "done")]
    pub done: bool,
    /// When it was undone.
    #[serde(default)]
    pub undone: Option<Timestamp>,
}

fn done() -> bool {
    true
}

const FILE: &str = "applied.json";

impl Ledger {
    /// What was applied, by id.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn applied(&self) -> Result<BTreeMap<String, Applied>, Error> {
        let path = self.folder().join(FILE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| Error::damaged(&path, error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(Error::io(&path)(error)),
        }
    }

    /// Remembers what was applied, or that it was undone.
    ///
    /// # Errors
    /// When the ledger is being changed, or the record cannot be written.
    pub fn remember_applied(&self, applied: Applied) -> Result<(), Error> {
        self.change_applied(|all| {
            all.insert(applied.id.clone(), applied);
        })
    }

    /// Forgets what turned out not to be applied.
    ///
    /// # Errors
    /// When the ledger is being changed, or the record cannot be written.
    pub fn forget_applied(&self, id: &str) -> Result<(), Error> {
        self.change_applied(|all| {
            all.remove(id);
        })
    }

    fn change_applied(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, Applied>),
    ) -> Result<(), Error> {
        let _lock = self.lock()?;
        let mut all = self.applied()?;
        change(&mut all);
        let bytes = serde_json::to_vec_pretty(&all);
        let bytes = bytes.map_err(|error| Error::Invalid(error.to_string()))?;
        replace_file(&self.folder().join(FILE), &bytes)
    }
}
