//! What answers predictions: given the desired state of an endpoint it makes it so.

use bytes::Bytes;
use domain::endpoint::DeploymentOptions;
use domain::environment::Environment;
use domain::traffic::{Capture, Traffic};
use domain::{EndpointName, Name, NetworkPolicy, Refusal, Share, Span, Workspace};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A deployment with everything resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedDeployment {
    /// Its name within the endpoint.
    pub name: Name,
    /// `model:version`, for answers and logs.
    pub model: String,
    /// The model folder on this machine.
    pub model_folder: PathBuf,
    /// Unpacked code folder, when there is a handler.
    pub code_folder: Option<PathBuf>,
    /// Handler file relative to the code folder.
    pub handler: Option<String>,
    /// What it runs in.
    pub environment: Environment,
    /// Variables of the workers.
    pub env: BTreeMap<String, String>,
    /// What of the network the workers may reach.
    pub network: NetworkPolicy,
    /// Workers that are kept ready whatever the load.
    pub replicas: u32,
    /// Most workers under load.
    pub most_replicas: u32,
    /// Of the traffic.
    pub share: Share,
    /// How it computes.
    pub options: DeploymentOptions,
}

/// The desired state of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredEndpoint {
    /// Scope.
    pub workspace: Workspace,
    /// Its name.
    pub name: EndpointName,
    /// Counts changes; a smaller one than the present is ignored.
    pub generation: u64,
    /// What shall answer.
    pub deployments: Vec<ResolvedDeployment>,
    /// How requests find a deployment beyond the shares.
    pub traffic: Traffic,
    /// What of them is kept.
    pub capture: Option<Capture>,
}

/// What is seen of an endpoint here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum EndpointObservation {
    /// Nothing.
    Absent,
    /// Being made so.
    Progressing {
        /// The generation that answers meanwhile, if any.
        serving: Option<u64>,
        /// What is being done.
        step: String,
    },
    /// Answers as asked.
    Ready {
        /// The generation that answers.
        generation: u64,
    },
    /// Cannot be made so; an earlier generation still answers when there was one.
    Failed {
        /// The generation that failed.
        generation: u64,
        /// One paragraph with the user's file and line when their code raised.
        message: String,
    },
}

/// A prediction request.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Media type of the body.
    pub content_type: String,
    /// Media type wanted back.
    pub accept: String,
    /// The payload.
    pub body: Bytes,
    /// A deployment by name; unset leaves it to the endpoint's rules.
    pub deployment: Option<Name>,
    /// The caller's headers, for endpoints whose callers are sticky.
    pub headers: http::HeaderMap,
    /// Time the caller gives it.
    pub deadline: Span,
}

/// What the model said, which need not be a prediction: see [`Self::status`].
#[derive(Debug, Clone)]
pub struct Answer {
    /// The handler's own status: 200 unless it chose another. Every status is an answer; a request
    /// that reached no handler is a [`Refusal`].
    pub status: StatusCode,
    /// Further headers that the handler set, none of which frames the body.
    pub headers: Vec<(String, String)>,
    /// Media type of the body.
    pub content_type: String,
    /// The payload.
    pub body: Bytes,
    /// Which deployment answered.
    pub deployment: Name,
    /// Which model version answered.
    pub model: String,
    /// Time from the call to the answer, in microseconds.
    pub microseconds: u64,
}

/// Most characters of a handler's answer that a message repeats.
const LONGEST_TEXT: usize = 1_000;

impl Answer {
    /// The beginning of the body as text, for messages.
    pub fn text(&self) -> String {
        let most = self.body.len().min(4 * LONGEST_TEXT);
        String::from_utf8_lossy(&self.body[..most])
            .chars()
            .take(LONGEST_TEXT)
            .collect()
    }

    /// The answer if it is a success, else what the handler said as a refusal, for callers who
    /// have no use for a status.
    pub fn prediction(self) -> Result<Self, Refusal> {
        if self.status.is_success() {
            return Ok(self);
        }
        let message = format!("the handler answered {}: {}", self.status, self.text());
        Err(if self.status.is_client_error() {
            Refusal::Invalid { message }
        } else if self.status == StatusCode::SERVICE_UNAVAILABLE {
            Refusal::Unavailable { message }
        } else {
            Refusal::ModelFailed { message }
        })
    }

    /// A header that the handler set; names differ in case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = |(set, _): &&(String, String)| set.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(found)
            .map(|(_, value)| value.as_str())
    }
}

/// What a data plane found out about a canary; true of one generation of its endpoint only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryReport {
    /// Scope.
    pub workspace: Workspace,
    /// The endpoint.
    pub name: EndpointName,
    /// The generation that was watched.
    pub generation: u64,
    /// What shall become of it.
    pub verdict: CanaryVerdict,
    /// With which figures, as one sentence.
    pub evidence: String,
}

/// What shall become of a canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CanaryVerdict {
    /// It did well for a whole step.
    Advance,
    /// It does worse than it may; it gets no requests here any more.
    RollBack,
}

/// The data plane of one server.
#[async_trait::async_trait]
pub trait DataPlane: Send + Sync {
    /// Takes the desired state; returns at once, the rest is observed.
    async fn apply(&self, desired: DesiredEndpoint);

    /// Whether a request can be sent to it: false before the desired state of an endpoint was taken and
    /// prepared for the first time.
    fn knows(&self, _workspace: &Workspace, _name: &EndpointName) -> bool {
        true
    }

    /// What is seen.
    async fn observe(&self, workspace: &Workspace, name: &EndpointName) -> EndpointObservation;

    /// Takes it down, requests under way are answered first.
    async fn remove(&self, workspace: &Workspace, name: &EndpointName);

    /// Sends a request to a handler; whatever it answers is an answer.
    async fn invoke(
        &self,
        workspace: &Workspace,
        name: &EndpointName,
        request: Invocation,
    ) -> Result<Answer, Refusal>;

    /// Canaries that have been judged and whose endpoints have not been changed since.
    fn canaries(&self) -> Vec<CanaryReport> {
        Vec::new()
    }

    /// Completes when an observation may have changed since the call before.
    async fn changed(&self);
}
