//! `models`: the registry.

use super::jobs::{Page, first};
use crate::arguments::ModelArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, ago, number};
use domain::model::{Approval, Model, ModelReference, ModelVersion};
use serde_json::{Value, json};

pub(super) async fn run(
    client: &Client,
    wanted: &ModelArguments,
    output: Output,
) -> Result<(), Failure> {
    let Some(name) = &wanted.name else {
        let models: Vec<Model> = first(client, &["models"], &[], u32::MAX).await?;
        output.table(
            &["model", "newest", "aliases", "created"],
            &models,
            |model| {
                vec![
                    model.name.to_string(),
                    model
                        .newest_there()
                        .map_or_else(|| "-".to_owned(), |number| number.to_string()),
                    aliases(model),
                    ago(model.created),
                ]
            },
        );
        return Ok(());
    };
    let reference = ModelReference::try_from(name.clone()).map_err(Failure::Usage)?;
    let (model, version) = resolve(client, &reference).await?;
    let number = version.to_string();
    let path = ["models", model.name.as_str(), "versions", &number];
    if wanted.approve || wanted.reject {
        let approval = if wanted.approve {
            Approval::Approved
        } else {
            Approval::Rejected
        };
        let path = [path[0], path[1], path[2], path[3], "approval"];
        let set: ModelVersion = client.post(&path, &json!({"approval": approval})).await?;
        output.say(format!("{}:{number} is {:?}", model.name, set.approval).to_lowercase());
        if wanted.alias.is_none() {
            output.document(&set);
            return Ok(());
        }
    }
    if let Some(alias) = &wanted.alias {
        let path = ["models", model.name.as_str(), "aliases", alias];
        let set: Value = client.put(&path, &json!({"version": version})).await?;
        output.document(&set);
        output.say(format!("{}@{alias} is version {number}", model.name));
        return Ok(());
    }
    if let ModelReference::Newest(_) = reference {
        return versions(client, &model, output).await;
    }
    let version: ModelVersion = client.get(&path, &[]).await?;
    output.document(&version);
    show(&version, output);
    Ok(())
}

/// The model and the number that a reference stands for.
pub(super) async fn resolve(
    client: &Client,
    reference: &ModelReference,
) -> Result<(Model, u32), Failure> {
    let (ModelReference::Newest(name)
    | ModelReference::Version(name, _)
    | ModelReference::Alias(name, _)) = reference;
    let model: Model = client.get(&["models", name.as_str()], &[]).await?;
    let version = match reference {
        ModelReference::Newest(_) => model
            .newest_there()
            .ok_or_else(|| Failure::usage(format!("model `{name}` has no version any more")))?,
        ModelReference::Version(_, version) => *version,
        ModelReference::Alias(_, alias) => *model
            .aliases
            .get(alias)
            .ok_or_else(|| Failure::usage(format!("model `{name}` has no alias `{alias}`")))?,
    };
    Ok((model, version))
}

fn aliases(model: &Model) -> String {
    let aliases = model
        .aliases
        .iter()
        .map(|(alias, version)| format!("{alias}→{version}"));
    aliases.collect::<Vec<_>>().join(" ")
}

async fn versions(client: &Client, model: &Model, output: Output) -> Result<(), Failure> {
    let query = [("limit", "1000".to_owned())];
    let path = ["models", model.name.as_str(), "versions"];
    let page: Page<ModelVersion> = client.get(&path, &query).await?;
    let heads = [
        "version", "approval", "aliases", "metrics", "made by", "created",
    ];
    output.table(&heads, &page.items, |version| {
        let mine = model
            .aliases
            .iter()
            .filter(|(_, number)| **number == version.version);
        let metrics = version.metrics.iter();
        let metrics = metrics.map(|(name, value)| format!("{name} {}", number(value.get())));
        vec![
            format!("{}:{}", version.model, version.version),
            format!("{:?}", version.approval).to_lowercase(),
            mine.map(|(alias, _)| alias.to_string())
                .collect::<Vec<_>>()
                .join(" "),
            metrics.collect::<Vec<_>>().join(" "),
            version
                .lineage
                .job
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            ago(version.created),
        ]
    });
    Ok(())
}

fn show(version: &ModelVersion, output: Output) {
    output.say(format!(
        "{}:{}  {:?}  created {}",
        version.model,
        version.version,
        version.approval,
        ago(version.created)
    ));
    output.say(format!("  artifact   {}", version.artifact));
    output.say(format!("  sha256     {}", version.artifact_hash));
    for (name, value) in &version.metrics {
        output.say(format!("  metric     {name} = {}", number(value.get())));
    }
    let lineage = &version.lineage;
    for (what, id) in [
        ("job", lineage.job.as_ref().map(ToString::to_string)),
        ("run", lineage.run.as_ref().map(ToString::to_string)),
        ("code", lineage.code_hash.clone()),
    ] {
        if let Some(id) = id {
            output.say(format!("  {what:<10} {id}"));
        }
    }
    for (channel, locations) in &lineage.inputs {
        output.say(format!("  input      {channel}: {}", locations.join(", ")));
    }
    for (name, value) in &lineage.hyperparameters {
        output.say(format!("  parameter  {name} = {value}"));
    }
}
