//! Endpoints: splits, replacement under load, what is refused.

use crate::support::{Ran, Server};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const TRAIN: &str = "import os, pathlib, sys\n\
    folder = pathlib.Path(os.environ['SM_MODEL_DIR'])\n\
    (folder / 'word.txt').write_text(sys.argv[sys.argv.index('--word') + 1])\n";

const HANDLER: &str = "import json, pathlib\n\
    def model_fn(model_dir):\n    return (pathlib.Path(model_dir) / 'word.txt').read_text()\n\
    def input_fn(body, content_type):\n    return json.loads(body)['instances']\n\
    def predict_fn(rows, model):\n    return [model for _ in rows]\n\
    def output_fn(answers, accept):\n    return json.dumps({'predictions': answers}), 'application/json'\n";

/// Trains, registers and deploys a model `teller` that answers with a word.
pub(crate) fn train(server: &Server, folder: &str, word: &str) -> Ran {
    let file = "name: teller\nparameters: {word: x}\nscript: train.py\n\
        hyperparameters: {word: '${parameters.word}'}\n\
        model: {name: teller, handler: handler.py}\nendpoint: {name: teller, sample: sample.json}\n";
    let folder = server.place.project(
        folder,
        &[
            ("tradewind.yaml", file),
            ("train.py", TRAIN),
            ("handler.py", HANDLER),
            ("sample.json", "{\"instances\": [1]}"),
        ],
    );
    server
        .tradewind(&["run", &folder, "--set", &format!("word={word}")])
        .good()
}

/// A handler whose answer has a status and a header of its own.
const TEAPOT: &str = "class Answer:\n    status_code = 418\n    headers = {'X-Pot': 'tea', 'Content-Type': 'text/plain'}\n\
    \x20   def get_data(self):\n        return b'short and stout'\n\
    def init(): pass\n\
    def run(data): return Answer()\n";

