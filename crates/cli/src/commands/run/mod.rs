//! `run`: a folder's workload from training to a prediction.

mod follow;
mod next;
pub(super) mod package;

use crate::arguments::{Arguments, RunArguments};
use crate::embedded::{Start, connect};
use crate::failure::Failure;
use crate::output::Output;
use domain::pipeline::{Run, StepAction};
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
    super::plan::show_for_run(arguments, &loaded, output);
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
    let hints = next::Hints::new(arguments, &wanted.path);
    follow::follow(&client, &run.id, &hints, output).await
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
