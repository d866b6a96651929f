//! A function as people read it.

use super::super::jobs::Page;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use domain::function::{Alias, Function, FunctionPhase, FunctionVersion, Schedule, TriggerKind};
use serde_json::{Value, json};

pub(super) async fn run(client: &Client, name: &str, output: Output) -> Result<(), Failure> {
    let function: Function = client.get(&["functions", name], &[]).await?;
    let versions: Page<FunctionVersion> = client.get(&["functions", name, "versions"], &[]).await?;
    let aliases: Page<Alias> = client.get(&["functions", name, "aliases"], &[]).await?;
    let figures: Value = client.get(&["functions", name, "figures"], &[]).await?;
    output.document(&json!({
        "function": function, "versions": versions.items, "aliases": aliases.items,
        "figures": figures,
    }));
    show(&function, client, output);
    for version in &versions.items {
        output.say(format!(
            "  version {}  {}",
            version.version, version.description
        ));
    }
    for alias in &aliases.items {
        let version = alias
            .version
            .map_or("$LATEST".to_owned(), |v| v.to_string());
        let second = alias
            .weighted
            .as_ref()
            .map(|w| format!(", {} of it {}", w.share, w.version));
        output.say(format!(
            "  alias {} is {version}{}",
            alias.name,
            second.unwrap_or_default()
        ));
    }
    let figure = |name: &str| figures.get(name).and_then(Value::as_u64).unwrap_or(0);
    output.say(format!(
        "  here: {} instance(s), {} busy, {} calls, {} errors, {} throttled",
        figure("instances"),
        figure("busy"),
        figure("calls"),
        figure("errors"),
        figure("throttled")
    ));
    Ok(())
}

/// What a function is and where it answers.
pub(super) fn show(function: &Function, client: &Client, output: Output) {
    output.say(format!(
        "{}  {}  {}, {}, {}",
        function.name,
        function.phase.word(),
        function.spec.form.word(),
        function.spec.memory,
        function.spec.timeout
    ));
    if let FunctionPhase::Failed { message } = &function.phase {
        output.say(format!("  {message}"));
    }
    if let Some(trouble) = &function.trouble {
        output.say(format!("  not ready: {trouble}"));
    }
    for warning in &function.warnings {
        output.say(format!("  note: {warning}"));
    }
    let address = client.address();
    output.say(format!("  {address}/functions/{}/", function.name));
    for trigger in &function.spec.triggers {
        let told = match &trigger.kind {
            TriggerKind::Http {
                api,
                stage,
                method,
                path,
                ..
            } => {
                format!("{method} {address}/apis/{api}/{stage}{path}")
            }
            TriggerKind::Schedule { schedule, .. } => {
                let when = match schedule {
                    Schedule::Cron { expression } => format!("cron {expression}"),
                    Schedule::Rate { span } => format!("every {span}"),
                };
                format!("{}: {when}", trigger.name)
            }
            TriggerKind::ObjectCreated {
                bucket,
                prefix,
                suffix,
            } => {
                format!(
                    "{}: new objects s3://{bucket}/{prefix}…{suffix}",
                    trigger.name
                )
            }
        };
        output.say(format!("  {told}"));
    }
}
