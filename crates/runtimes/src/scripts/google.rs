//! Vertex AI's contract for custom training code
//! (<https://cloud.google.com/vertex-ai/docs/training/code-requirements#environment-variables>,
//! November 2026). On Vertex the folders are `gs://` addresses; here they are folders of this
//! machine unless the launch's own variables say otherwise, which scripts that open them by path
//! or through TensorFlow's file functions do not notice.

use super::{Places, text};
use crate::Error;
use crate::launch::Launch;
use serde_json::json;
use std::collections::BTreeMap;

/// Channels that Vertex's managed data sets come in, and their variables.
const SPLITS: [(&str, &[&str]); 3] = [
    ("AIP_TRAINING_DATA_URI", &["training", "train"]),
    ("AIP_VALIDATION_DATA_URI", &["validation", "valid", "val"]),
    ("AIP_TEST_DATA_URI", &["test"]),
];

/// Adds `AIP_*`, `CLOUD_ML_*` and `CLUSTER_SPEC`.
pub(super) fn add(
    launch: &Launch,
    places: &Places,
    variables: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    let mut set = |name: &str, value: String| variables.insert(name.to_owned(), value);
    set("AIP_MODEL_DIR", text(&places.model()));
    set("AIP_CHECKPOINT_DIR", text(&places.checkpoints()));
    set(
        "AIP_TENSORBOARD_LOG_DIR",
        text(&places.base.join("output/tensorboard")),
    );
    set("CLOUD_ML_JOB_ID", launch.job.clone());
    let mut any = false;
    for (variable, channels) in SPLITS {
        let named = |channel: &&str| {
            launch
                .inputs
                .iter()
                .find(|input| input.channel == **channel)
        };
        if let Some(input) = channels.iter().find_map(named) {
            set(variable, text(&places.input(input)?));
            any = true;
        }
    }
    if any {
        let format = launch
            .inputs
            .iter()
            .find_map(|input| input.content_type.as_deref());
        let format = match format {
            Some(kind) if kind.contains("csv") => "csv",
            Some(kind) if kind.contains("bigquery") => "bigquery",
            _ => "jsonl",
        };
        set("AIP_DATA_FORMAT", format.to_owned());
    }
    let index = launch
        .machine
        .hosts
        .iter()
        .position(|host| *host == launch.machine.host);
    let index = index.unwrap_or(0);
    let (kind, task) = if index == 0 {
        ("workerpool0", 0)
    } else {
        ("workerpool1", index - 1)
    };
    let workers: Vec<String> = launch
        .machine
        .hosts
        .iter()
        .skip(1)
        .map(|host| format!("{host}:2222"))
        .collect();
    let first = launch
        .machine
        .hosts
        .first()
        .map_or("localhost", String::as_str);
    let mut cluster = json!({ "workerpool0": [format!("{first}:2222")] });
    if !workers.is_empty() {
        cluster["workerpool1"] = json!(workers);
    }
    let task = json!({ "type": kind, "index": task, "trial": "" });
    let specification = json!({
        "cluster": cluster,
        "environment": "cloud",
        "task": task,
        "job": serde_json::to_string(&json!({ "job_id": launch.job })).unwrap_or_default(),
    });
    set("CLUSTER_SPEC", specification.to_string());
    Ok(())
}
