//! What stays as it is when only something else was asked for: an endpoint's options, a step's
//! result, the numbers of a model.

use crate::endpoints::train;
use crate::support::Server;
use serde_json::{Value, json};

fn deployed(server: &Server, words: &[&str]) -> Value {
    server.tradewind(&[&["deploy"], words].concat()).good();
    let endpoint = server.get(&format!("/endpoints/{}", words[0])).good();
    endpoint["spec"].clone()
}

#[test]
fn a_deployment_keeps_what_the_command_does_not_name() {
    let server = Server::start();
    train(&server, "teller", "one");
    let asked = [
        "kept",
        "teller:1",
        "--max-replicas",
        "4",
        "--batch",
        "8",
        "--memory",
        "300MiB",
        "--network",
        "none",
        "--capture",
        "s3://watch/kept=10",
        "--sticky",
        "header:x-user",
    ];
    let first = deployed(&server, &asked);
    assert_eq!(first["deployments"][0]["options"]["network"], "none");
    train(&server, "teller", "two");
    let second = deployed(&server, &["kept", "teller:1=90", "teller:2=10"]);
    let options = |spec: &Value, index: usize| spec["deployments"][index]["options"].clone();
    assert_eq!(options(&second, 0), options(&first, 0));
    assert_eq!(options(&second, 1), options(&first, 0), "of the same model");
    assert_eq!(second["capture"], first["capture"]);
    assert_eq!(second["traffic"]["sticky"], first["traffic"]["sticky"]);
    let third = deployed(
        &server,
        &["kept", "teller:2", "--batch", "2", "--replicas", "0"],
    );
    assert_eq!(third["deployments"][0]["replicas"], 0);
    let third = options(&third, 0);
    assert_eq!(
        (&third["batch"], &third["network"]),
        (&json!(2), &json!("none"))
    );
    let last = deployed(&server, &["kept", "teller:2", "--reset"]);
    assert_eq!(last["deployments"][0]["replicas"], 1);
    assert_eq!(options(&last, 0), Value::Null);
    assert_eq!(last["capture"], Value::Null);

    // Its name is free as soon as the command says so.
    server.tradewind(&["delete", "endpoint", "kept"]).good();
    let again = deployed(&server, &["kept", "teller:2"]);
    assert_eq!(again["deployments"][0]["name"], "v2");

    // The newest version is the newest that there is, and no number is given twice.
    for endpoint in ["kept", "teller"] {
        server.tradewind(&["delete", "endpoint", endpoint]).good();
    }
    server.tradewind(&["delete", "model", "teller:2"]).good();
    let newest = deployed(&server, &["kept", "teller"]);
    assert_eq!(newest["deployments"][0]["version"], 1);
    train(&server, "teller", "three");
    let versions = server.get("/models/teller/versions").good();
    let versions = versions["items"].as_array().unwrap();
    let numbers: Vec<_> = versions.iter().map(|one| one["version"].clone()).collect();
    assert_eq!(numbers, [1, 3]);
    let words = ["models", "teller:1", "--approve", "--alias", "prod"];
    let said = server.tradewind(&words).good();
    assert!(
        said.out.contains("approved") && said.out.contains("prod"),
        "{}",
        said.out
    );
    server.tradewind(&["models", "teller@prod"]).good();
}

#[test]
fn other_words_in_the_workload_file_run_no_step_anew() {
    let server = Server::start();
    let text = "name: steady\nsteps:\n\
        \x20 a: {script: a.py, hyperparameters: {n: 1}}\n\
        \x20 b: {script: b.py, hyperparameters: {n: 1}, needs: [a]}\n";
    let place = &server.place;
    let run = |file: &str| {
        let files = [
            ("tradewind.yaml", file),
            ("a.py", "print('a')"),
            ("b.py", "print('b')"),
        ];
        let folder = place.project("steady", &files);
        server.tradewind(&["run", &folder]).good();
        server.get("/jobs?limit=100").good()["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(run(text), 2);
    assert_eq!(run(&format!("# a remark\n{text}")), 2, "from the cache");
    assert_eq!(
        run(&text.replace(
            "b.py, hyperparameters: {n: 1}",
            "b.py, hyperparameters: {n: 2}"
        )),
        3
    );
}

#[test]
fn events_are_the_newest_and_lead_to_the_earlier_ones() {
    let server = Server::start();
    let id = server.shell("true", json!({}));
    server.ended(&id);
    let all = server.events();
    let numbers = |words: &[&str]| -> Vec<i64> {
        let ran = server
            .tradewind(&[&["--json", "events"], words].concat())
            .good();
        let events = ran.json();
        let events = events.as_array().unwrap().iter();
        events
            .map(|one| one["sequence"].as_i64().unwrap())
            .collect()
    };
    let every: Vec<i64> = all
        .iter()
        .map(|one| one["sequence"].as_i64().unwrap())
        .collect();
    assert!(every.len() > 2);
    let newest = numbers(&["--limit", "2"]);
    assert_eq!(newest, every[every.len() - 2..]);
    let before = newest[0].to_string();
    let earlier = numbers(&["--before", &before, "--limit", "1"]);
    assert_eq!(earlier, every[every.len() - 3..][..1]);
    assert_eq!(numbers(&["--after", "0"]), every);
    let said = server.tradewind(&["events", "--limit", "2"]).good().out;
    assert!(said.contains(&format!("--before {before}")), "{said}");
    let whole = server.tradewind(&["events", "--limit", "1000"]).good().out;
    assert!(!whole.contains("--before"), "{whole}");
}

#[test]
fn a_field_that_nothing_reads_is_refused() {
    let server = Server::start();
    let spec = json!({"entry": {"kind": "command", "argv": ["true"]}, "limitz": {"memory": 5}});
    let answer = server.post("/jobs", &json!({"spec": spec}));
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("spec.limitz"), "{}", answer.text());
}
