//! `AWS::Serverless::Function`.

use super::evaluate::Scope;
use super::events;
use super::reader::Reader;
use super::tree::{Key, Kind, Node};
use super::{Source, TemplateFunction};
use domain::environment::Environment;
use domain::function::{Destination, FunctionForm, FunctionRuntime, FunctionSpec, HttpAccess};
use domain::job::CodeArchive;
use domain::{ByteSize, FunctionName, Name, Span};
use std::path::Path;

/// What does not change how a function answers here.
const NOTED: [(&str, &str); 8] = [
    (
        "Architectures",
        "does not matter: it runs on this machine's processor",
    ),
    ("PackageType", "is taken for `Zip`"),
    ("PermissionsBoundary", "is not enforced"),
    (
        "Policies",
        "are kept and not enforced: a function acts with this installation's own key",
    ),
    (
        "Role",
        "is kept and not enforced: a function acts with this installation's own key",
    ),
    ("RuntimeManagementConfig", "does not matter here"),
    ("SnapStart", "does not matter: instances are forked anyway"),
    ("Tracing", "is not recorded"),
];

/// Reads one function; none when something in it is wrong, which was told.
pub(super) fn read(
    logical: &str,
    resource: &Node,
    globals: Option<&Node>,
    scope: &Scope<'_>,
    reader: &mut Reader<'_>,
    folder: &Path,
) -> Option<TemplateFunction> {
    let before = reader.mistakes.len();
    let name = scope.name_of(logical).unwrap_or_default();
    let name = match FunctionName::new(name) {
        Ok(name) => name,
        Err(error) => {
            reader.wrong(resource, error.to_string());
            return None;
        }
    };
    let code = CodeArchive {
        location: String::new(),
        content_hash: String::new(),
    };
    let mut function = TemplateFunction {
        name,
        code: Source::Local(folder.to_owned()),
        layers: Vec::new(),
        spec: FunctionSpec::new(FunctionForm::Aws, code, ""),
        alias: None,
    };
    let mut has_code = false;
    // The function's own properties come over the shared ones; maps and lists are joined.
    let own = resource.get("Properties");
    for (properties, shared) in [(globals, true), (own, false)] {
        let Some(properties) = properties else {
            continue;
        };
        for (key, value) in reader.map(properties) {
            has_code |= matches!(key.name.as_str(), "CodeUri");
            let Some(value) = scope.evaluate(value, reader) else {
                continue;
            };
            if shared && key.name == "Events" {
                reader.unsupported(key);
                continue;
            }
            property(key, &value, &mut function, scope, reader, folder);
        }
    }
    if !has_code {
        reader.wrong(resource, format!("function `{logical}` has no `CodeUri`"));
    }
    if reader.mistakes.len() == before
        && let Err(error) = function.spec.check()
    {
        reader.wrong(resource, format!("function `{logical}`: {error}"));
    }
    (reader.mistakes.len() == before).then_some(function)
}

