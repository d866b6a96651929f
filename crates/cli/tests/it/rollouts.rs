//! Canaries through the command line and what is kept of their endpoints' requests, with Python
//! workers.

use crate::support::{Server, until};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const TRAIN: &str = "import os, pathlib, sys\n\
    folder = pathlib.Path(os.environ['SM_MODEL_DIR'])\n\
    (folder / 'word.txt').write_text(sys.argv[sys.argv.index('--word') + 1])\n";

const HANDLER: &str = "import pathlib\n\
    def load(model_dir):\n    return (pathlib.Path(model_dir) / 'word.txt').read_text()\n\
    def predict(model, rows):\n    \
        if model == 'bad' and rows[0] != 'spare': raise ValueError('a bad model')\n    \
        return [model for _ in rows]\n";

/// Trains and registers a version of `teller` that answers with a word; `bad` raises.
fn train(server: &Server, word: &str) {
    let file = "name: teller\nparameters: {word: x}\nscript: train.py\n\
        hyperparameters: {word: '${parameters.word}'}\nmodel: {name: teller, handler: handler.py}\n";
    let files = [
        ("tradewind.yaml", file),
        ("train.py", TRAIN),
        ("handler.py", HANDLER),
    ];
    let folder = server.place.project("teller", &files);
    let word = format!("word={word}");
    server.tradewind(&["run", &folder, "--set", &word]).good();
}

fn predict(server: &Server) -> String {
    let answer = server.post("/endpoints/teller/predict", &json!({"instances": [[1, 2]]}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["predictions"][0].as_str().unwrap().to_owned()
}

fn shares(server: &Server) -> Vec<u64> {
    let endpoint = server.get("/endpoints/teller").good();
    let deployments = endpoint["spec"]["deployments"].as_array().unwrap().clone();
    deployments
        .iter()
        .map(|one| one["share"].as_u64().unwrap())
        .collect()
}

fn happened(server: &Server, action: &str) -> Option<Value> {
    server
        .events()
        .into_iter()
        .find(|event| event["action"] == action)
}

#[test]
fn a_canary_is_rolled_back_or_promoted_and_no_request_fails() {
    let mut server = Server::start();
    for word in ["one", "bad", "three"] {
        train(&server, word);
    }
    let canary = |version: &str, more: &[&str]| {
        let (share, name) = (format!("teller:{version}=20"), format!("v{version}"));
        let words = [
            "deploy",
            "teller",
            "teller:1=80",
            &share,
            "--canary",
            &name,
            "--canary-seconds",
            "1",
            "--canary-answers",
            "5",
        ];
        server.tradewind(&[&words[..], more].concat()).good();
    };
    canary("2", &[]);
    for _ in 0..60 {
        assert_eq!(predict(&server), "one");
    }
    until("it is rolled back", || {
        (shares(&server) == [10_000, 0]).then_some(())
    });
    let event = happened(&server, "canary-rolled-back").unwrap();
    assert!(
        event["detail"]["evidence"]
            .as_str()
            .unwrap()
            .contains("failed"),
        "{event}"
    );
    let status = server.get("/endpoints/teller/status").good();
    let bad = &status["deployments"][1]["requests"];
    assert_eq!(bad["rescued"], bad["faults"], "{status}");
    assert!(bad["rescued"].as_u64().unwrap() >= 3, "{status}");
    let shown = server.tradewind(&["endpoints", "teller"]).good();
    assert!(!shown.out.contains("canary"), "{}", shown.out);

    canary("3", &["--canary-steps", "50"]);
    let began = Instant::now();
    while shares(&server) != [0, 10_000] {
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "it is never promoted"
        );
        assert!(["one", "three"].contains(&predict(&server).as_str()));
    }
    assert!(happened(&server, "canary-advanced").is_some());
    assert!(happened(&server, "canary-promoted").is_some());
    assert_eq!(predict(&server), "three");
    // A server that starts again follows what was decided.
    server.kill();
    server.restart();
    // A request that comes before its endpoint waits for it.
    assert_eq!(predict(&server), "three");
}

#[test]
fn what_is_captured_tells_its_drift() {
    let server = Server::start();
    train(&server, "one");
    let early = server.tradewind(&["drift", "teller"]);
    assert_eq!(early.code, 1, "{early:?}");
    server
        .tradewind(&[
            "deploy",
            "teller",
            "teller:1",
            "--capture",
            "s3://watch/kept",
        ])
        .good();
    let ask = |shift: u32| {
        let rows: Vec<Value> = (0..600)
            .map(|row| json!([row % 40 + shift, row % 7]))
            .collect();
        let answer = server.post("/endpoints/teller/predict", &json!({"instances": rows}));
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    ask(0);
    ask(0);
    let few = server.get("/endpoints/teller/drift");
    assert_eq!(few.status, 409, "{}", few.text());
    ask(30);
    let report = server
        .tradewind(&["--json", "drift", "teller"])
        .good()
        .json();
    assert_eq!(
        (&report["baseline_rows"], &report["rows"]),
        (&json!(1200), &json!(600))
    );
    let changes: Vec<&Value> = report["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["change"])
        .collect();
    assert_eq!(changes, ["strong", "stable", "stable"], "{report}");
    let shown = server.tradewind(&["drift", "teller"]).good();
    assert!(shown.out.contains("feature 0"), "{}", shown.out);
    let kept = server
        .tradewind(&["objects", "ls", "s3://watch/kept/teller/v1/"])
        .good();
    assert!(kept.out.contains("kept/teller/v1/"), "{}", kept.out);
}

#[test]
fn bad_clients_of_an_endpoint_hold_up_nobody() {
    let server = Server::start();
    train(&server, "one");
    server.tradewind(&["deploy", "teller", "teller:1"]).good();
    let host = server.address.trim_start_matches("http://").to_owned();
    let head = |length: u64| {
        format!(
            "POST /api/v1/endpoints/teller/predict HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n",
            server.key
        )
    };
    // Half a body, and the rest never comes: the worker does not wait for it.
    let mut halves = Vec::new();
    for _ in 0..8 {
        let mut half = TcpStream::connect(&host).unwrap();
        half.write_all(head(1_000).as_bytes()).unwrap();
        half.write_all(b"{\"instances\": [").unwrap();
        halves.push(half);
    }
    assert_eq!(predict(&server), "one");
    // A gigabyte is refused without being read to its end.
    let mut large = TcpStream::connect(&host).unwrap();
    large.write_all(head(1 << 30).as_bytes()).unwrap();
    let piece = vec![b' '; 1 << 20];
    for _ in 0..1_024 {
        if large.write_all(&piece).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    // The connection may be reset after the answer was sent.
    let _ = large.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer);
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
    assert_eq!(predict(&server), "one");
    // A slow reader of a large answer: others are answered meanwhile.
    let rows: Vec<Value> = (0..200_000).map(|_| json!(1)).collect();
    let body = json!({"instances": rows}).to_string();
    let mut slow = TcpStream::connect(&host).unwrap();
    slow.write_all(head(body.len() as u64).as_bytes()).unwrap();
    slow.write_all(body.as_bytes()).unwrap();
    let mut first = [0; 16];
    slow.read_exact(&mut first).unwrap();
    assert!(first.starts_with(b"HTTP/1.1 200"), "{first:?}");
    for _ in 0..20 {
        assert_eq!(predict(&server), "one");
    }
    let status = server.get("/endpoints/teller/status").good();
    let requests = &status["deployments"][0]["requests"];
    assert_eq!(
        (&requests["answered"], &requests["faults"]),
        (&json!(23), &json!(0)),
        "{status}"
    );
    drop(halves);
    server.goes_on();
}
