//! `functions deploy`: a folder or an object becomes a function.

use super::super::objects::{Sending, sha256};
use super::super::run::package::pack;
use super::show::show;
use crate::arguments::{FormWord, FunctionDeployArguments};
use crate::client::Client;
use crate::commands::deploy::network;
use crate::failure::Failure;
use crate::output::Output;
use archive::Rules;
use domain::environment::Environment;
use domain::function::{
    Function, FunctionForm, FunctionPhase, FunctionRuntime, FunctionSpec, HttpAccess, Schedule,
    Trigger, TriggerKind,
};
use domain::job::CodeArchive;
use domain::{ByteSize, Location, Name, Span};
use std::path::Path;
use std::time::Duration;

/// Pause between two looks at a function that is made ready.
const POLL: Duration = Duration::from_millis(50);

pub(super) async fn run(
    client: &Client,
    wanted: &FunctionDeployArguments,
    output: Output,
) -> Result<(), Failure> {
    let code = upload(client, &wanted.code).await?;
    let mut spec = spec(wanted, code)?;
    for layer in &wanted.layers {
        spec.layers.push(upload(client, layer).await?.location);
    }
    let function = put(client, &wanted.name, &spec).await?;
    output.document(&function);
    show(&function, client, output);
    failed(&function)
}

/// A function that could not be made ready, or of which no instance starts, is a failure of the
/// command.
pub(super) fn failed(function: &Function) -> Result<(), Failure> {
    match (&function.phase, &function.trouble) {
        (FunctionPhase::Failed { message }, _) => Err(Failure::Failed(message.clone())),
        (FunctionPhase::Active, Some(trouble)) => Err(Failure::Failed(format!(
            "function `{}` is deployed but not ready: {trouble}",
            function.name
        ))),
        _ => Ok(()),
    }
}

/// A folder is packed and uploaded; an object is named.
pub(super) async fn upload(client: &Client, code: &str) -> Result<CodeArchive, Failure> {
    if let Ok(Location::Object { .. }) = Location::parse(code) {
        return Ok(CodeArchive {
            location: code.to_owned(),
            content_hash: String::new(),
        });
    }
    let path = Path::new(code);
    if path.is_dir() {
        return pack(client, path, Rules::of_folder(path)).await;
    }
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("`{code}` cannot be read: {error}")))?;
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("code.zip");
    // Published versions keep this location: other bytes must have another.
    let hash = sha256(&bytes);
    let key = format!("uploads/{hash}/{name}");
    let unless_there = Sending {
        if_absent: true,
        ..Sending::default()
    };
    super::super::objects::upload(client, path, ("tradewind", &key), &unless_there).await?;
    Ok(CodeArchive {
        location: format!("s3://tradewind/{key}"),
        content_hash: String::new(),
    })
}

/// Puts a function and waits until it can be called or cannot be made ready.
pub(super) async fn put(
    client: &Client,
    name: &str,
    spec: &FunctionSpec,
) -> Result<Function, Failure> {
    let path = ["functions", name];
    let mut function: Function = client.put(&path, spec).await?;
    while function.phase == FunctionPhase::Pending {
        tokio::time::sleep(POLL).await;
        function = client.get(&path, &[]).await?;
    }
    Ok(function)
}

