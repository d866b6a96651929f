//! Selective execution: some steps are done, what they need is taken over from an execution before.

use super::executions::{self, View};
use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::sagemaker::fault::fault;
use control::executions::ExecutionFilter;
use domain::execution::{Execution, GraphStep, Origin, StepEnding, StepState};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    #[serde(default)]
    source_pipeline_execution_arn: Option<String>,
    selected_steps: Vec<Selected>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Selected {
    step_name: String,
}

/// What a selection comes to.
pub(crate) struct Selection {
    /// As it is described: with the source that was taken.
    pub(crate) document: Value,
    /// Of the steps that are not selected.
    pub(crate) states: BTreeMap<String, StepState>,
}

/// Reads a selection.
pub(crate) async fn of(
    call: &Call<'_>,
    pipeline: &str,
    config: &Value,
    steps: &[GraphStep],
) -> Result<Selection, Fault> {
    let config: Config = read(config.clone())?;
    let selected: BTreeSet<String> = config
        .selected_steps
        .iter()
        .map(|step| step.step_name.clone())
        .collect();
    if selected.is_empty() {
        return Err(Fault::validation(
            "SelectedSteps must name at least one step",
        ));
    }
    if let Some(unknown) = selected
        .iter()
        .find(|name| !steps.iter().any(|step| step.name == **name))
    {
        return Err(Fault::validation(format!(
            "SelectedSteps names `{unknown}`, which is not a step of the pipeline"
        )));
    }
    let source = match &config.source_pipeline_execution_arn {
        Some(arn) => Some(executions::find(call, arn).await?),
        None => newest(call, pipeline).await?,
    };
    if source
        .as_ref()
        .is_some_and(|view| view.document.pipeline != pipeline)
    {
        return Err(Fault::validation(
            "the source execution must be one of the same pipeline",
        ));
    }
    let states = states(
        steps,
        &selected,
        source.as_ref().map(|view| &view.execution),
    )
    .map_err(Fault::validation)?;
    let names: Vec<Value> = config
        .selected_steps
        .iter()
        .map(|step| json!({"StepName": step.step_name}))
        .collect();
    let mut document = json!({"SelectedSteps": names});
    if let Some(view) = &source {
        document["SourcePipelineExecutionArn"] = json!(view.arn());
    }
    Ok(Selection { document, states })
}

async fn newest(call: &Call<'_>, pipeline: &str) -> Result<Option<View>, Fault> {
    let filter = ExecutionFilter {
        graph: Some(pipeline.to_owned()),
        limit: 1,
        ..ExecutionFilter::default()
    };
    let found = call.aws.control.executions(&call.caller(), &filter).await;
    let (found, _) = found.map_err(fault)?;
    found.into_iter().next().map(View::of).transpose()
}

/// The states of the steps that are not selected: taken over when they succeeded in the source,
/// else left out; a selected step may not need one that is left out.
fn states(
    steps: &[GraphStep],
    selected: &BTreeSet<String>,
    source: Option<&Execution>,
) -> Result<BTreeMap<String, StepState>, String> {
    let mut states = BTreeMap::new();
    for step in steps.iter().filter(|step| !selected.contains(&step.name)) {
        let known = source.and_then(|source| source.states.get(&step.name));
        let state = match known {
            Some(
                state @ StepState::Over {
                    since,
                    at,
                    tries,
                    work,
                    ending: StepEnding::Succeeded { result, .. },
                },
            ) => match state.choice() {
                Some(_) => state.clone(),
                None => StepState::Over {
                    since: *since,
                    at: *at,
                    tries: *tries,
                    work: work.clone(),
                    ending: StepEnding::Succeeded {
                        result: result.clone(),
                        origin: Origin::TakenOver {
                            execution: source.map(|s| s.id.clone()).unwrap_or_default(),
                        },
                    },
                },
            },
            _ => StepState::Skipped,
        };
        states.insert(step.name.clone(), state);
    }
    for step in steps.iter().filter(|step| selected.contains(&step.name)) {
        let condition = step.branch.iter().map(|branch| &branch.condition);
        for need in step.needs.iter().chain(condition) {
            if matches!(states.get(need), Some(StepState::Skipped)) {
                return Err(format!(
                    "the selected step `{}` depends on `{need}`, which is neither selected nor \
                     succeeded in the source execution",
                    step.name
                ));
            }
        }
    }
    Ok(states)
}
