//! What a step of an execution comes to, once the steps before it are over.

use super::definition::{self, Step};
use super::executions::Document;
use super::expressions::{self, File, Source};
use super::{conditions, path, property_file};
use crate::Aws;
use crate::sagemaker::activities::{self, lambda};
use contracts::activities::Resolved;
use domain::Refusal;
use domain::execution::{Execution, GraphStep};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Letters of a job's name that come from its step.
const STEP_LETTERS: usize = 24;
/// Letters at the end of a job's name.
const SUFFIX: usize = 10;

/// Resolves a step.
pub(crate) async fn step(
    aws: &Aws,
    execution: &Execution,
    step: &GraphStep,
    tries: u32,
) -> Result<Resolved, Refusal> {
    let written = definition::read(&step.body).map_err(Refusal::internal)?;
    let document = Document::of(execution)?;
    let mut values = Values {
        execution,
        document,
        now: aws.control.world.now(),
        files: Vec::new(),
    };
    values.read_files(aws, &step.body).await?;
    let arguments = match written.of.as_str() {
        "Condition" => {
            let conditions = written.arguments.get("Conditions").unwrap_or(&Value::Null);
            let holds = conditions::all(conditions, &values).map_err(Refusal::invalid)?;
            return Ok(Resolved::Choice { holds });
        }
        _ => expressions::evaluate(&written.arguments, &values).map_err(Refusal::invalid)?,
    };
    match written.of.as_str() {
        "Fail" => Ok(Resolved::Fail {
            message: arguments
                .get("ErrorMessage")
                .map_or(
                    Ok("the step failed the pipeline".to_owned()),
                    expressions::text,
                )
                .map_err(Refusal::invalid)?,
        }),
        "Callback" => Ok(Resolved::Answer {
            detail: json!({"SqsQueueUrl": written.sqs_queue_url, "Arguments": arguments}),
        }),
        lambda::KIND => {
            let arn = expressions::evaluate(&written.function_arn, &values);
            let arn = arn
                .and_then(|arn| expressions::text(&arn))
                .map_err(Refusal::invalid)?;
            Ok(function(execution, &written, &arn, &arguments, tries))
        }
        _ => activity(execution, &written, arguments, tries),
    }
}

/// A call of a function. Equal steps call the same one with the same
/// (<https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-default-keys.html>).
fn function(
    execution: &Execution,
    step: &Step,
    arn: &str,
    arguments: &Value,
    tries: u32,
) -> Resolved {
    Resolved::Activity {
        kind: lambda::KIND.to_owned(),
        name: name(&execution.id, &step.name, tries, 63),
        request: json!({
            "FunctionArn": arn,
            "Arguments": arguments,
            "Outputs": step.output_parameters,
        }),
        cache: Some(json!({"FunctionArn": arn, "Arguments": arguments})),
    }
}

fn activity(
    execution: &Execution,
    step: &Step,
    mut arguments: Value,
    tries: u32,
) -> Result<Resolved, Refusal> {
    let kind = activities::kind(&step.of)
        .ok_or_else(|| Refusal::internal(format!("no step is a `{}`", step.of)))?;
    as_texts(&mut arguments, "HyperParameters");
    as_texts(&mut arguments, "Environment");
    let cache = (!kind.cached.is_empty()).then(|| {
        let equal = kind.cached.iter().filter_map(|member| {
            let value = arguments.get(*member)?;
            Some(((*member).to_owned(), value.clone()))
        });
        Value::Object(equal.collect())
    });
    Ok(Resolved::Activity {
        kind: kind.word.to_owned(),
        name: name(&execution.id, &step.name, tries, kind.longest),
        request: arguments,
        cache,
    })
}

/// `pipelines-<execution>-<step>-<letters>`; without the first word where names are short. The
/// letters are made of execution, step and tries, so that a name is never another step's.
fn name(execution: &str, step: &str, tries: u32, longest: usize) -> String {
    let digest = Sha256::digest(format!("{execution}/{step}/{tries}"));
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let suffix: String = digest
        .iter()
        .take(SUFFIX)
        .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]))
        .collect();
    let start = if longest < 63 {
        execution.to_owned()
    } else {
        format!("pipelines-{execution}")
    };
    let room = longest
        .saturating_sub(start.len() + 2 + SUFFIX)
        .min(STEP_LETTERS);
    let plain: String = step
        .chars()
        .map(|c| if c == '_' { '-' } else { c })
        .collect();
    let short: String = plain.chars().take(room).collect();
    let short = short.trim_matches('-');
    if short.is_empty() {
        format!("{start}-{suffix}")
    } else {
        format!("{start}-{short}-{suffix}")
    }
}

