//! Of which pipeline and model a job was, so that its costs are found by them.

use control::Control;
use costs::query::{MODEL_TAG, PIPELINE_TAG};
use domain::job::Job;
use domain::pipeline::{Run, StepAction};
use domain::{RunId, Workspace};
use std::collections::BTreeMap;

/// Tags of runs that were looked at.
#[derive(Default)]
pub(super) struct Labels(BTreeMap<(Workspace, RunId), Vec<(&'static str, String)>>);

impl Labels {
    /// Adds the tags of its run to a job that is a step.
    pub(super) async fn put(
        &mut self,
        control: &Control,
        job: &mut Job,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let Some(step) = &job.step else {
            return Ok(());
        };
        let key = (job.workspace.clone(), step.run.clone());
        if !self.0.contains_key(&key) {
            let run = control.run_as_it_is(&key.0, &key.1).await?;
            let tags = run.map(|run| tags(&run)).unwrap_or_default();
            self.0.insert(key.clone(), tags);
        }
        for (name, value) in self.0.get(&key).into_iter().flatten() {
            job.spec.tags.insert((*name).to_owned(), value.clone());
        }
        Ok(())
    }
}

/// The pipeline; and the model when it registers one and no other.
fn tags(run: &Run) -> Vec<(&'static str, String)> {
    let mut tags = vec![(PIPELINE_TAG, run.spec.name.to_string())];
    let steps = run.spec.steps.iter();
    let mut models: Vec<String> = steps
        .filter_map(|step| match &step.action {
            StepAction::Register { model, .. } => Some(model.to_string()),
            _ => None,
        })
        .collect();
    models.sort();
    models.dedup();
    if let [model] = models.as_slice() {
        tags.push((MODEL_TAG, model.clone()));
    }
    tags
}
