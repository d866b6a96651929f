//! What steps say about each other, checked once all of them are known.

use std::ops::Range;

use domain::Name;
use domain::expression::{Part, Reference};
use domain::nearest::nearest_names;
use domain::pipeline::{InvalidPipeline, PipelineSpec, StepAction, StepSpec};

use crate::context::{Context, Place};
use crate::error::Mistake;
use crate::node::Kind;

impl Context<'_> {
    fn step_names(&self) -> Vec<&str> {
        match self.root.get("steps").map(|node| &node.kind) {
            Some(Kind::Map(entries)) => entries.iter().map(|(key, _)| key.name.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    fn unknown_step(&self, name: &str) -> String {
        let known = self.step_names();
        match nearest_names(name, known.iter().copied()).first() {
            Some(near) => format!("there is no step `{name}`, did you mean `{near}`?"),
            None => format!(
                "there is no step `{name}`, the steps are `{}`",
                known.join("`, `")
            ),
        }
    }

    /// Whether the file has a step of that name; a mistake when not.
    pub(crate) fn known_step(&mut self, place: &Place, name: &Name) -> bool {
        let known = self.step_names().contains(&name.as_str());
        if !known {
            let message = self.unknown_step(name.as_str());
            self.mistake(place, message);
        }
        known
    }

    /// Checks every reference and adds what steps refer to to what they need.
    pub(crate) fn references(&mut self, steps: &mut [StepSpec]) {
        for index in 0..self.uses.len() {
            let (span, reference) = (
                self.uses[index].span.clone(),
                self.uses[index].reference.clone(),
            );
            match &reference {
                Reference::Parameter(name) => self.parameter(&span, name),
                Reference::Step { step, part } => {
                    let user = self.uses[index].step.clone();
                    self.step_part(&span, step, part, steps);
                    let Some(needed) = steps.iter().find(|other| other.name.as_str() == step)
                    else {
                        continue;
                    };
                    let needed = needed.name.clone();
                    let user = steps.iter_mut().find(|other| other.name.as_str() == user);
                    if let Some(user) = user
                        && !user.needs.contains(&needed)
                    {
                        user.needs.push(needed);
                    }
                }
                Reference::Item(_) | Reference::Run => {}
            }
        }
    }

    fn parameter(&mut self, span: &Range<usize>, name: &str) {
        if self.declares(name) {
            return;
        }
        let known = match self.root.get("parameters").map(|node| &node.kind) {
            Some(Kind::Map(entries)) => entries.iter().map(|(key, _)| key.name.as_str()).collect(),
            _ => Vec::new(),
        };
        let hint = match nearest_names(name, known.iter().copied()).first() {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "the file has no `parameters`".to_owned(),
            None => format!("the file has `{}`", known.join("`, `")),
        };
        let message = format!("there is no parameter `{name}`, {hint}");
        self.mistakes.push(Mistake::at(span.clone(), message));
    }

    fn step_part(&mut self, span: &Range<usize>, step: &str, part: &Part, steps: &[StepSpec]) {
        let message = if !self.step_names().contains(&step)
            && !steps.iter().any(|s| s.name.as_str() == step)
        {
            Some(self.unknown_step(step))
        } else {
            // A step with mistakes of its own is not in the list and not told about twice.
            let target = steps.iter().find(|other| other.name.as_str() == step);
            target.and_then(|target| missing_part(target, part))
        };
        self.mistakes
            .extend(message.map(|message| Mistake::at(span.clone(), message)));
    }

    /// Checks the whole: names, needs, and that no steps wait for each other.
    pub(crate) fn whole(&mut self, spec: &PipelineSpec) {
        let Err(error) = spec.check() else { return };
        let step = match &error {
            InvalidPipeline::Duplicate(name) => Some(name),
            InvalidPipeline::Unknown { step, .. } => Some(step),
            InvalidPipeline::Cycle { path } => path.first(),
            InvalidPipeline::Empty => None,
        };
        let place = Place::default().with("steps");
        let place = step.map_or_else(|| place.clone(), |step| place.with(step));
        self.key_mistake(&place, error.to_string());
    }
}

/// Why a step does not give something.
fn missing_part(step: &StepSpec, part: &Part) -> Option<String> {
    let name = &step.name;
    let word = match &step.action {
        StepAction::Register { .. } => "a registration",
        StepAction::Deploy { .. } => "a deployment",
        StepAction::Predict { .. } => "a prediction",
        StepAction::Condition { .. } => "a condition",
        StepAction::Fail { .. } => "an end",
        StepAction::Job { .. } => "a job",
    };
    let (job, given): (bool, &[&str]) = match &step.action {
        StepAction::Job { .. } => (true, &[]),
        StepAction::Register { .. } => (false, &["version"]),
        StepAction::Predict { .. } => (
            false,
            &["answer", "request", "endpoint", "microseconds", "version"],
        ),
        StepAction::Condition { .. } => (false, &["value"]),
        StepAction::Deploy { .. } => (false, &["endpoint"]),
        StepAction::Fail { .. } => (false, &[]),
    };
    let registered = matches!(step.action, StepAction::Register { .. });
    match part {
        // A registration passes on what it registered.
        Part::Model | Part::Metric(_) if registered => None,
        Part::Value(value) if given.contains(&value.as_str()) => None,
        Part::Value(value) if job => {
            let known = ["model", "outputs", "metrics", "best"].into_iter();
            let near = nearest_names(value, known)
                .first()
                .map(|near| format!(", did you mean `{near}`?"));
            let hint = near.unwrap_or_default();
            Some(format!(
                "job `{name}` has no `{value}`, only `model`, `outputs.<name>`, `metrics.<name>` \
                 and, in a loop, `best(<metric>)`{hint}"
            ))
        }
        Part::Best { .. } if job && step.for_each.is_none() => Some(format!(
            "`best` chooses among the items of a loop, but `{name}` has no `for-each`; write \
             `${{steps.{name}.model}}`"
        )),
        Part::Output(output) => match &step.action {
            StepAction::Job { job } if output == "output" || job.outputs.contains(output) => None,
            StepAction::Job { job } => {
                let near = nearest_names(output, job.outputs.iter().map(String::as_str));
                let hint = match near.first() {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("add it to the `outputs` of `{name}`"),
                };
                Some(format!("step `{name}` has no output `{output}`, {hint}"))
            }
            _ => Some(format!("step `{name}` is {word} and has no outputs")),
        },
        _ if job => None,
        _ => {
            let only = if given.is_empty() {
                "nothing can be read from it".to_owned()
            } else {
                format!("it has only `{}`", given.join("`, `"))
            };
            Some(format!("step `{name}` is {word}, {only}"))
        }
    }
}