/// Members that are texts to the service and may be numbers of parameters.
fn as_texts(arguments: &mut Value, member: &str) {
    if let Some(Value::Object(values)) = arguments.get_mut(member) {
        for value in values.values_mut() {
            if matches!(value, Value::Number(_) | Value::Bool(_)) {
                *value = Value::String(value.to_string());
            }
        }
    }
}

/// The values that a step's arguments refer to.
struct Values<'a> {
    execution: &'a Execution,
    document: Document,
    now: domain::Timestamp,
    files: Vec<(File, Result<Value, String>)>,
}

impl Values<'_> {
    /// Reads all files first: what refers to them is evaluated without waiting.
    async fn read_files(&mut self, aws: &Aws, body: &Value) -> Result<(), Refusal> {
        let mut calls: Vec<&Map<String, Value>> = Vec::new();
        expressions::files_of(body, &mut calls);
        for call in calls {
            let Ok(file) = expressions::file(call, self) else {
                continue;
            };
            if self.files.iter().any(|(known, _)| *known == file) {
                continue;
            }
            let content = match self.address(&file) {
                Ok(address) => {
                    let (execution, role) = (self.execution, self.document.role.as_str());
                    property_file::read(aws, execution, role, &address).await?
                }
                Err(error) => Err(error),
            };
            self.files.push((file, content));
        }
        Ok(())
    }

    fn address(&self, file: &File) -> Result<String, String> {
        let (step, name) = match file {
            File::Object(address) => return Ok(address.clone()),
            File::Property { step, name } => (step, name),
        };
        let graph = self.execution.step(step);
        let graph = graph.ok_or_else(|| format!("there is no step `{step}`"))?;
        let written = definition::read(&graph.body)?;
        let file = written
            .property_files
            .iter()
            .find(|file| file.property_file_name == *name)
            .ok_or_else(|| format!("step `{step}` declares no property file `{name}`"))?;
        let output = format!(
            "Steps.{step}.ProcessingOutputConfig.Outputs['{}'].S3Output.S3Uri",
            file.output_name
        );
        let folder = expressions::text(&self.get(&output)?)?;
        Ok(format!(
            "{}/{}",
            folder.trim_end_matches('/'),
            file.file_path
        ))
    }
}

impl Source for Values<'_> {
    fn get(&self, reference: &str) -> Result<Value, String> {
        let nothing = || format!("`{reference}` refers to nothing");
        let (word, rest) = reference.split_once('.').ok_or_else(nothing)?;
        match word {
            "Parameters" => self.document.values.get(rest).cloned().ok_or_else(nothing),
            "Execution" => self
                .document
                .variable(self.execution, rest, self.now)
                .ok_or_else(nothing),
            "Steps" => {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (step, inner) = rest.split_at(end);
                let state = self.execution.states.get(step).ok_or_else(nothing)?;
                let result = state.result().ok_or_else(|| {
                    format!("`{reference}` refers to a step that has not succeeded")
                })?;
                let parts = path::parse(inner.strip_prefix('.').unwrap_or(inner));
                let parts = parts.ok_or_else(nothing)?;
                if let Some(holds) = state.choice() {
                    let text = if holds { "True" } else { "False" };
                    return Ok(Value::String(text.to_owned()));
                }
                let found = path::walk(result, &parts).ok_or_else(nothing)?;
                // Answers are lists of names and values.
                Ok(match (found.get("Name"), found.get("Value")) {
                    (Some(_), Some(value)) => value.clone(),
                    _ => found.clone(),
                })
            }
            _ => Err(nothing()),
        }
    }

    fn file(&self, file: &File) -> Result<Value, String> {
        let found = self.files.iter().find(|(known, _)| known == file);
        found.map_or_else(
            || Err("the file was not read".to_owned()),
            |(_, content)| content.clone(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_services_and_never_shared() {
        let one = name("abcdefghijkl", "Train_Model", 0, 63);
        assert!(
            one.starts_with("pipelines-abcdefghijkl-Train-Model-"),
            "{one}"
        );
        assert_ne!(one, name("abcdefghijkl", "Train_Model", 1, 63));
        assert_ne!(one, name("abcdefghijkl", "Train-Model", 0, 63));
        let long = "x".repeat(64);
        for longest in [32, 63] {
            let name = name("abcdefghijkl", &long, 0, longest);
            assert!(name.len() <= longest, "{name}");
            assert!(crate::sagemaker::names::check("N", &name, longest).is_ok());
        }
        assert!(
            crate::sagemaker::names::check("N", &name("abcdefghijkl", "___", 0, 32), 32).is_ok()
        );
    }
}
