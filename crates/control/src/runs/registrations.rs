//! A register step: the version is made in the same commit that says that the step is done, so
//! that it exists exactly once.

use super::draft::Draft;
use super::scope::Evaluator;
use crate::rows::Stored;
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::store::{Key, Query};
use domain::job::{FailureKind, Job};
use domain::lineage::Lineage;
use domain::model::{Approval, Model, ModelVersion, ServingContract};
use domain::pipeline::{Run, StepResult, StepState};
use domain::{JobId, ModelName, Name, StepPath, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The fields of a register step.
pub(super) struct Registration<'a> {
    pub(super) model: &'a ModelName,
    pub(super) from: &'a str,
    pub(super) handler: Option<&'a String>,
    pub(super) approval: Approval,
    pub(super) aliases: &'a [Name],
}

/// The step's result that an artifact came from.
struct Origin {
    result: StepResult,
    hash: String,
    job: Option<JobId>,
}

impl Control {
    /// Registers; `None` when the model is being written by the same draft already.
    pub(super) async fn register(
        &self,
        run: &Run,
        path: &StepPath,
        wanted: &Registration<'_>,
        draft: &mut Draft,
    ) -> Result<Option<StepState>, Error> {
        let now = self.world.now();
        let artifact = match Evaluator::new(run, path).text(wanted.from) {
            Ok(artifact) => artifact,
            Err(message) => return Ok(Some(failed(message, now))),
        };
        let Some(origin) = self.origin(run, &artifact).await else {
            let message =
                format!("`{artifact}` has no model: the job left nothing in its model folder");
            return Ok(Some(failed(message, now)));
        };
        let key = Key::new(Model::KIND, &run.workspace, wanted.model);
        if draft.has(&key) {
            return Ok(None);
        }
        let job = match &origin.job {
            Some(id) => {
                self.find::<Job>(&Key::new(Job::KIND, &run.workspace, id))
                    .await?
            }
            None => None,
        };
        let job = job.map(|(job, _)| job);
        let version = self.drafted_version(run, wanted, &artifact, &origin, job.as_ref());
        let found = self.find::<Model>(&key).await?;
        let revision = found.as_ref().map(|(_, row)| row.revision);
        let mut model = found.map_or_else(|| new_model(run, wanted.model, now), |(model, _)| model);
        let before = model.clone();
        let equal = self.equal_version(&version).await?;
        let reused = equal.is_some();
        let number = equal.unwrap_or(model.newest + 1);
        model.count(number);
        for alias in wanted.aliases {
            model.aliases.insert(alias.clone(), number);
        }
        if revision.is_none() || model != before {
            draft.put(model.row(None)?, revision);
        }
        if !reused {
            let version = ModelVersion {
                version: number,
                ..version
            };
            let detail = json!({"run": run.id, "job": origin.job, "artifact": artifact});
            draft.event(system_event(&version.key(), "registered", detail));
            draft.put(version.row(None)?, None);
        }
        let reference = format!("{}:{number}", wanted.model);
        let result = StepResult {
            model: Some(artifact),
            metrics: origin.result.metrics,
            values: BTreeMap::from([("version".to_owned(), Value::String(reference))]),
            ..StepResult::default()
        };
        let (started, ended) = (now, now);
        Ok(Some(StepState::Succeeded {
            result,
            job: None,
            cached: reused,
            started,
            ended,
        }))
    }

    async fn origin(&self, run: &Run, artifact: &str) -> Option<Origin> {
        for state in run.steps.values() {
            let StepState::Succeeded { result, job, .. } = state else {
                continue;
            };
            let outputs = result.outputs.iter().map(|(name, at)| (name.as_str(), at));
            let mut all = result.model.iter().map(|at| ("model", at)).chain(outputs);
            let Some((name, _)) = all.find(|(_, location)| *location == artifact) else {
                continue;
            };
            if let Some(hash) = result.hashes.get(name) {
                let (result, hash) = (result.clone(), hash.clone());
                return Some(Origin {
                    result,
                    hash,
                    job: job.clone(),
                });
            }
        }
        let hash = self
            .stager
            .content_hash(&run.workspace, artifact)
            .await
            .ok()?;
        Some(Origin {
            result: StepResult::default(),
            hash,
            job: None,
        })
    }

    fn drafted_version(
        &self,
        run: &Run,
        wanted: &Registration<'_>,
        artifact: &str,
        origin: &Origin,
        job: Option<&Job>,
    ) -> ModelVersion {
        let environment = job.map(|job| job.spec.environment.clone());
        ModelVersion {
            model: wanted.model.clone(),
            version: 0,
            workspace: run.workspace.clone(),
            artifact: artifact.to_owned(),
            artifact_hash: origin.hash.clone(),
            serving: ServingContract {
                handler: wanted.handler.cloned(),
                code: wanted
                    .handler
                    .and(job.and_then(|job| job.spec.code.clone())),
                environment: environment.clone().unwrap_or_default(),
                ..ServingContract::default()
            },
            approval: wanted.approval,
            metrics: origin.result.metrics.clone(),
            tags: run.spec.tags.clone(),
            lineage: Lineage {
                job: origin.job.clone(),
                run: Some(run.id.clone()),
                code_hash: job
                    .and_then(|j| j.spec.code.as_ref())
                    .map(|c| c.content_hash.clone()),
                inputs: job.map(|job| job.spec.inputs.clone()).unwrap_or_default(),
                hyperparameters: job
                    .map(|job| job.spec.hyperparameters.clone())
                    .unwrap_or_default(),
                environment,
            },
            created: self.world.now(),
        }
    }

    /// The newest version with the same artifact and the same way of serving.
    async fn equal_version(&self, wanted: &ModelVersion) -> Result<Option<u32>, Error> {
        let label = (
            "tradewind:artifact-hash".to_owned(),
            wanted.artifact_hash.clone(),
        );
        let query = Query {
            kind: ModelVersion::KIND.to_owned(),
            workspace: Some(wanted.workspace.clone()),
            parent: Some(wanted.model.to_string()),
            labels: BTreeMap::from([label]),
            limit: 100,
            ..Query::default()
        };
        let mut newest = None;
        for row in self.store.list(&query).await?.rows {
            let version: ModelVersion = crate::rows::read(&row)?;
            if version.serving == wanted.serving && version.approval == wanted.approval {
                newest = Some(version.version);
            }
        }
        Ok(newest)
    }
}

fn new_model(run: &Run, name: &ModelName, now: Timestamp) -> Model {
    Model {
        name: name.clone(),
        workspace: run.workspace.clone(),
        description: String::new(),
        newest: 0,
        newest_left: None,
        aliases: BTreeMap::new(),
        tags: run.spec.tags.clone(),
        created: now,
    }
}

fn failed(message: String, now: Timestamp) -> StepState {
    super::settle::failed(FailureKind::Input, message, now)
}
