//! `deploy template.yaml`: the functions of an AWS SAM template.

use super::deploy::{failed, put, requirements, upload};
use super::show::show;
use crate::arguments::DeployArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use domain::Name;
use domain::environment::Environment;
use domain::function::{Function, FunctionVersion};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use workload::sam::{self, Source, Template, TemplateFunction};

/// Whether what is deployed is a template and no endpoint.
pub(in crate::commands) fn is_template(target: &str, models: &[String]) -> bool {
    let ending = Path::new(target)
        .extension()
        .and_then(|ending| ending.to_str());
    models.is_empty() && matches!(ending, Some("yaml" | "yml" | "json" | "template"))
}

pub(in crate::commands) async fn template(
    client: &Client,
    wanted: &DeployArguments,
    output: Output,
) -> Result<(), Failure> {
    let path = Path::new(&wanted.endpoint);
    let mut parameters = BTreeMap::new();
    for pair in &wanted.set {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("`{pair}` is no `NAME=VALUE`")))?;
        parameters.insert(name.to_owned(), value.to_owned());
    }
    let stack = stack(path, wanted.stack.as_deref())?;
    let template =
        sam::load(path, &stack, &parameters).map_err(|error| Failure::usage(error.to_string()))?;
    for note in &template.notes {
        output.note(format!("note: {note}"));
    }
    for bucket in &template.buckets {
        make_bucket(client, bucket).await?;
    }
    let mut deployed = Vec::new();
    for function in &template.functions {
        deployed.push(deploy(client, function, output).await?);
    }
    tell(&template, &deployed, client, output);
    for function in &deployed {
        failed(function)?;
    }
    Ok(())
}

fn tell(template: &Template, deployed: &[Function], client: &Client, output: Output) {
    output.document(&json!({
        "functions": deployed, "buckets": template.buckets, "outputs": template.outputs,
        "notes": template.notes,
    }));
    for function in deployed {
        show(function, client, output);
    }
    for (name, value) in &template.outputs {
        output.say(format!("{name} = {value}"));
    }
}

/// The stack's name: what was given, else the name of the template's folder.
fn stack(path: &Path, given: Option<&str>) -> Result<Name, Failure> {
    if let Some(given) = given {
        return Name::new(given).map_err(|error| Failure::usage(error.to_string()));
    }
    let folder = std::fs::canonicalize(path)
        .map_err(|error| Failure::usage(format!("`{}` cannot be read: {error}", path.display())))?;
    let folder = folder.parent().and_then(Path::file_name);
    let name = folder.and_then(|name| name.to_str()).unwrap_or("stack");
    Name::new(name).map_err(|error| Failure::usage(format!("{error}; give one by `--stack`")))
}

async fn deploy(
    client: &Client,
    wanted: &TemplateFunction,
    output: Output,
) -> Result<Function, Failure> {
    let mut spec = wanted.spec.clone();
    spec.code = place(client, &wanted.code).await?;
    for layer in &wanted.layers {
        spec.layers.push(place(client, layer).await?.location);
    }
    if let (
        Environment::Python {
            requirements: lines,
            ..
        },
        Source::Local(folder),
    ) = (&mut spec.environment, &wanted.code)
    {
        lines.extend(requirements(folder)?);
    }
    output.note(format!("deploying {}", wanted.name));
    let function = put(client, wanted.name.as_str(), &spec).await?;
    if let Some(alias) = &wanted.alias {
        let name = wanted.name.as_str();
        let version: FunctionVersion = client
            .post(&["functions", name, "versions"], &json!({}))
            .await?;
        let path = ["functions", name, "aliases", alias.as_str()];
        let _: Value = client
            .put(&path, &json!({"version": version.version}))
            .await?;
    }
    Ok(function)
}

async fn place(client: &Client, source: &Source) -> Result<domain::job::CodeArchive, Failure> {
    match source {
        Source::Object(location) => upload(client, location).await,
        Source::Local(path) => upload(client, &path.to_string_lossy()).await,
    }
}

async fn make_bucket(client: &Client, bucket: &str) -> Result<(), Failure> {
    let _: Value = client.put(&["buckets", bucket], &json!({})).await?;
    Ok(())
}