fn property(
    key: &Key,
    value: &Node,
    function: &mut TemplateFunction,
    scope: &Scope<'_>,
    reader: &mut Reader<'_>,
    folder: &Path,
) {
    let spec = &mut function.spec;
    let mebibytes =
        |reader: &mut Reader<'_>, node: &Node| reader.number(node).map(ByteSize::mebibytes);
    match key.name.as_str() {
        "FunctionName" => {}
        "CodeUri" => function.code = source(value, reader, folder).unwrap_or(function.code.clone()),
        "Handler" => spec.handler = reader.text(value).unwrap_or_default(),
        "Runtime" => runtime(value, spec, reader),
        "Description" => spec.description = reader.text(value).unwrap_or_default(),
        "MemorySize" => spec.memory = mebibytes(reader, value).unwrap_or(spec.memory),
        "Timeout" => {
            let seconds = reader
                .number(value)
                .and_then(|number| i64::try_from(number).ok());
            spec.timeout = seconds.map_or(spec.timeout, Span::seconds);
        }
        "EphemeralStorage" => {
            if let Some(size) = value.get("Size") {
                spec.temporary = mebibytes(reader, size).unwrap_or(spec.temporary);
            }
        }
        "Environment" => {
            for (inner, variables) in reader.map(value) {
                if inner.name != "Variables" {
                    reader.unsupported(inner);
                    continue;
                }
                for (name, value) in reader.map(variables) {
                    if let Some(text) = reader.text(value) {
                        spec.env.insert(name.name.clone(), text);
                    }
                }
            }
        }
        "Tags" => {
            for (name, value) in reader.map(value) {
                if let Some(text) = reader.text(value) {
                    spec.tags.insert(name.name.clone(), text);
                }
            }
        }
        "ReservedConcurrentExecutions" => {
            let number = reader
                .number(value)
                .and_then(|number| u32::try_from(number).ok());
            spec.scale.max = number.unwrap_or(spec.scale.max);
        }
        "ProvisionedConcurrencyConfig" => {
            if let Some(count) = value.get("ProvisionedConcurrentExecutions") {
                let number = reader
                    .number(count)
                    .and_then(|number| u32::try_from(number).ok());
                spec.scale.min = number.unwrap_or(0);
                spec.scale.max = spec.scale.max.max(spec.scale.min);
            }
        }
        "Layers" => {
            for layer in reader.list(value) {
                function
                    .layers
                    .extend(layer_source(layer, scope, reader, folder));
            }
        }
        "AutoPublishAlias" => {
            function.alias = reader.text(value).and_then(|text| match Name::new(text) {
                Ok(name) => Some(name),
                Err(error) => {
                    reader.wrong(value, error.to_string());
                    None
                }
            });
        }
        "FunctionUrlConfig" => address(value, spec, reader),
        "LoggingConfig" => logging(value, spec, reader),
        "EventInvokeConfig" => asynchronous(value, spec, reader),
        "Events" => {
            for (name, event) in reader.map(value) {
                spec.triggers
                    .extend(events::read(name, event, scope, reader));
            }
        }
        other => match NOTED.iter().find(|(name, _)| *name == other) {
            Some((_, why)) => {
                reader.note(key, why);
                spec.foreign.insert(other.to_owned(), plain(value));
            }
            None => reader.unsupported(key),
        },
    }
}

/// A value as JSON.
fn plain(node: &Node) -> serde_json::Value {
    match &node.kind {
        Kind::Null | Kind::Call(..) => serde_json::Value::Null,
        Kind::Scalar { value, .. } => value.clone(),
        Kind::List(items) => items.iter().map(plain).collect(),
        Kind::Map(entries) => entries
            .iter()
            .map(|(key, value)| (key.name.clone(), plain(value)))
            .collect(),
    }
}

fn source(node: &Node, reader: &mut Reader<'_>, folder: &Path) -> Option<Source> {
    if let (Some(bucket), Some(key)) = (node.get("Bucket"), node.get("Key")) {
        let (bucket, key) = (reader.text(bucket)?, reader.text(key)?);
        return Some(Source::Object(format!("s3://{bucket}/{key}")));
    }
    let text = reader.text(node)?;
    if text.starts_with("s3://") {
        return Some(Source::Object(text));
    }
    let path = folder.join(&text);
    if !path.exists() {
        reader.wrong(node, format!("there is nothing at `{}`", path.display()));
        return None;
    }
    Some(Source::Local(path))
}

fn layer_source(
    node: &Node,
    scope: &Scope<'_>,
    reader: &mut Reader<'_>,
    folder: &Path,
) -> Option<Source> {
    let logical = reader.text(node)?;
    let content = scope
        .resource(&logical)
        .and_then(|resource| resource.get("Properties"))
        .and_then(|properties| properties.get("ContentUri"));
    let Some(content) = content else {
        reader.wrong(node, format!("`{logical}` is not a layer of this template"));
        return None;
    };
    let content = scope.evaluate(content, reader)?;
    source(&content, reader, folder)
}

