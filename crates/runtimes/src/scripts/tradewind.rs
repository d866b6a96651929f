//! Our own contract: where things are, by plain names.

use super::{Places, text, variable_name};
use crate::Error;
use crate::launch::Launch;
use std::collections::BTreeMap;

/// Adds `TRADEWIND_*`, and what makes Python print at once and find its environment.
pub(super) fn add(
    launch: &Launch,
    places: &Places,
    variables: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    let mut set = |name: &str, value: String| variables.insert(name.to_owned(), value);
    set("TRADEWIND_TICKET", launch.ticket.clone());
    set("TRADEWIND_JOB", launch.job.clone());
    set("TRADEWIND_BASE", text(&places.base));
    set("TRADEWIND_CODE", text(&places.code()));
    set("TRADEWIND_MODEL", text(&places.model()));
    set("TRADEWIND_OUTPUT", text(&places.output()));
    set("TRADEWIND_CHECKPOINTS", text(&places.checkpoints()));
    set("TRADEWIND_CPUS", launch.machine.cpus.to_string());
    set(
        "TRADEWIND_ACCELERATORS",
        launch.machine.accelerators.to_string(),
    );
    for input in &launch.inputs {
        let path = text(&places.input(input)?);
        set(&variable_name("TRADEWIND_INPUT_", &input.channel), path);
    }
    for output in &launch.outputs {
        let path = text(&places.named_output(output)?);
        set(&variable_name("TRADEWIND_OUTPUT_", &output.name), path);
    }
    for (name, value) in &launch.hyperparameters {
        set(
            &variable_name("TRADEWIND_HYPERPARAMETER_", name),
            value.clone(),
        );
    }
    set("PYTHONUNBUFFERED", "1".to_owned());
    // Scripts in a folder of the code import what lies at its top, as on all three clouds.
    // What a script installs while it runs goes to the job alone, not to the shared environment.
    let installed = text(&places.temporary.join("installed"));
    set(
        "PYTHONPATH",
        format!("{}:{installed}", text(&places.code())),
    );
    set("PIP_TARGET", installed);
    set("TMPDIR", text(&places.temporary));
    if let Some(environment) = places.python.parent().and_then(|bin| bin.parent()) {
        set("VIRTUAL_ENV", text(environment));
    }
    if let Some(milli_cpus) = launch.limits.milli_cpus {
        // More threads than CPUs would only wait for each other under a bandwidth limit.
        let threads = milli_cpus.div_ceil(1000).max(1).to_string();
        for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            set(name, threads.clone());
        }
    }
    Ok(())
}
