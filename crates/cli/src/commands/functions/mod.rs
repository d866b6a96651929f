//! `functions`: user code behind an address, deployed, listed, versioned and forgotten.

mod deploy;
mod show;
mod template;

pub(super) use template::{is_template, template};

use super::jobs::first;
use crate::arguments::{FunctionAction, FunctionArguments};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, ago};
use domain::Share;
use domain::function::{Alias, Function, FunctionVersion};
use serde_json::{Value, json};

pub(super) async fn run(
    client: &Client,
    wanted: &FunctionArguments,
    output: Output,
) -> Result<(), Failure> {
    match &wanted.action {
        FunctionAction::Ls => list(client, output).await,
        FunctionAction::Show { name } => show::run(client, name, output).await,
        FunctionAction::Deploy(wanted) => deploy::run(client, wanted, output).await,
        FunctionAction::Log { name, limit } => log(client, name, *limit, output).await,
        FunctionAction::Publish { name, description } => {
            let body = json!({"description": description});
            let made: FunctionVersion =
                client.post(&["functions", name, "versions"], &body).await?;
            output.document(&made);
            output.say(format!("published {name}:{}", made.version));
            Ok(())
        }
        FunctionAction::Alias {
            name,
            alias,
            number,
            second,
        } => set_alias(client, (name, alias), *number, second.as_deref(), output).await,
        FunctionAction::Rm { name } => {
            client.delete(&["functions", name]).await?;
            output.say(format!("deleted function `{name}`"));
            Ok(())
        }
    }
}

async fn list(client: &Client, output: Output) -> Result<(), Failure> {
    let functions: Vec<Function> = first(client, &["functions"], &[], u32::MAX).await?;
    output.table(
        &[
            "function", "form", "state", "memory", "timeout", "versions", "updated",
        ],
        &functions,
        |function| {
            vec![
                function.name.to_string(),
                function.spec.form.word().to_owned(),
                function.phase.word().to_owned(),
                function.spec.memory.to_string(),
                function.spec.timeout.to_string(),
                function.last_version.to_string(),
                ago(function.updated),
            ]
        },
    );
    Ok(())
}

async fn log(client: &Client, name: &str, limit: u32, output: Output) -> Result<(), Failure> {
    let query = [("limit", limit.to_string())];
    let lines: Vec<Value> = client.get(&["functions", name, "log"], &query).await?;
    output.document(&lines);
    for line in &lines {
        output.say(line.get("text").and_then(Value::as_str).unwrap_or_default());
    }
    Ok(())
}

async fn set_alias(
    client: &Client,
    (name, alias): (&str, &str),
    version: u32,
    second: Option<&str>,
    output: Output,
) -> Result<(), Failure> {
    let wrong = |text: &str| {
        Failure::usage(format!(
            "`{text}` is not a version with its share, as in `4=10`"
        ))
    };
    let weighted = match second {
        None => None,
        Some(text) => {
            let (version, percent) = text.split_once('=').ok_or_else(|| wrong(text))?;
            let version: u32 = version.parse().map_err(|_| wrong(text))?;
            let percent = percent.trim_end_matches('%').parse().ok();
            let share = percent
                .and_then(Share::percent)
                .ok_or_else(|| wrong(text))?;
            Some(json!({"version": version, "share": share}))
        }
    };
    let body = json!({"version": version, "weighted": weighted});
    let made: Alias = client
        .put(&["functions", name, "aliases", alias], &body)
        .await?;
    output.document(&made);
    output.say(format!("{name}:{alias} is {name}:{version}"));
    Ok(())
}
