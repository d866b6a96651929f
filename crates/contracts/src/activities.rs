//! What a dialect does for a reconciler: it says what a step asks for, and makes, observes and
//! stops it in its own words. When, how often and in which order is not its business.
//!
//! It is the same bargain as [`crate::backend::Backend`]'s: a name is stored before [`Activities::
//! ensure`] hears it, making it twice makes one, and a result is learned only by observing.

use domain::execution::{Execution, FailureClass, GraphStep};
use domain::job::Job;
use domain::{JobId, Refusal, Workspace};
use serde_json::Value;
use std::collections::BTreeMap;

/// Something that a dialect makes: a training job, a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// Scope.
    pub workspace: Workspace,
    /// What the dialect needs to act as whoever asked for it.
    pub actor: Value,
    /// Of which kind, in the dialect's word.
    pub kind: String,
    /// Its name; the same name is the same activity.
    pub name: String,
    /// What is asked for, in the dialect's own form.
    pub request: Value,
}

/// What a step comes to, once the results of the steps before it are known.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    /// An activity.
    Activity {
        /// Of which kind.
        kind: String,
        /// Its name: equal for an equal execution, step and number of tries.
        name: String,
        /// What is asked for.
        request: Value,
        /// What an equal step has equal; `None` when its result may not answer for others.
        cache: Option<Value>,
    },
    /// A decision between two branches.
    Choice {
        /// Whether the first is taken.
        holds: bool,
    },
    /// An answer is waited for that somebody else gives.
    Answer {
        /// In the dialect's own form.
        detail: Value,
    },
    /// The execution has failed.
    Fail {
        /// Why.
        message: String,
    },
}

/// How an activity stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Under way.
    Running,
    /// Done.
    Succeeded {
        /// What later steps refer to.
        result: Value,
    },
    /// Not done.
    Failed {
        /// Why.
        reason: String,
        /// Of which kind.
        class: FailureClass,
    },
    /// Stopped on request.
    Stopped,
}

/// What is seen of an activity.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// How it stands.
    pub standing: Standing,
    /// The job behind it: its end wakes whoever waits, its metrics can be read.
    pub job: Option<JobId>,
}

/// A dialect towards reconcilers.
#[async_trait::async_trait]
pub trait Activities: Send + Sync {
    /// What a step comes to. It reads what earlier steps left and changes nothing. `tries` is the
    /// number of tries that are over.
    ///
    /// # Errors
    /// When the step refers to what is not there, or asks for what is not served.
    async fn resolve(
        &self,
        execution: &Execution,
        step: &GraphStep,
        tries: u32,
    ) -> Result<Resolved, Refusal>;

    /// Makes the activity; one of that name that is there already is the one. Returns the handle
    /// by which it is observed.
    ///
    /// # Errors
    /// When it is refused; `Unavailable`, `Throttled` and `QuotaSpent` may pass.
    async fn ensure(&self, activity: &Activity) -> Result<Value, Refusal>;

    /// How it stands.
    ///
    /// # Errors
    /// When it cannot be observed right now, or is not there any more (`NotFound`).
    async fn observe(&self, activity: &Activity, handle: &Value) -> Result<Seen, Refusal>;

    /// The variables by which a job that was asked for in the dialect's words acts for itself:
    /// keys of its own. One without a value is taken away from those that every job gets.
    ///
    /// # Errors
    /// When they cannot be had right now.
    async fn job_env(&self, job: &Job) -> Result<BTreeMap<String, Option<String>>, Refusal>;

    /// Asks it to end. One that is over or not there is no error.
    ///
    /// # Errors
    /// When it cannot be asked right now.
    async fn stop(&self, activity: &Activity, handle: &Value) -> Result<(), Refusal>;
}