fn runtime(node: &Node, spec: &mut FunctionSpec, reader: &mut Reader<'_>) {
    let Some(text) = reader.text(node) else {
        return;
    };
    if let Some(version) = text.strip_prefix("python") {
        spec.runtime = FunctionRuntime::Python;
        spec.environment = Environment::Python {
            version: Some(version.to_owned()),
            requirements: Vec::new(),
            strict: false,
        };
    } else if text.starts_with("provided") {
        spec.runtime = FunctionRuntime::Bootstrap;
    } else {
        reader.wrong(
            node,
            format!("the runtime `{text}` is not supported: `python3.x` and `provided…` are"),
        );
    }
}

fn address(node: &Node, spec: &mut FunctionSpec, reader: &mut Reader<'_>) {
    for (key, value) in reader.map(node) {
        match (key.name.as_str(), value.text()) {
            ("AuthType", Some("NONE")) => spec.address = HttpAccess::Public,
            ("AuthType", Some("AWS_IAM")) => spec.address = HttpAccess::Key,
            ("InvokeMode", Some("BUFFERED")) => {}
            _ => reader.unsupported(key),
        }
    }
}

/// What Lambda's runtimes find in their variables.
fn logging(node: &Node, spec: &mut FunctionSpec, reader: &mut Reader<'_>) {
    for (key, value) in reader.map(node) {
        let variable = match (key.name.as_str(), value.text()) {
            ("LogFormat", Some("JSON" | "Text")) => "AWS_LAMBDA_LOG_FORMAT",
            ("ApplicationLogLevel", _) => "AWS_LAMBDA_LOG_LEVEL",
            ("SystemLogLevel" | "LogGroup", _) => {
                reader.note(key, "does not matter: logs are kept as they are");
                continue;
            }
            _ => {
                reader.unsupported(key);
                continue;
            }
        };
        if let Some(text) = reader.text(value) {
            spec.env.insert(variable.to_owned(), text);
        }
    }
}

fn asynchronous(node: &Node, spec: &mut FunctionSpec, reader: &mut Reader<'_>) {
    for (key, value) in reader.map(node) {
        match key.name.as_str() {
            "MaximumRetryAttempts" => {
                let number = reader
                    .number(value)
                    .and_then(|number| u32::try_from(number).ok());
                spec.retries.attempts = number.unwrap_or(spec.retries.attempts);
            }
            "MaximumEventAgeInSeconds" => {
                let number = reader
                    .number(value)
                    .and_then(|number| i64::try_from(number).ok());
                spec.retries.longest_wait = number.map_or(spec.retries.longest_wait, Span::seconds);
            }
            "DestinationConfig" => {
                for (key, value) in reader.map(value) {
                    match key.name.as_str() {
                        "OnFailure" => spec.retries.on_failure = destination(value, reader),
                        "OnSuccess" => spec.retries.on_success = destination(value, reader),
                        _ => reader.unsupported(key),
                    }
                }
            }
            _ => reader.unsupported(key),
        }
    }
}

fn destination(node: &Node, reader: &mut Reader<'_>) -> Option<Destination> {
    let target = node
        .get("Destination")
        .and_then(Node::text)
        .unwrap_or_default();
    if let Some(bucket) = target.strip_prefix("arn:aws:s3:::") {
        return Some(Destination::Bucket {
            bucket: bucket.to_owned(),
            prefix: String::new(),
        });
    }
    let name = target.split(":function:").nth(1);
    if let Some(function) = name.and_then(|name| FunctionName::new(name).ok()) {
        Some(Destination::Function { function })
    } else {
        reader.wrong(
            node,
            "a destination is the ARN of a function or of a bucket; queues and topics are \
             not supported",
        );
        None
    }
}
