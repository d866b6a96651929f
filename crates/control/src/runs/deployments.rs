//! Deploy and predict steps: the endpoint's row is written together with the run, and its
//! readiness is learned by looking.

use super::draft::Draft;
use super::scope::Evaluator;
use crate::rows::Stored;
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::data_plane::{Answer, Invocation};
use contracts::store::Key;
use domain::endpoint::{Deployment, DeploymentOptions, Endpoint, EndpointPhase, EndpointSpec};
use domain::job::FailureKind;
use domain::model::{Model, ModelReference};
use domain::pipeline::{Run, StepResult, StepState};
use domain::rollout::Rollout;
use domain::{EndpointName, Name, Refusal, Share, Span, StepPath, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How long a prediction step waits for its endpoint.
const PATIENCE: Span = Span::minutes(5);

/// What a deploy step asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) endpoint: &'a EndpointName,
    /// An expression.
    pub(super) model: &'a str,
    pub(super) replicas: u32,
    pub(super) rollout: &'a Rollout,
}

/// Who gets how much of the traffic, for the event.
fn shares(spec: &EndpointSpec) -> BTreeMap<&str, String> {
    let deployments = spec.deployments.iter();
    deployments
        .map(|one| (one.name.as_str(), one.share.to_string()))
        .collect()
}

impl Control {
    /// Begins a deployment; `None` when the same draft already writes the endpoint.
    pub(super) async fn begin_deployment(
        &self,
        run: &Run,
        path: &StepPath,
        wanted: Wanted<'_>,
        draft: &mut Draft,
    ) -> Result<Option<StepState>, Error> {
        let now = self.world.now();
        let name = wanted.endpoint;
        let reference = Evaluator::new(run, path).text(wanted.model);
        let reference = match reference.and_then(ModelReference::try_from) {
            Ok(reference) => reference,
            Err(message) => return Ok(Some(failed(message, now))),
        };
        let (ModelReference::Newest(named)
        | ModelReference::Version(named, _)
        | ModelReference::Alias(named, _)) = &reference;
        if draft.has(&Key::new(Model::KIND, &run.workspace, named)) {
            // What the reference means is being written by this very draft.
            return Ok(None);
        }
        let (model, version) = match self.resolve_version(&run.workspace, &reference).await {
            Ok(found) => found,
            Err(Error::Refused(refusal)) => return Ok(Some(failed(refusal.to_string(), now))),
            Err(error) => return Err(error),
        };
        let key = Key::new(Endpoint::KIND, &run.workspace, name);
        if draft.has(&key) {
            return Ok(None);
        }
        let served = (model.clone(), version);
        let deployment = Deployment {
            name: Name::new(format!("v{version}"))
                .map_err(|e| Error::from(Refusal::internal(e.to_string())))?,
            model,
            version,
            replicas: wanted.replicas,
            share: Share::ALL,
            options: DeploymentOptions::default(),
        };
        let found = self.find::<Endpoint>(&key).await?;
        let spec = match &found {
            None => EndpointSpec::first(deployment, run.spec.tags.clone(), wanted.rollout),
            Some((endpoint, _)) => {
                let mut spec = endpoint.spec.rolled_forward(deployment, wanted.rollout);
                spec.tags.extend(run.spec.tags.clone());
                spec
            }
        };
        if let Err(invalid) = spec.check() {
            return Ok(Some(failed(invalid.to_string(), now)));
        }
        let generation = match found {
            Some((endpoint, _)) if endpoint.serves(&spec) => endpoint.generation,
            Some((endpoint, _)) if endpoint.phase == EndpointPhase::Deleting => return Ok(None),
            found => {
                let (endpoint, revision) =
                    super::super::endpoints::changed(found, &run.workspace, name, spec, now);
                let detail = json!({
                    "run": run.id,
                    "generation": endpoint.generation,
                    "traffic": shares(&endpoint.spec),
                });
                draft.event(system_event(&key, "deployed", detail));
                // Written as it is: a deletion at the same moment conflicts with this commit.
                let served = self
                    .version_row(&run.workspace, &served.0, served.1)
                    .await?;
                if !draft.has(&served.row.key) {
                    draft.put(served.row, Some(served.revision));
                }
                draft.put(endpoint.row(Some(now))?, revision);
                endpoint.generation
            }
        };
        let generation = Some(generation);
        Ok(Some(StepState::Running {
            job: None,
            since: now,
            cache_key: None,
            generation,
        }))
    }

    /// How a deployment that was begun stands; `None` while it goes on.
    pub(super) async fn finish_deployment(
        &self,
        run: &Run,
        name: &EndpointName,
        generation: u64,
        since: Timestamp,
    ) -> Result<Option<StepState>, Error> {
        let now = self.world.now();
        let key = Key::new(Endpoint::KIND, &run.workspace, name);
        let Some((endpoint, _)) = self.find::<Endpoint>(&key).await? else {
            return Ok(Some(failed(
                format!("endpoint `{name}` was deleted meanwhile"),
                now,
            )));
        };
        if endpoint.generation > generation {
            let message = format!("endpoint `{name}` was changed by somebody else meanwhile");
            return Ok(Some(failed(message, now)));
        }
        Ok(match endpoint.phase {
            EndpointPhase::Creating | EndpointPhase::Updating => None,
            EndpointPhase::Ready => {
                let values = BTreeMap::from([("endpoint".to_owned(), json!(name))]);
                let result = StepResult {
                    values,
                    ..StepResult::default()
                };
                let (job, cached) = (None, false);
                Some(StepState::Succeeded {
                    result,
                    job,
                    cached,
                    started: since,
                    ended: now,
                })
            }
            EndpointPhase::Failed { message } => Some(failed(message, now)),
            EndpointPhase::Deleting => {
                Some(failed(format!("endpoint `{name}` is being deleted"), now))
            }
        })
    }

    /// Sends the payload; `None` while the endpoint is not reachable yet.
    pub(super) async fn predict(
        &self,
        run: &Run,
        path: &StepPath,
        name: &EndpointName,
        payload: &Value,
        since: Timestamp,
    ) -> Option<StepState> {
        let now = self.world.now();
        let payload = match Evaluator::new(run, path).value(payload) {
            Ok(payload) => payload,
            Err(message) => return Some(failed(message, now)),
        };
        let request = Invocation {
            content_type: "application/json".to_owned(),
            accept: "application/json".to_owned(),
            body: payload.to_string().into(),
            deployment: None,
            headers: http::HeaderMap::new(),
            deadline: Span::seconds(60),
        };
        let answered = self.data_plane.invoke(&run.workspace, name, request).await;
        match answered.and_then(Answer::prediction) {
            Ok(answer) => {
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
                let values = BTreeMap::from([
                    ("answer".to_owned(), value),
                    ("request".to_owned(), payload),
                    ("endpoint".to_owned(), json!(name)),
                    ("microseconds".to_owned(), json!(answer.microseconds)),
                    ("version".to_owned(), json!(answer.model)),
                ]);
                let result = StepResult {
                    values,
                    ..StepResult::default()
                };
                let (job, cached) = (None, false);
                let ended = self.world.now();
                Some(StepState::Succeeded {
                    result,
                    job,
                    cached,
                    started: since,
                    ended,
                })
            }
            Err(
                Refusal::NotFound { .. } | Refusal::Unavailable { .. } | Refusal::Throttled { .. },
            ) if now.since(since) < PATIENCE => None,
            Err(refusal) => Some(failed(refusal.to_string(), now)),
        }
    }
}

fn failed(message: String, now: Timestamp) -> StepState {
    super::settle::failed(FailureKind::Provider, message, now)
}
