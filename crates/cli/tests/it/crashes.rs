//! kill -9 of the real server in the middle of a pipeline.

use crate::support::{Server, example};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Kills in one pipeline.
const KILLS: usize = 10;

#[test]
fn ten_kills_change_nothing() {
    let seed = std::env::var("TRADEWIND_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| u64::from(std::process::id()) * 2_654_435_761);
    eprintln!("TRADEWIND_SEED={seed}");
    let mut state = seed | 1;
    let mut server = Server::start();
    let folder = example("digits-pipeline");
    let run = server
        .tradewind(&["--json", "run", &folder, "--detach"])
        .good()
        .json();
    let id = run["id"].as_str().unwrap().to_owned();
    for number in 0..KILLS {
        // xorshift64 (Marsaglia 2003)
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let pause = Duration::from_millis(20 + state % 700);
        std::thread::sleep(pause);
        let phase = server.get(&format!("/runs/{id}")).good()["phase"].clone();
        eprintln!("kill {number} after {pause:?}, run {phase}");
        server.kill();
        server.restart();
    }
    let run = server.run_ended(&id);
    assert_eq!(run["phase"], "succeeded", "{run}");
    everything_once(&server, &id);
    let models = server.get("/models/digits").good();
    assert_eq!(models["newest"], 1, "registered once");

    let again = server
        .tradewind(&["--json", "run", &folder, "--no-cache"])
        .good()
        .json();
    let version = |number| {
        server
            .get(&format!("/models/digits/versions/{number}"))
            .good()
    };
    assert_eq!(again["phase"], "succeeded");
    let newest = server.get("/models/digits").good()["newest"]
        .as_u64()
        .unwrap();
    let (first, second) = (version(1), version(newest));
    assert_eq!(first["metrics"], second["metrics"]);
    assert_eq!(
        first["artifact_hash"], second["artifact_hash"],
        "the same model"
    );
}

/// Each job of a run had one attempt, was placed once, and has its whole log.
pub(crate) fn everything_once(server: &Server, run: &str) {
    let page = server.get(&format!("/jobs?run={run}&limit=1000")).good();
    let jobs = page["items"].as_array().unwrap();
    assert!(!jobs.is_empty());
    let mut placed: BTreeMap<String, usize> = BTreeMap::new();
    for event in server.events() {
        if event["action"] == "placed" {
            *placed
                .entry(event["id"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    for job in jobs {
        let job = server.ended(job["id"].as_str().unwrap());
        let id = job["id"].as_str().unwrap();
        assert_eq!(job["attempts"].as_array().unwrap().len(), 1, "{job}");
        assert_eq!(placed.get(id), Some(&1), "{id}");
        whole_log(server, id);
    }
}

fn whole_log(server: &Server, id: &str) {
    let page = server.get(&format!("/jobs/{id}/logs?limit=1000")).good();
    let rest = server
        .get(&format!("/jobs/{id}/logs?offset={}", page["next"]))
        .good();
    assert_eq!(
        (&rest["complete"], &rest["lines"]),
        (&Value::Bool(true), &serde_json::json!([])),
        "{rest}"
    );
    let lines = page["lines"].as_array().unwrap();
    let text = |line: &Value| line["text"].as_str().unwrap().to_owned();
    let printed: Vec<String> = lines
        .iter()
        .filter(|line| line["stream"] == "out")
        .map(text)
        .collect();
    let once = |what: &str| printed.iter().filter(|line| line.contains(what)).count();
    if id.contains("-train") {
        assert_eq!(once("validation_accuracy="), 1, "{id}: {printed:?}");
    } else if id.contains("prepare") {
        assert_eq!(
            (once("train: "), once("test: ")),
            (1, 1),
            "{id}: {printed:?}"
        );
    } else if id.contains("evaluate") {
        assert_eq!(once("digits are right"), 1, "{id}: {printed:?}");
    }
}
