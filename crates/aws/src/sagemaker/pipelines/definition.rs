//! A pipeline's definition as a graph: branches are laid flat, references become needs.

use super::parameters::Declared;
use super::{duration, expressions, retries};
use crate::sagemaker::activities;
use domain::Span;
use domain::execution::{Branch, GraphStep};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// The one version of the language.
const VERSION: &str = "2020-12-01";
/// How deep conditions may stand in each other.
const DEEPEST: usize = 16;
/// Largest definition in bytes; the service's own limit.
pub(crate) const LARGEST: usize = 10 << 20;

/// A definition that has been understood.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    /// Parameters.
    pub(crate) parameters: Vec<Declared>,
    /// Steps.
    pub(crate) steps: Vec<GraphStep>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    version: String,
    #[serde(default)]
    parameters: Vec<Declared>,
    steps: Vec<Value>,
}

/// A step as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Step {
    pub(crate) name: String,
    #[serde(rename = "Type")]
    pub(crate) of: String,
    #[serde(default)]
    pub(crate) arguments: Value,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    depends_on: Vec<String>,
    #[serde(default)]
    cache_config: Option<CacheConfig>,
    #[serde(default)]
    retry_policies: Vec<retries::Policy>,
    #[serde(default)]
    pub(crate) property_files: Vec<PropertyFile>,
    #[serde(default)]
    pub(crate) sqs_queue_url: Option<String>,
    /// Of a Lambda step; a text or a reference.
    #[serde(default)]
    pub(crate) function_arn: Value,
    #[serde(default)]
    pub(crate) output_parameters: Vec<Value>,
}

/// A file of a processing step's output that conditions read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PropertyFile {
    pub(crate) property_file_name: String,
    pub(crate) output_name: String,
    pub(crate) file_path: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CacheConfig {
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    expire_after: Option<String>,
}

/// Reads a definition.
///
/// # Errors
/// What is wrong with it, and in which step.
pub(crate) fn parse(text: &str) -> Result<Definition, String> {
    if text.len() > LARGEST {
        return Err(format!(
            "the pipeline definition is longer than {LARGEST} bytes"
        ));
    }
    let written: Written = serde_json::from_str(text)
        .map_err(|error| format!("Unable to parse pipeline definition: {error}"))?;
    if written.version != VERSION {
        return Err(format!(
            "the pipeline definition's Version must be {VERSION}"
        ));
    }
    let mut steps = Vec::new();
    for step in written.steps {
        lay_flat(step, None, &mut steps, 0)?;
    }
    if steps.is_empty() {
        return Err("Pipeline definition must have at least one step".to_owned());
    }
    let mut seen = BTreeSet::new();
    for step in &steps {
        if !seen.insert(step.name.clone()) {
            return Err(format!("Duplicate step names found: {}", step.name));
        }
    }
    check_references(&steps, &written.parameters, &seen)?;
    Ok(Definition {
        parameters: written.parameters,
        steps,
    })
}

/// A step, and for a condition the steps of its branches.
fn lay_flat(
    mut body: Value,
    branch: Option<Branch>,
    into: &mut Vec<GraphStep>,
    depth: usize,
) -> Result<(), String> {
    if depth > DEEPEST {
        return Err("conditions stand too deep in each other".to_owned());
    }
    let step = read(&body)?;
    check_kind(&step)?;
    let mut branches = Vec::new();
    if step.of == "Condition"
        && let Some(Value::Object(arguments)) = body.get_mut("Arguments")
    {
        for (member, when) in [("IfSteps", true), ("ElseSteps", false)] {
            if let Some(Value::Array(steps)) = arguments.remove(member) {
                branches.extend(steps.into_iter().map(|step| (step, when)));
            }
        }
    }
    let mut needs: BTreeSet<String> = step.depends_on.iter().cloned().collect();
    needs.extend(expressions::steps_of(&body));
    let wrong = |error: String| format!("step `{}`: {error}", step.name);
    into.push(GraphStep {
        name: step.name.clone(),
        needs: needs.into_iter().collect(),
        branch,
        retries: step
            .retry_policies
            .iter()
            .map(retries::Policy::rule)
            .collect::<Result<_, _>>()
            .map_err(wrong)?,
        cache: cache(&step)?,
        body,
    });
    for (inner, when) in branches {
        let condition = step.name.clone();
        lay_flat(inner, Some(Branch { condition, when }), into, depth + 1)?;
    }
    Ok(())
}

