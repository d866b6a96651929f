//! The steps of an execution as `ListPipelineExecutionSteps` shows them.

use super::definition;
use super::executions::View;
use crate::sagemaker::activities;
use crate::time::Epoch;
use domain::Timestamp;
use domain::execution::{ExecutionPhase, Origin, StepEnding, StepState, Work};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Longest reason.
const LONGEST: usize = 1_024;

/// A step.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shown {
    step_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_description: Option<String>,
    start_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<Epoch>,
    step_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_hit_result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    metadata: Value,
    attempt_count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    selective_execution_result: Option<Value>,
    #[serde(skip)]
    pub(crate) began: Timestamp,
}

/// All steps that began, the last first.
pub(crate) fn of(call: &crate::operation::Call<'_>, view: &View) -> Vec<Shown> {
    let mut shown: Vec<Shown> = view
        .execution
        .steps
        .iter()
        .filter_map(|step| {
            let state = view.execution.states.get(&step.name)?;
            let mut shown = one(call, view, state)?;
            shown.step_name.clone_from(&step.name);
            if let Ok(written) = definition::read(&step.body) {
                shown.step_display_name = written.display_name;
                shown.step_description = written.description;
            }
            Some(shown)
        })
        .collect();
    shown.sort_by_key(|shown| shown.began);
    shown.reverse();
    shown
}

fn blank(since: Timestamp, status: &'static str, tries: u32) -> Shown {
    Shown {
        step_name: String::new(),
        step_display_name: None,
        step_description: None,
        start_time: Epoch(since),
        end_time: None,
        step_status: status,
        cache_hit_result: None,
        failure_reason: None,
        metadata: json!({}),
        attempt_count: tries,
        selective_execution_result: None,
        began: since,
    }
}

fn one(call: &crate::operation::Call<'_>, view: &View, state: &StepState) -> Option<Shown> {
    match state {
        StepState::Skipped | StepState::Waiting { since: None, .. } => None,
        StepState::Waiting {
            since: Some(since),
            tries,
            ..
        } => Some(blank(*since, "Starting", *tries)),
        StepState::Running { since, tries, work } => {
            let begun = !matches!(work, Work::Activity { handle: None, .. });
            let status = match view.execution.phase {
                ExecutionPhase::Stopping => "Stopping",
                _ if begun => "Executing",
                _ => "Starting",
            };
            let mut shown = blank(*since, status, *tries);
            shown.metadata = metadata(call, work, None);
            Some(shown)
        }
        StepState::Over {
            since,
            at,
            tries,
            work,
            ending,
        } => {
            let mut shown = blank(*since, "Succeeded", tries.saturating_sub(1));
            shown.end_time = Some(Epoch(*at));
            shown.take_ending(view, ending);
            shown.metadata = match (work, ending) {
                (Some(Work::Fail), StepEnding::Failed { reason }) => {
                    json!({"Fail": {"ErrorMessage": reason}})
                }
                (Some(work), StepEnding::Succeeded { result, .. }) => {
                    metadata(call, work, Some(result))
                }
                (Some(work), _) => metadata(call, work, None),
                (None, _) => json!({}),
            };
            Some(shown)
        }
    }
}

impl Shown {
    fn take_ending(&mut self, view: &View, ending: &StepEnding) {
        let source =
            |id: &str| Some(json!({"SourcePipelineExecutionArn": view.document.arn_of(id)}));
        match ending {
            StepEnding::Succeeded { origin, .. } => match origin {
                Origin::Own => {}
                Origin::Cached { execution } => self.cache_hit_result = source(execution),
                Origin::TakenOver { execution } => {
                    self.selective_execution_result = source(execution);
                }
            },
            StepEnding::Failed { reason } => {
                self.step_status = "Failed";
                self.failure_reason = Some(reason.chars().take(LONGEST).collect());
            }
            StepEnding::Stopped => self.step_status = "Stopped",
        }
    }
}

fn metadata(call: &crate::operation::Call<'_>, work: &Work, result: Option<&Value>) -> Value {
    match work {
        Work::Activity {
            activity,
            name,
            handle,
            ..
        } => {
            if activity == activities::lambda::KIND {
                return activities::lambda::metadata(handle.as_ref(), result);
            }
            let Some(kind) = activities::kind(activity) else {
                return json!({});
            };
            let arn = |value: Option<&Value>| {
                let text = value?.get(kind.arn)?.as_str()?;
                Some(text.to_owned())
            };
            let arn = arn(result).or_else(|| arn(handle.as_ref())).or_else(|| {
                let word = kind.resource?;
                Some(call.arn("sagemaker", &format!("{word}/{name}")))
            });
            match arn {
                Some(arn) => json!({kind.metadata: {"Arn": arn}}),
                None => json!({}),
            }
        }
        Work::Answer { token, detail } => {
            let mut shown = Map::new();
            shown.insert("CallbackToken".to_owned(), json!(token));
            if let Some(url @ Value::String(_)) = detail.get("SqsQueueUrl") {
                shown.insert("SqsQueueUrl".to_owned(), url.clone());
            }
            if let Some(outputs) = result.and_then(|result| result.get("OutputParameters")) {
                shown.insert("OutputParameters".to_owned(), outputs.clone());
            }
            json!({"Callback": shown})
        }
        Work::Choice { holds } => {
            let outcome = if *holds { "True" } else { "False" };
            json!({"Condition": {"Outcome": outcome}})
        }
        Work::Fail => json!({}),
    }
}