fn spec(wanted: &FunctionDeployArguments, code: CodeArchive) -> Result<FunctionSpec, Failure> {
    let form = match wanted.form {
        FormWord::Aws => FunctionForm::Aws,
        FormWord::Google => FunctionForm::Google,
        FormWord::Azure => FunctionForm::Azure,
    };
    let mut spec = FunctionSpec::new(form, code, wanted.handler.clone());
    let wrong = |what: &str, text: &str| Failure::usage(format!("`{text}` is no {what}"));
    spec.memory = ByteSize::parse(&wanted.memory).ok_or_else(|| wrong("size", &wanted.memory))?;
    spec.timeout = Span::parse(&wanted.timeout).ok_or_else(|| wrong("time", &wanted.timeout))?;
    spec.milli_cpus = wanted.cpus.map(|cpus| (cpus * 1_000.0).round() as u32);
    for pair in &wanted.env {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| wrong("`NAME=VALUE`", pair))?;
        spec.env.insert(name.to_owned(), value.to_owned());
    }
    spec.scale.min = wanted.min;
    spec.scale.max = wanted.max;
    spec.network = network(wanted.network);
    if wanted.public {
        spec.address = HttpAccess::Public;
    }
    if wanted.bootstrap {
        spec.runtime = FunctionRuntime::Bootstrap;
    } else if let Some(command) = &wanted.command {
        spec.runtime = FunctionRuntime::Command {
            command: command.split_whitespace().map(str::to_owned).collect(),
        };
    }
    spec.environment = Environment::Python {
        version: wanted.python.clone(),
        requirements: requirements(Path::new(&wanted.code))?,
        strict: false,
    };
    spec.triggers = triggers(wanted)?;
    spec.check()
        .map_err(|invalid| Failure::usage(invalid.to_string()))?;
    Ok(spec)
}

fn triggers(wanted: &FunctionDeployArguments) -> Result<Vec<Trigger>, Failure> {
    let named = |name: &str, kind| {
        let name = Name::new(name).map_err(|error| Failure::usage(error.to_string()))?;
        Ok::<_, Failure>(Trigger { name, kind })
    };
    let mut triggers = Vec::new();
    if let Some(text) = &wanted.schedule {
        let schedule = match Span::parse(text).filter(|_| !text.contains(' ')) {
            Some(span) => Schedule::Rate { span },
            None => Schedule::Cron {
                expression: text.clone(),
            },
        };
        let kind = TriggerKind::Schedule {
            schedule,
            input: None,
            enabled: true,
        };
        triggers.push(named("schedule", kind)?);
    }
    if let Some(text) = &wanted.on_object {
        let location = Location::parse(text).map_err(|error| Failure::usage(error.to_string()))?;
        let Location::Object { bucket, key } = location else {
            return Err(Failure::usage(format!("`{text}` is not a bucket")));
        };
        let kind = TriggerKind::ObjectCreated {
            bucket,
            prefix: key,
            suffix: String::new(),
        };
        triggers.push(named("object", kind)?);
    }
    Ok(triggers)
}

/// The packages that a code folder asks for: its `requirements.txt`, and boto3 where code of AWS's
/// form uses it without asking, as Lambda's own runtimes have it.
pub(super) fn requirements(folder: &Path) -> Result<Vec<String>, Failure> {
    let file = folder.join("requirements.txt");
    let mut lines: Vec<String> = match std::fs::read_to_string(&file) {
        Ok(text) => text.lines().map(str::to_owned).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            let file = file.display();
            return Err(Failure::usage(format!("`{file}` cannot be read: {error}")));
        }
    };
    let asked = lines
        .iter()
        .any(|line| line.trim_start().starts_with("boto3"));
    let bundled = folder.join("boto3").is_dir();
    if !asked && !bundled && uses_boto3(folder) {
        lines.push("boto3".to_owned());
    }
    Ok(lines)
}

fn uses_boto3(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "py"))
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .any(|text| {
            let mut lines = text.lines().map(str::trim_start);
            lines.any(imports_boto3)
        })
}

/// `import boto3`, `import json, boto3 as aws`, `from boto3.session import Session`.
fn imports_boto3(line: &str) -> bool {
    let named = |text: &str| {
        let name = text.trim_start().split([' ', '.', '#', ';']).next();
        name == Some("boto3")
    };
    match (line.strip_prefix("import "), line.strip_prefix("from ")) {
        (Some(modules), _) => modules.split(',').any(named),
        (None, Some(module)) => named(module),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::imports_boto3;

    #[test]
    fn boto3_is_found_however_it_is_imported() {
        for line in [
            "import boto3",
            "import os, boto3",
            "import json, boto3 as aws # it",
            "from boto3.session import Session",
        ] {
            assert!(imports_boto3(line), "{line}");
        }
        for line in [
            "import boto3_stubs",
            "from boto3_x import y",
            "# import boto3",
        ] {
            assert!(!imports_boto3(line), "{line}");
        }
    }
}
