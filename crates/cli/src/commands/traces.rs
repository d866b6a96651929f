//! `traces`: where the time of an endpoint's slowest requests went.

use crate::arguments::TraceArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use serde::{Deserialize, Serialize};

/// A request as the server kept it.
#[derive(Debug, Serialize, Deserialize)]
struct Trace {
    trace_id: String,
    span_id: String,
    parent_id: Option<String>,
    deployment: String,
    ago_ms: u64,
    milliseconds: f64,
    outcome: String,
    stages: Vec<Stage>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Stage {
    name: String,
    from_ms: f64,
    milliseconds: f64,
}

pub(super) async fn run(
    client: &Client,
    wanted: &TraceArguments,
    output: Output,
) -> Result<(), Failure> {
    let path = ["endpoints", wanted.endpoint.as_str(), "traces"];
    let traces: Vec<Trace> = client.get(&path, &[]).await?;
    if output.json {
        output.value(&traces);
        return Ok(());
    }
    output.table(
        &[
            "trace",
            "deployment",
            "seconds ago",
            "ms",
            "outcome",
            "stages",
        ],
        &traces,
        |trace| {
            let stages = trace.stages.iter();
            let stages = stages.map(|stage| format!("{} {:.1}", stage.name, stage.milliseconds));
            vec![
                trace.trace_id.clone(),
                trace.deployment.clone(),
                (trace.ago_ms / 1_000).to_string(),
                format!("{:.1}", trace.milliseconds),
                trace.outcome.chars().take(40).collect(),
                stages.collect::<Vec<_>>().join(", "),
            ]
        },
    );
    Ok(())
}
