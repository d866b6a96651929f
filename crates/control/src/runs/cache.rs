//! Step caching by content: a job whose code, environment, parameters and input contents equal an
//! earlier one's takes that one's result.

use crate::rows::Stored;
use crate::{Control, Error};
use contracts::objects::ListObjects;
use contracts::store::Key;
use domain::job::JobSpec;
use domain::pipe::Pipe;
use domain::pipeline::{Run, StepResult, StepState};
use domain::{JobId, Location, Workspace};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Changes when results of earlier versions of Tradewind must not be taken any more.
const FORM: u32 = 1;

/// A remembered result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// Hash of everything that the result depends on.
    pub key: String,
    /// Scope.
    pub workspace: Workspace,
    /// What the step gave.
    pub result: StepResult,
    /// The job that gave it.
    pub job: JobId,
}

impl Stored for Remembered {
    const KIND: &'static str = "step-result";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.key.clone()
    }
    fn phase_word(&self) -> String {
        "kept".to_owned()
    }
}

impl Control {
    /// The key of a resolved job, or `None` when it may not be cached or an input cannot be read
    /// (the job itself will then say so).
    pub(super) async fn cache_key(&self, run: &Run, spec: &JobSpec) -> Option<String> {
        // The hash of a list says nothing about the files that it names.
        let lists = spec.pipes.values().any(Pipe::is_of_records);
        if !spec.cache || lists || !spec.manifests.is_empty() {
            return None;
        }
        // Few jobs of many have inputs, and all steps are looked at for what is known of them.
        let known = if spec.inputs.is_empty() {
            BTreeMap::new()
        } else {
            known_hashes(run)
        };
        let mut inputs = BTreeMap::new();
        for (channel, locations) in &spec.inputs {
            let mut hashes = Vec::new();
            for location in locations {
                hashes.push(match known.get(location.as_str()) {
                    Some(hash) => (*hash).to_owned(),
                    None => self
                        .stager
                        .content_hash(&run.workspace, location)
                        .await
                        .ok()?,
                });
            }
            inputs.insert(channel, hashes);
        }
        let content = serde_json::json!({
            "form": FORM,
            "entry": spec.entry,
            "code": spec.code.as_ref().map(|code| &code.content_hash),
            "environment": spec.environment,
            "hyperparameters": spec.hyperparameters,
            "env": spec.env,
            "inputs": inputs,
            "outputs": spec.outputs,
            "metrics": spec.metrics,
        });
        Some(crate::transact::hexadecimal(&Sha256::digest(
            content.to_string(),
        )))
    }

    /// The remembered result of a key whose artifacts are all still there.
    pub(super) async fn remembered(
        &self,
        workspace: &Workspace,
        key: &str,
    ) -> Result<Option<Remembered>, Error> {
        let address = Key::new(Remembered::KIND, workspace, key);
        let Some((found, _)) = self.find::<Remembered>(&address).await? else {
            return Ok(None);
        };
        let locations = found
            .result
            .model
            .iter()
            .chain(found.result.outputs.values());
        for location in locations {
            let Ok(Location::Object { bucket, key }) = Location::parse(location) else {
                return Ok(None);
            };
            let list = ListObjects {
                prefix: key,
                limit: 1,
                ..ListObjects::default()
            };
            match self.objects.list(workspace, &bucket, &list).await {
                Ok(listing) if !listing.objects.is_empty() => {}
                Ok(_) | Err(contracts::objects::ObjectError::NoSuchBucket(_)) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(found))
    }
}

/// Content hashes of what earlier steps of the run left.
fn known_hashes(run: &Run) -> BTreeMap<&str, &str> {
    let mut known = BTreeMap::new();
    for state in run.steps.values() {
        let StepState::Succeeded { result, .. } = state else {
            continue;
        };
        let model = result.model.iter().map(|location| ("model", location));
        let outputs = result
            .outputs
            .iter()
            .map(|(name, location)| (name.as_str(), location));
        for (name, location) in model.chain(outputs) {
            if let Some(hash) = result.hashes.get(name) {
                known.insert(location.as_str(), hash.as_str());
            }
        }
    }
    known
}
