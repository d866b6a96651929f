//! `run`: a folder's workload from training to a prediction.

mod follow;
mod package;

use crate::arguments::{Arguments, RunArguments};
use crate::embedded::{Start, connect};
use crate::failure::Failure;
use crate::output::Output;
use domain::environment::Environment;
use domain::pipeline::{Run, StepAction, StepSpec};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use workload::Loaded;

pub(super) async fn run(
    arguments: &Arguments,
    wanted: &RunArguments,
    output: Output,
) -> Result<(), Failure> {
    let mut loaded = load(&wanted.path, &wanted.set)?;
    for warning in &loaded.warnings {
        output.note(format!("warning: {warning}"));
    }
    show_plan(&loaded, output);
    let client = connect(arguments, output, Start::Yes).await?;
    if wanted.no_cache {
        for step in &mut loaded.spec.steps {
            if let StepAction::Job { job } = &mut step.action {
                job.cache = false;
            }
        }
    }
    package::package(&client, &mut loaded).await?;
    let run: Run = client
        .post(&["runs"], &json!({"spec": loaded.spec}))
        .await?;
    if wanted.detach {
        output.document(&run);
        output.say(format!(
            "started {}; follow it with `tradewind logs -f {}`",
            run.id, run.id
        ));
        return Ok(());
    }
    output.say(format!("run {}", run.id));
    follow::follow(&client, &run.id, output).await
}

/// Reads the workload file with its parameters as the command line gives them.
pub(super) fn load(path: &Path, set: &[String]) -> Result<Loaded, Failure> {
    let mut overrides = BTreeMap::new();
    for text in set {
        let (name, value) = text.split_once('=').ok_or_else(|| {
            Failure::usage(format!("`{text}` gives no value: write `--set name=value`"))
        })?;
        overrides.insert(name.to_owned(), value.to_owned());
    }
    workload::load(path, &overrides).map_err(|error| Failure::Usage(error.to_string()))
}

/// What would be done, step by step.
pub(super) fn show_plan(loaded: &Loaded, output: Output) {
    if output.json {
        return;
    }
    output.say(format!(
        "plan for `{}` ({})",
        loaded.spec.name,
        loaded.file.display()
    ));
    output.table(
        &["step", "does", "after", "where", "in"],
        &loaded.spec.steps,
        |step| {
            let before: Vec<String> = loaded
                .spec
                .predecessors(step)
                .map(ToString::to_string)
                .collect();
            let (place, environment) = match &step.action {
                StepAction::Job { job } => (
                    "this machine, $0.00/h".to_owned(),
                    environment_text(&job.environment),
                ),
                StepAction::Deploy { .. } => ("this machine, $0.00/h".to_owned(), String::new()),
                _ => Default::default(),
            };
            vec![
                step.name.to_string(),
                what(step),
                before.join(", "),
                place,
                environment,
            ]
        },
    );
}

fn what(step: &StepSpec) -> String {
    let word = step.action.word();
    match &step.for_each {
        None => word.to_owned(),
        Some(each) if each.parallelism > 0 => {
            format!("{word} for each item, {} at once", each.parallelism)
        }
        Some(_) => format!("{word} for each item"),
    }
}

fn environment_text(environment: &Environment) -> String {
    match environment {
        Environment::Python {
            version,
            requirements,
            ..
        } => {
            let version = version.as_deref().unwrap_or("");
            match requirements.len() {
                0 => format!("python {version}").trim().to_owned(),
                _ => format!("python {version} + {}", requirements.join(", ")).replace("  ", " "),
            }
        }
        Environment::Framework { name, version, .. } => {
            format!("{name} {}", version.as_deref().unwrap_or("newest"))
        }
        Environment::Image { uri } => uri.clone(),
    }
}
