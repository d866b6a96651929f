//! What tests ask of a server: jobs, runs, events, and whether it still does its work.

use super::{Server, shell, until};
use serde_json::{Value, json};
use std::fs;

impl Server {
    /// Submits a shell job.
    pub(crate) fn shell(&self, script: &str, more: Value) -> String {
        let job = self
            .post("/jobs", &json!({"spec": shell(script, more)}))
            .good();
        job["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn job(&self, id: &str) -> Value {
        self.get(&format!("/jobs/{id}")).good()
    }

    /// The job once it is over.
    pub(crate) fn ended(&self, id: &str) -> Value {
        let path = format!("/jobs/{id}");
        until(&format!("job {id} is over"), || {
            let job = self.get(&path).good();
            (job["phase"]["phase"] == "ended").then_some(job)
        })
    }

    /// The run once it is over.
    pub(crate) fn run_ended(&self, id: &str) -> Value {
        let path = format!("/runs/{id}");
        until(&format!("run {id} is over"), || {
            let run = self.get(&path).good();
            let phase = run["phase"].as_str().unwrap();
            (!["running", "stopping"].contains(&phase)).then_some(run)
        })
    }

    /// All events, the oldest first.
    pub(crate) fn events(&self) -> Vec<Value> {
        let mut events = Vec::new();
        let mut after = 0;
        loop {
            let page = self.get(&format!("/events?after={after}&limit=500")).good();
            let items = page["items"].as_array().unwrap();
            if items.is_empty() {
                return events;
            }
            after = items.last().unwrap()["sequence"].as_i64().unwrap();
            events.extend(items.iter().cloned());
        }
    }

    /// Whether the server still does its work: it answers and runs a job to its end.
    #[track_caller]
    pub(crate) fn goes_on(&self) {
        assert_eq!(self.get("/health").status, 200);
        let job = self.ended(&self.shell("echo still here", json!({})));
        assert_eq!(job["phase"]["outcome"]["kind"], "succeeded", "{job}");
        let server_log = fs::read_to_string(self.place.folder.path().join("server.log")).unwrap();
        assert!(!server_log.contains("panicked"), "{server_log}");
    }
}