#[test]
fn a_handlers_own_status_and_headers_reach_the_caller() {
    let server = Server::start();
    let file = "name: pot\nscript: train.py\nmodel: {name: pot, handler: handler.py}\n";
    let files = [
        ("tradewind.yaml", file),
        (
            "train.py",
            "import os\nopen(os.environ['SM_MODEL_DIR'] + '/m', 'w').close()\n",
        ),
        ("handler.py", TEAPOT),
    ];
    let folder = server.place.project("pot", &files);
    server.tradewind(&["run", &folder]).good();
    server.tradewind(&["deploy", "pot", "pot:1"]).good();
    let answer = server.post("/endpoints/pot/predict", &json!({"instances": [1]}));
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (418, "short and stout")
    );
    assert_eq!(answer.headers["x-pot"], "tea");
    assert_eq!(answer.headers["content-type"], "text/plain");
    assert_eq!(answer.headers["tradewind-model-version"], "pot:1");
    let told = server.tradewind(&["predict", "pot", "{}"]);
    assert_eq!(told.code, 1);
    for wanted in ["pot:1", "418", "short and stout"] {
        assert!(told.err.contains(wanted), "{}", told.err);
    }
    // Figures: what was answered a second, and the histogram as it is kept.
    let status = server.get("/endpoints/pot/status").good();
    let one = &status["deployments"][0];
    assert!(one["per_second"].is_number(), "{one}");
    let counted: u64 = one["latency"]["buckets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bucket| bucket["count"].as_u64().unwrap())
        .sum();
    assert_eq!(Some(counted), one["latency"]["count"].as_u64());
    assert!(counted >= 2, "{one}");
    // The same for Prometheus: bounds that are the histogram's own, so that nothing is guessed.
    let text = server.get("/metrics").text();
    assert!(
        text.contains("tradewind_requests_per_second{endpoint=\"pot\""),
        "{text}"
    );
    let below = |seconds: &str| -> u64 {
        let bound = format!("le=\"{seconds}\"");
        let buckets = text
            .lines()
            .filter(|line| line.starts_with("tradewind_request_seconds_bucket"));
        let line = buckets.clone().find(|line| line.contains(&bound));
        let line = line.unwrap_or_else(|| panic!("no {bound} in {text}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert_eq!(below("+Inf"), counted);
    let until = |milliseconds: f64| -> u64 {
        let buckets = one["latency"]["buckets"].as_array().unwrap().iter();
        let inside = buckets.filter(|bucket| {
            bucket["at_most"]
                .as_f64()
                .is_some_and(|most| most <= milliseconds)
        });
        inside.map(|bucket| bucket["count"].as_u64().unwrap()).sum()
    };
    for (seconds, milliseconds) in [
        ("0.000064", 0.064),
        ("0.001024", 1.024),
        ("0.131072", 131.072),
        ("33.554432", 33_554.432),
    ] {
        assert_eq!(below(seconds), until(milliseconds), "{seconds}: {text}");
    }
}

/// Takes one request of an exporter of spans: its head and its body.
fn collected(collector: &TcpListener) -> (String, Value) {
    let (mut stream, _) = collector.accept().unwrap();
    let mut text = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = stream.read(&mut part).unwrap();
        assert!(count > 0, "it ends in the middle");
        text.extend_from_slice(&part[..count]);
        let whole = String::from_utf8_lossy(&text).into_owned();
        let Some((head, body)) = whole.split_once("\r\n\r\n") else {
            continue;
        };
        if let Ok(body) = serde_json::from_str(body) {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
                .unwrap();
            return (head.to_owned(), body);
        }
    }
}

#[test]
fn a_prediction_by_any_clouds_path_is_a_span_of_its_callers_trace() {
    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", collector.local_addr().unwrap());
    let server = Server::with(&["--otlp-endpoint", &address]);
    train(&server, "teller", "one");
    let trace = "0af7651916cd43dd8448eb211c80319c";
    // Ours and Vertex AI's body, Azure ML's address, SageMaker's container's.
    for path in ["predict", "score", "invocations"] {
        let request = server
            .request(Method::POST, &format!("/endpoints/teller/{path}"))
            .header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"))
            .json(&json!({"instances": [1]}));
        assert_eq!(server.send(request).good(), json!({"predictions": ["one"]}));
    }
    let mut mine = 0;
    while mine < 3 {
        let (head, body) = collected(&collector);
        assert!(head.starts_with("POST /v1/traces HTTP/1.1"), "{head}");
        let spans = &body["resourceSpans"][0]["scopeSpans"][0]["spans"];
        let spans = spans.as_array().unwrap().iter();
        let told = spans.filter(|span| span["parentSpanId"] == "b7ad6b7169203331");
        mine += told
            .inspect(|span| assert_eq!(span["traceId"], trace, "{span}"))
            .count();
    }
    let figures = server.get("/metrics").text();
    assert!(
        figures.contains("tradewind_spans_dropped_total 0"),
        "{figures}"
    );
}

fn predict(server: &Server) -> (u16, Value) {
    let answer = server.post("/endpoints/teller/predict", &json!({"instances": [1]}));
    (answer.status, answer.json())
}

#[test]
fn traffic_is_split_as_asked_and_served_models_stay() {
    let server = Server::start();
    train(&server, "teller", "one");
    train(&server, "teller", "two");
    assert_eq!(predict(&server).1["predictions"][0], "two");
    let raised = server.post("/endpoints/teller/predict", &json!({"rows": [1]}));
    let told = raised.text();
    assert_eq!(raised.status, 424, "{told}");
    assert!(
        told.contains("handler.py") && told.contains("KeyError"),
        "{told}"
    );
    server
        .tradewind(&["deploy", "teller", "teller:1=90", "teller:2=10"])
        .good();
    let mut twos = 0;
    for _ in 0..400 {
        let (status, answer) = predict(&server);
        assert_eq!(status, 200, "{answer}");
        twos += usize::from(answer["predictions"][0] == "two");
    }
    assert!((12..=80).contains(&twos), "{twos} of 400 went to the tenth");
    let direct = server.tradewind(&[
        "--json",
        "predict",
        "teller",
        "{\"instances\": [1]}",
        "--deployment",
        "v2",
    ]);
    assert_eq!(direct.good().json()["version"], "teller:2");

    for path in [
        "/models/teller/versions/1",
        "/models/teller/versions/2",
        "/models/teller",
    ] {
        let refused = server.delete(path);
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert!(refused.text().contains("teller"), "{}", refused.text());
    }
    let bad = server.tradewind(&["deploy", "teller", "teller:1=90", "teller:2=20"]);
    assert_eq!(bad.code, 2, "{bad:?}");
    let bad = server.tradewind(&["deploy", "teller", "teller:9"]);
    assert_eq!(bad.code, 1, "{bad:?}");
    assert!(bad.err.contains('9'), "{}", bad.err);
    let bad = server.post("/endpoints/teller/predict", &json!({"wrong": 1}));
    assert!(
        (400..600).contains(&bad.status) && bad.text().contains("KeyError"),
        "{}",
        bad.text()
    );
    server.tradewind(&["delete", "endpoint", "teller"]).good();
    crate::support::until("the endpoint is gone", || {
        (server.get("/endpoints/teller").status == 404).then_some(())
    });
    server.tradewind(&["delete", "model", "teller"]).good();
    assert_eq!(server.get("/models/teller").status, 404);
}

#[test]
fn a_version_replaces_another_without_a_failed_request() {
    let server = Server::start();
    train(&server, "teller", "one");
    let done = Arc::new(AtomicBool::new(false));
    let loads: Vec<_> = (0..2)
        .map(|_| {
            let (address, key, done) = (server.address.clone(), server.key.clone(), done.clone());
            std::thread::spawn(move || load(&address, &key, &done))
        })
        .collect();
    train(&server, "teller", "two");
    server
        .tradewind(&["deploy", "teller", "teller:1", "--replicas", "2"])
        .good();
    server.tradewind(&["deploy", "teller", "teller:2"]).good();
    done.store(true, Ordering::Relaxed);
    for load in loads {
        let (ones, twos, failures) = load.join().unwrap();
        assert!(
            failures.is_empty(),
            "{} of {}: {}",
            failures.len(),
            ones + twos,
            failures[0]
        );
        assert!(ones > 0 && twos > 0, "{ones} {twos}");
    }
    assert_eq!(predict(&server).1["predictions"][0], "two");
}

/// Sends predictions one after the other, each over its own connection, until told to end.
fn load(address: &str, key: &str, done: &AtomicBool) -> (usize, usize, Vec<String>) {
    let host = address.trim_start_matches("http://");
    let body = "{\"instances\": [1]}";
    let request = format!(
        "POST /api/v1/endpoints/teller/predict HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let (mut ones, mut twos, mut failures) = (0, 0, Vec::new());
    while !done.load(Ordering::Relaxed) {
        let mut text = String::new();
        let sent = TcpStream::connect(host).and_then(|mut stream| {
            stream.write_all(request.as_bytes())?;
            stream.read_to_string(&mut text)
        });
        match sent {
            Ok(_) if text.starts_with("HTTP/1.1 200") && text.contains("\"one\"") => ones += 1,
            Ok(_) if text.starts_with("HTTP/1.1 200") && text.contains("\"two\"") => twos += 1,
            Ok(_) => failures.push(text),
            Err(error) => failures.push(error.to_string()),
        }
    }
    (ones, twos, failures)
}
