//! `stop`: a job or a run is asked to stop.

use super::pipelines::newest_run;
use crate::arguments::Named;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use serde_json::{Value, json};

pub(super) async fn run(client: &Client, wanted: &Named, output: Output) -> Result<(), Failure> {
    let id = match wanted.id.as_str() {
        "latest" => newest_run(client).await?,
        id => id.to_owned(),
    };
    let as_run: Result<Value, Failure> = client.post(&["runs", &id, "stop"], &json!({})).await;
    let (kind, stopped) = match as_run {
        Ok(run) => ("run", run),
        Err(Failure::Refused { code, .. }) if code == "not-found" => (
            "job",
            client.post(&["jobs", &id, "stop"], &json!({})).await?,
        ),
        Err(failure) => return Err(failure),
    };
    output.document(&stopped);
    // A run says how it stands by a word, a job by the outcome that it has.
    let over = match &stopped["phase"] {
        Value::String(word) if word != "stopping" => Some(word.as_str()),
        phase => phase["outcome"]["kind"].as_str(),
    };
    output.say(match over {
        Some(word) => format!("{kind} `{id}` was over already: {word}"),
        None => format!("{kind} `{id}` was asked to stop"),
    });
    Ok(())
}
