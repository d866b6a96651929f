//! What expressions of a run may see: the results of the steps that succeeded.

use domain::expression::{EvaluationError, Expression, Results, Scope, StepResults, Template};
use domain::pipeline::{Run, StepResult, StepState};
use domain::{Name, StepPath};
use serde_json::Value;

/// Finds results in a run; a loop counts only when all of its items succeeded.
struct OfRun<'a>(&'a Run);

impl StepResults for OfRun<'_> {
    fn of_step(&self, step: &str) -> Option<Results<'_>> {
        let name: Name = step.parse().ok()?;
        let one = |path: StepPath| match self.0.steps.get(&path) {
            Some(StepState::Succeeded { result, .. }) => Some(result),
            _ => None,
        };
        let Some(items) = self.0.items.get(&name) else {
            return one(StepPath::step(name)).map(Results::One);
        };
        let each = (0..items.len() as u32).map(|i| one(StepPath::item(name.clone(), i)));
        each.collect::<Option<Vec<&StepResult>>>()
            .map(Results::Many)
    }
}

/// The item that a path stands for.
pub(super) fn item<'a>(run: &'a Run, path: &StepPath) -> Option<&'a Value> {
    run.items.get(&path.step)?.get(path.item? as usize)
}

/// Evaluates texts of one step.
pub(super) struct Evaluator<'a> {
    run: &'a Run,
    item: Option<&'a Value>,
    steps: OfRun<'a>,
}

/// A text of the pipeline that has no value; the message is for people.
pub(super) type Unresolved = String;

impl<'a> Evaluator<'a> {
    pub(super) fn new(run: &'a Run, path: &StepPath) -> Self {
        Self {
            run,
            item: item(run, path),
            steps: OfRun(run),
        }
    }

    /// For the items of a loop, which are read before there is an item.
    pub(super) fn of_loop(run: &'a Run, step: &Name) -> Self {
        Self::new(run, &StepPath::step(step.clone()))
    }

    fn scope(&self) -> Scope<'_> {
        Scope {
            parameters: &self.run.spec.parameters,
            item: self.item,
            run: self.run.id.as_str(),
            steps: &self.steps,
        }
    }

    pub(super) fn text(&self, text: &str) -> Result<String, Unresolved> {
        template(text)?
            .evaluate_text(&self.scope())
            .map_err(|e| explain(text, &e))
    }

    pub(super) fn texts(&self, text: &str) -> Result<Vec<String>, Unresolved> {
        template(text)?
            .evaluate_texts(&self.scope())
            .map_err(|e| explain(text, &e))
    }

    pub(super) fn holds(&self, text: &str) -> Result<bool, Unresolved> {
        let expression: Expression = text.parse().map_err(|e| format!("`{text}`: {e}"))?;
        expression
            .holds(&self.scope())
            .map_err(|e| explain(text, &e))
    }

    /// A value whose texts are evaluated; everything else stays as it is.
    pub(super) fn value(&self, value: &Value) -> Result<Value, Unresolved> {
        Ok(match value {
            Value::String(text) => {
                let template = template(text)?;
                template
                    .evaluate(&self.scope())
                    .map_err(|e| explain(text, &e))?
            }
            Value::Array(values) => {
                let values: Result<Vec<Value>, _> = values.iter().map(|v| self.value(v)).collect();
                Value::Array(values?)
            }
            Value::Object(fields) => {
                let mut object = serde_json::Map::new();
                for (name, field) in fields {
                    object.insert(name.clone(), self.value(field)?);
                }
                Value::Object(object)
            }
            other => other.clone(),
        })
    }
}

fn explain(text: &str, error: &EvaluationError) -> Unresolved {
    format!("`{text}` cannot be evaluated: {error}")
}

fn template(text: &str) -> Result<Template, Unresolved> {
    text.parse().map_err(|e| format!("`{text}`: {e}"))
}
