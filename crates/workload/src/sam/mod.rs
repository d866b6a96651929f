//! AWS SAM templates: the functions that they describe, in the words of the domain
//! (<https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html>).
//!
//! A template is read into a tree in which every value knows its place and intrinsic functions,
//! short (`!Ref`) or long (`Fn::…`), are calls; then resources are read with the calls evaluated.
//! What is not supported is a mistake with its line; what does not change how a function answers
//! (tracing, roles) is a note with its line. Nothing is dropped in silence.

mod evaluate;
mod events;
mod function;
mod reader;
mod tree;

use crate::error::{Error, Mistake, Mistakes};
use domain::function::FunctionSpec;
use domain::{FunctionName, Name};
use evaluate::Scope;
use reader::Reader;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tree::{Kind, Node};

/// A template that can be deployed once its code is packed.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its functions.
    pub functions: Vec<TemplateFunction>,
    /// Buckets that it wants to exist.
    pub buckets: Vec<String>,
    /// Its outputs, evaluated.
    pub outputs: BTreeMap<String, String>,
    /// What does not matter here, each with file and line.
    pub notes: Vec<String>,
}

/// One function of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateFunction {
    /// Its name.
    pub name: FunctionName,
    /// Where its code is.
    pub code: Source,
    /// Where its layers are.
    pub layers: Vec<Source>,
    /// What it is; `code` and `layers` in it are unset.
    pub spec: FunctionSpec,
    /// An alias that each deployment publishes a version for.
    pub alias: Option<Name>,
}

/// Where code is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A folder or an archive of this machine.
    Local(PathBuf),
    /// An object (`s3://bucket/key`).
    Object(String),
}

/// Reads a template. `stack` names what the template does not name; `parameters` are given to it.
///
/// # Errors
/// [`Error::Mistakes`] with every mistake found; others when there is nothing to read.
pub fn load(
    path: &Path,
    stack: &Name,
    parameters: &BTreeMap<String, String>,
) -> Result<Template, Error> {
    let source = std::fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    parse(
        &source,
        &path.display().to_string(),
        folder,
        stack,
        parameters,
    )
}

/// Reads a template's content; `name` is what mistakes call it.
///
/// # Errors
/// [`Error::Mistakes`] with every mistake found. No input panics.
pub fn parse(
    bytes: &[u8],
    name: &str,
    folder: &Path,
    stack: &Name,
    parameters: &BTreeMap<String, String>,
) -> Result<Template, Error> {
    if bytes.len() > tree::LARGEST_FILE {
        return Err(Error::TooLarge {
            file: name.to_owned(),
            most: tree::LARGEST_FILE,
        });
    }
    let text = String::from_utf8_lossy(bytes);
    let source = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mistakes = |found| Error::from(Mistakes::new(name, source, found));
    let root = tree::read(source).map_err(|mistake| mistakes(vec![mistake]))?;
    let mut reader = Reader::new(source, name);
    let template = understand(&root, &mut reader, folder, stack, parameters);
    match template {
        Some(template) if reader.mistakes.is_empty() => Ok(template),
        _ => Err(mistakes(reader.mistakes)),
    }
}

/// Resources that change nothing of how a function answers here, and why.
const NOTED: [(&str, &str); 5] = [
    ("AWS::IAM::ManagedPolicy", "is not enforced"),
    ("AWS::IAM::Policy", "is not enforced"),
    (
        "AWS::IAM::Role",
        "is not made: a function acts with this installation's own key",
    ),
    (
        "AWS::Lambda::Permission",
        "is not needed: triggers may call their functions",
    ),
    (
        "AWS::Logs::LogGroup",
        "is not made: each function has one, of bounded length",
    ),
];

const SECTIONS: [&str; 9] = [
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Globals",
    "Resources",
    "Outputs",
    "Mappings",
];

