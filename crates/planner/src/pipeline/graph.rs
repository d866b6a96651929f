//! The graph of a pipeline's jobs: loops become one workload an item, and what is no job passes
//! its order on.

use domain::pipeline::{PipelineSpec, StepAction, StepSpec};
use serde_json::Value;
use std::collections::BTreeSet;

/// The items of a step as workloads are named after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expanded {
    /// Names of the workloads, in the order of the items.
    pub(super) names: Vec<String>,
    /// Pairs of items of which the second waits for the first, because so many run at once.
    pub(super) turns: Vec<(usize, usize)>,
    /// Whether the items are known only while the run goes on; one stands for all then.
    pub(super) unknown: bool,
}

/// The workloads of a step.
pub(super) fn expand(spec: &PipelineSpec, step: &StepSpec) -> Expanded {
    let once = vec![step.name.to_string()];
    let Some(each) = &step.for_each else {
        return Expanded {
            names: once,
            turns: Vec::new(),
            unknown: false,
        };
    };
    let Some(items) = items(spec, &each.items) else {
        return Expanded {
            names: once,
            turns: Vec::new(),
            unknown: true,
        };
    };
    let at_once = each.parallelism as usize;
    let turns = match at_once {
        0 => Vec::new(),
        _ => (at_once..items)
            .map(|item| (item - at_once, item))
            .collect(),
    };
    Expanded {
        names: (0..items).map(|n| format!("{}[{n}]", step.name)).collect(),
        turns,
        unknown: false,
    }
}

/// How many jobs a pipeline has with its loops taken apart.
pub(super) fn jobs(spec: &PipelineSpec) -> usize {
    let steps = spec.steps.iter();
    let jobs = steps.filter(|step| matches!(step.action, StepAction::Job { .. }));
    let counts = jobs.map(|step| match &step.for_each {
        Some(each) => items(spec, &each.items).unwrap_or(1),
        None => 1,
    });
    counts.fold(0, usize::saturating_add)
}

/// How many items a loop has, where that is known before the run.
fn items(spec: &PipelineSpec, items: &Value) -> Option<usize> {
    match items {
        Value::Array(items) => Some(items.len()),
        Value::String(text) => {
            let inner = text.trim().strip_prefix("${")?.strip_suffix('}')?.trim();
            let name = inner.strip_prefix("parameters.")?;
            Some(spec.parameters.get(name)?.as_array()?.len())
        }
        _ => None,
    }
}

/// The job steps whose end a step waits for, seen through steps that are no jobs.
pub(super) fn jobs_before<'a>(spec: &'a PipelineSpec, step: &'a StepSpec) -> Vec<&'a StepSpec> {
    let mut seen = BTreeSet::new();
    let mut open = vec![step];
    let mut found = Vec::new();
    while let Some(step) = open.pop() {
        for name in spec.predecessors(step) {
            if !seen.insert(name) {
                continue;
            }
            let Some(before) = spec.step(name) else {
                continue;
            };
            match before.action {
                StepAction::Job { .. } => found.push(before),
                _ => open.push(before),
            }
        }
    }
    found
}