/// A step's body in its form.
///
/// # Errors
/// What does not fit.
pub(crate) fn read(body: &Value) -> Result<Step, String> {
    let step = Step::deserialize(body).map_err(|error| {
        let name = body.get("Name").and_then(Value::as_str).unwrap_or("?");
        format!("step `{name}` cannot be read: {error}")
    })?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if step.name.is_empty() || step.name.len() > 64 || !step.name.bytes().all(good) {
        return Err(format!(
            "the step name `{}` must have 1 to 64 letters, digits, `-` and `_`",
            step.name.chars().take(80).collect::<String>()
        ));
    }
    Ok(step)
}

fn check_kind(step: &Step) -> Result<(), String> {
    match step.of.as_str() {
        "Condition" | "Fail" | "Callback" => Ok(()),
        activities::lambda::KIND if step.function_arn.is_null() => Err(format!(
            "step `{}` of type Lambda needs a FunctionArn",
            step.name
        )),
        kind => activities::served(kind).map_err(|reason| {
            format!(
                "step `{}` of type {kind} is not served: {reason}",
                step.name
            )
        }),
    }
}

fn cache(step: &Step) -> Result<Option<Span>, String> {
    let Some(config) = step.cache_config.as_ref().filter(|config| config.enabled) else {
        return Ok(None);
    };
    let Some(text) = &config.expire_after else {
        return Ok(Some(Span(i64::MAX)));
    };
    duration::parse(text).map(Some).ok_or_else(|| {
        format!(
            "step `{}`: ExpireAfter `{text}` is no ISO 8601 duration",
            step.name
        )
    })
}

fn check_references(
    steps: &[GraphStep],
    parameters: &[Declared],
    names: &BTreeSet<String>,
) -> Result<(), String> {
    for step in steps {
        if let Some(missing) = step.needs.iter().find(|name| !names.contains(*name)) {
            return Err(format!(
                "step `{}` refers to step `{missing}`, which is not there",
                step.name
            ));
        }
        for name in expressions::parameters_of(&step.body) {
            if !parameters.iter().any(|known| known.name == name) {
                return Err(format!(
                    "step `{}` refers to parameter `{name}`, which is not declared",
                    step.name
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(steps: &Value) -> String {
        json!({"Version": VERSION, "Parameters": [{"Name": "P", "Type": "String"}], "Steps": steps})
            .to_string()
    }

    #[test]
    fn branches_are_flat_and_references_are_needs() {
        let steps = json!([
            {"Name": "A", "Type": "Processing", "Arguments": {"X": {"Get": "Parameters.P"}},
             "CacheConfig": {"Enabled": true, "ExpireAfter": "P30D"}},
            {"Name": "C", "Type": "Condition", "DependsOn": ["A"], "Arguments": {
                "Conditions": [{"Type": "Equals", "LeftValue": {"Get": "Steps.A.X"}, "RightValue": 1}],
                "IfSteps": [{"Name": "T", "Type": "Training",
                             "Arguments": {"U": {"Std:Join": {"On": "/", "Values": [{"Get": "Steps.A.Y"}]}}}}],
                "ElseSteps": [{"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "low"}}]}}
        ]);
        let definition = parse(&text(&steps)).unwrap();
        let names: Vec<&str> = definition
            .steps
            .iter()
            .map(|step| step.name.as_str())
            .collect();
        assert_eq!(names, ["A", "C", "T", "F"]);
        assert_eq!(definition.steps[0].cache, Some(Span::hours(720)));
        assert_eq!(definition.steps[2].needs, ["A"]);
        let branch = definition.steps[3].branch.as_ref().unwrap();
        assert_eq!((branch.condition.as_str(), branch.when), ("C", false));
        assert!(
            definition.steps[1].body["Arguments"]
                .get("IfSteps")
                .is_none()
        );
    }

    #[test]
    fn mistakes_are_named() {
        let fail = json!({"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "x"}});
        for (steps, part) in [
            (json!([]), "at least one step"),
            (json!([fail, fail]), "Duplicate step names"),
            (json!([{"Name": "L", "Type": "Lambda"}]), "FunctionArn"),
            (json!([{"Name": "E", "Type": "EMR"}]), "not served"),
            (json!([{"Name": "a b", "Type": "Fail"}]), "step name"),
            (
                json!([{"Name": "F", "Type": "Fail", "DependsOn": ["Z"]}]),
                "refers to step `Z`",
            ),
            (
                json!([{"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": {"Get": "Parameters.Q"}}}]),
                "refers to parameter `Q`",
            ),
        ] {
            let refused = parse(&text(&steps)).unwrap_err();
            assert!(refused.contains(part), "{refused}");
        }
        assert!(parse("{").is_err());
        assert!(parse(&json!({"Version": "1999-01-01", "Steps": [fail]}).to_string()).is_err());
    }
}