fn understand(
    root: &Node,
    reader: &mut Reader<'_>,
    folder: &Path,
    stack: &Name,
    parameters: &BTreeMap<String, String>,
) -> Option<Template> {
    let Kind::Map(sections) = &root.kind else {
        reader.wrong(root, "expected a template with `Resources`");
        return None;
    };
    for (key, value) in sections {
        if !SECTIONS.contains(&key.name.as_str()) {
            reader.mistakes.push(Mistake::at(
                key.span.clone(),
                format!("the section `{}` is not supported", key.name),
            ));
        } else if key.name == "Mappings" {
            reader.wrong(value, "`Mappings` are not supported");
        }
    }
    let Some(resources) = root.get("Resources").and_then(Node::entries) else {
        reader.wrong(root, "the template has no `Resources`");
        return None;
    };
    let scope = Scope::new(root, stack, parameters, reader);
    let globals = globals(root, reader);
    let mut template = Template {
        functions: Vec::new(),
        buckets: Vec::new(),
        outputs: BTreeMap::new(),
        notes: Vec::new(),
    };
    for (key, resource) in resources {
        let kind = resource
            .get("Type")
            .and_then(Node::text)
            .unwrap_or_default();
        match kind {
            "AWS::Serverless::Function" => {
                let function = function::read(&key.name, resource, globals, &scope, reader, folder);
                template.functions.extend(function);
            }
            "AWS::S3::Bucket" => {
                check_plain(resource, &["BucketName"], &scope, reader);
                template.buckets.extend(scope.name_of(&key.name));
            }
            "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => {
                check_plain(
                    resource,
                    &["Name", "StageName", "Description"],
                    &scope,
                    reader,
                );
            }
            "AWS::Serverless::LayerVersion" => {
                let known = [
                    "ContentUri",
                    "LayerName",
                    "Description",
                    "CompatibleRuntimes",
                    "CompatibleArchitectures",
                    "LicenseInfo",
                    "RetentionPolicy",
                ];
                check_plain(resource, &known, &scope, reader);
            }
            other if NOTED.iter().any(|(noted, _)| *noted == other) => {
                let why = NOTED.iter().find(|(noted, _)| *noted == other);
                reader.note(key, why.map_or("", |(_, why)| *why));
            }
            other => reader.mistakes.push(Mistake::at(
                resource
                    .get("Type")
                    .map_or(key.span.clone(), |kind| kind.span.clone()),
                format!(
                    "resource `{}`: the type `{other}` is not supported",
                    key.name
                ),
            )),
        }
        refuse_attributes(resource, reader);
    }
    outputs(root, &scope, reader, &mut template);
    template.notes = std::mem::take(&mut reader.notes);
    Some(template)
}

/// The properties that all functions share.
fn globals<'a>(root: &'a Node, reader: &mut Reader<'_>) -> Option<&'a Node> {
    let entries = root.get("Globals").and_then(Node::entries)?;
    let mut functions = None;
    for (key, value) in entries {
        if key.name == "Function" {
            functions = Some(value);
        } else {
            reader.mistakes.push(Mistake::at(
                key.span.clone(),
                format!("`Globals` of `{}` are not supported", key.name),
            ));
        }
    }
    functions
}

/// Resources of few properties: whatever else is there is a mistake.
fn check_plain(resource: &Node, known: &[&str], scope: &Scope<'_>, reader: &mut Reader<'_>) {
    let properties = resource.get("Properties").and_then(Node::entries);
    for (key, value) in properties.into_iter().flatten() {
        if known.contains(&key.name.as_str()) {
            scope.evaluate(value, reader);
        } else {
            reader.unsupported(key);
        }
    }
}

fn refuse_attributes(resource: &Node, reader: &mut Reader<'_>) {
    for (key, _) in resource.entries().into_iter().flatten() {
        match key.name.as_str() {
            "Type" | "Properties" => {}
            "DependsOn" | "Metadata" | "DeletionPolicy" | "UpdateReplacePolicy" => {
                reader.note(key, "does not matter here");
            }
            _ => reader.unsupported(key),
        }
    }
}

fn outputs(root: &Node, scope: &Scope<'_>, reader: &mut Reader<'_>, template: &mut Template) {
    let entries = root.get("Outputs").and_then(Node::entries);
    for (key, output) in entries.into_iter().flatten() {
        let Some(value) = output.get("Value") else {
            reader.wrong(output, "an output needs a `Value`");
            continue;
        };
        if let Some(value) = scope.evaluate(value, reader)
            && let Some(text) = value.text()
        {
            template.outputs.insert(key.name.clone(), text.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
