//! Jobs in the ledger and under budgets: deleted at once, under way when the server is killed, and of a
//! size that advice has changed.

use crate::costs::sums;
use crate::support::{Server, shell, until};
use serde_json::json;

#[test]
fn a_job_that_is_deleted_at_once_costs_what_it_did() {
    let server = Server::start();
    let rates = ["costs", "rates", "--cpu-hour", "1000000"];
    server.tradewind(&rates).good();
    for id in ["kept", "gone"] {
        let spec = shell("true", json!({"tags": {"team": "search"}}));
        server
            .post("/jobs", &json!({"id": id, "spec": spec}))
            .good();
    }
    until("both are over", || {
        let over = |id: &str| {
            let job = server.get(&format!("/jobs/{id}")).good();
            job["phase"]["phase"] == "ended"
        };
        (over("kept") && over("gone")).then_some(())
    });
    assert_eq!(server.delete("/jobs/gone").status, 200);
    let used = until("both are metered", || {
        let used = sums(&server, "job,tag:team");
        let there = |id: &str| used.contains_key(&format!("{id}, search"));
        (there("kept") && there("gone")).then_some(used)
    });
    assert!(used["gone, search"].1 > 0.0, "{used:?}");
    assert_eq!(used.len(), 2, "{used:?}");
}

#[test]
fn a_hard_budget_knows_what_is_under_way_after_a_crash_and_forgets_what_is_over() {
    let mut server = Server::start();
    server
        .tradewind(&["costs", "rates", "--cpu-hour", "1"])
        .good();
    let cap = ["budgets", "set", "cap", "--amount", "10", "--hard"];
    server.tradewind(&cap).good();
    assert_eq!(six(&server, "first", "sleep 600").0, 200);
    let (status, text) = six(&server, "second", "true");
    assert!(
        status != 200 && text.contains("6.00 is under way"),
        "{text}"
    );
    server.kill();
    server.restart();
    let (status, text) = six(&server, "third", "true");
    assert!(
        status != 200 && text.contains("6.00 is under way"),
        "{text}"
    );
    server.post("/jobs/first/stop", &json!({})).good();
    // What it might have used for hours is free as soon as it is over.
    until("another one is paid for", || {
        (six(&server, "fourth", "true").0 == 200).then_some(())
    });
}

/// A job that may take six hours of a CPU: the answer's status and text.
fn six(server: &Server, id: &str, script: &str) -> (u16, String) {
    let limits = json!({"limits": {"wall_clock": 6 * 3_600_000}});
    let body = json!({"id": id, "spec": shell(script, limits)});
    let answer = server.post("/jobs", &body);
    (answer.status, answer.text())
}

#[test]
fn runs_ask_for_what_advice_says_until_it_is_undone() {
    let server = Server::start();
    let file = "name: churn\nscript: train.py\nresources: {cpus: 1+, memory: 512MiB+}\n";
    let files = [("tradewind.yaml", file), ("train.py", "print(1)")];
    let folder = server.place.project("churn", &files);
    let asked = || {
        let ran = server.tradewind(&["--json", "run", &folder]).good();
        drop(ran);
        let runs = server.get("/runs").good();
        let newest = runs["items"][0]["id"].as_str().unwrap().to_owned();
        let run = server.get(&format!("/runs/{newest}")).good();
        let step = run["spec"]["steps"][0].clone();
        (
            step["name"].as_str().unwrap().to_owned(),
            step["action"]["job"]["resources"].clone(),
        )
    };
    let (step, before) = asked();
    assert_eq!(before["milli_cpus"]["at-least"], 1_000, "{before}");
    let action = json!({
        "do": "size-step", "workspace": "default", "pipeline": "churn", "step": step,
        "asked": {"milli_cpus": 1_000, "memory": 512 << 20},
        "instead": {"milli_cpus": 250, "memory": 128 << 20},
    });
    let body = json!({"rule": "step-size", "action": action});
    let applied = server.post("/costs/advice/apply", &body).good();
    let (_, sized) = asked();
    assert_eq!(sized["milli_cpus"]["at-least"], 250, "{sized}");
    let id = applied["id"].as_str().unwrap();
    server.tradewind(&["advice", "undo", id]).good();
    assert_eq!(asked().1, before);
    let mut wrong = body.clone();
    wrong["action"]["instead"] = json!({"milli_cpus": 0, "memory": 1});
    assert_eq!(server.post("/costs/advice/apply", &wrong).status, 400);
    let events = server.events();
    let sized = events
        .iter()
        .filter(|event| event["resource"] == "pipeline");
    assert_eq!(sized.count(), 2);
}
