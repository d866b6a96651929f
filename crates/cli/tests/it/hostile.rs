//! What an attacker sends: refused with a 4xx, and the server goes on.

use crate::support::{Server, shell};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;

#[track_caller]
fn refused(what: &str, status: u16, text: &str) {
    assert!((400..500).contains(&status), "{what}: {status} {text}");
    let body: Value =
        serde_json::from_str(text).unwrap_or_else(|_| panic!("{what}: no JSON: {text}"));
    assert!(
        body["code"].is_string() && body["message"].is_string(),
        "{what}: {text}"
    );
}

/// One request as its bytes, past every client's care.
fn raw(server: &Server, head: &[u8], body: &[u8]) -> (u16, String) {
    let host = server.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(head).unwrap();
    let rest = format!(
        "host: {host}\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        server.key,
        body.len()
    );
    stream.write_all(rest.as_bytes()).unwrap();
    // The server may have heard enough before the end.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(0);
    let body = text
        .split_once("\r\n\r\n")
        .map_or("", |(_, body)| body)
        .to_owned();
    (status, body)
}

#[test]
fn names_and_paths_do_not_lead_out() {
    let server = Server::start();
    let secret = server.place.folder.path().join("secret");
    std::fs::write(&secret, "secret words").unwrap();
    let long = "x".repeat(5_000);
    let names = [
        "..",
        "%2e%2e",
        "%2e%2e%2f%2e%2e%2fsecret",
        "a%2Fb",
        "%00",
        "%ff%fe",
        "a%0ab",
        "%20",
        long.as_str(),
    ];
    for name in names {
        for path in [
            "/jobs/NAME",
            "/runs/NAME",
            "/models/NAME",
            "/endpoints/NAME",
            "/jobs/NAME/logs",
        ] {
            let path = format!("GET /api/v1{} HTTP/1.1\r\n", path.replace("NAME", name));
            let (status, text) = raw(&server, path.as_bytes(), b"");
            refused(&path, status, &text);
        }
        let line = format!("PUT /api/v1/buckets/{name}/objects/key HTTP/1.1\r\n");
        let (status, text) = raw(&server, line.as_bytes(), b"x");
        refused(&line, status, &text);
    }
    let keys = [
        "../secret",
        "%2e%2e/%2e%2e/secret",
        "a/../../../secret",
        "a%00b",
        "%2e%2e%2fsecret",
        "/%2fetc/passwd",
    ];
    for key in keys {
        for method in ["PUT", "GET", "DELETE"] {
            let line = format!("{method} /api/v1/buckets/bucket/objects/{key} HTTP/1.1\r\n");
            let (status, text) = raw(&server, line.as_bytes(), b"overwritten");
            assert!((200..500).contains(&status), "{line}: {status} {text}");
            assert!(
                !text.contains("secret words") && !text.contains("root:"),
                "{line}: {text}"
            );
        }
    }
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "secret words");
    for id in ["../x", "a/b", "", "-", "a b", &long, "a\u{0}b", "ünïcode"] {
        let answer = server.post(
            "/jobs",
            &json!({"id": id, "spec": shell("true", json!({}))}),
        );
        refused(id, answer.status, &answer.text());
    }
    server.goes_on();
}

#[test]
fn malformed_bodies_are_refused() {
    let server = Server::start();
    let post = b"POST /api/v1/jobs HTTP/1.1\r\ncontent-type: application/json\r\n";
    let deep = "[".repeat(200_000);
    let nested = format!(
        "{{\"spec\": {}1{}}}",
        "{\"a\":".repeat(100_000),
        "}".repeat(100_000)
    );
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe{}",
        b"{\"spec\": \"\xc3\x28\"}",
        deep.as_bytes(),
        nested.as_bytes(),
        b"{\"spec\": {\"entry\": {\"kind\": \"command\", \"argv\": [\"true\"]}, \"grace\": 1e999}}",
    ];
    for body in bodies {
        let (status, text) = raw(&server, post, body);
        refused(
            &String::from_utf8_lossy(&body[..body.len().min(60)]),
            status,
            &text,
        );
    }
    let (status, _) = raw(
        &server,
        b"POST /api/v1/jobs HTTP/1.1\r\n",
        &vec![b' '; 65 << 20],
    );
    assert!(
        status == 0 || (400..500).contains(&status),
        "an enormous body: {status}"
    );
    for spec in malformed() {
        let answer = server.post("/jobs", &json!({"spec": spec}));
        refused(&spec.to_string(), answer.status, &answer.text());
    }
    for spec in malformed_pipelines() {
        let answer = server.post("/runs", &json!({"spec": spec}));
        refused(&spec.to_string(), answer.status, &answer.text());
    }
    server.goes_on();
}

fn malformed() -> Vec<Value> {
    let with = |name: &str, value: Value| shell("true", json!({name: value}));
    vec![
        json!({}),
        json!({"entry": {"kind": "command", "argv": []}}),
        json!({"entry": {"kind": "nothing"}}),
        json!({"entry": {"kind": "script", "path": "main.py"}}),
        json!({"entry": {"kind": "script", "path": "../../etc/passwd"}, "code": {"location": "s3://b/k", "content_hash": ""}}),
        json!({"entry": {"kind": "command", "argv": ["a\u{0}b"]}}),
        with("inputs", json!({"../up": ["s3://b/k"]})),
        with("outputs", json!(["../up"])),
        with("outputs", json!(["model"])),
        with("env", json!({"A=B": "x"})),
        with("env", json!({"A": "x\u{0}y"})),
        with("limits", json!({"memory": -1})),
        with("limits", json!({"memory": "lots"})),
        with("metrics", json!([{"name": "x", "regex": "("}])),
        with("policy", json!({"retries": {"attempts": -1}})),
        with("grace", json!("soon")),
    ]
}

fn malformed_pipelines() -> Vec<Value> {
    let job = || json!({"kind": "job", "job": shell("true", json!({}))});
    let steps = |steps: Value| json!({"name": "p", "steps": steps});
    vec![
        steps(json!([])),
        json!({"name": "../p", "steps": [{"name": "a", "action": job()}]}),
        steps(json!([{"name": "a", "action": job()}, {"name": "a", "action": job()}])),
        steps(json!([{"name": "a", "needs": ["b"], "action": job()}])),
        steps(
            json!([{"name": "a", "needs": ["b"], "action": job()}, {"name": "b", "needs": ["a"], "action": job()}]),
        ),
        steps(json!([{"name": "a", "action": {"kind": "wish"}}])),
        steps(json!([{"name": "a/b", "action": job()}])),
    ]
}

#[test]
fn not_a_number_is_never_a_metric() {
    let server = Server::start();
    let put = server
        .request(Method::PUT, "/buckets/bucket/objects/model/m.txt")
        .body("x");
    server.send(put).good();
    let post = b"POST /api/v1/models/m/versions HTTP/1.1\r\ncontent-type: application/json\r\n";
    for number in ["NaN", "Infinity", "\"NaN\"", "1e999", "null"] {
        let body = format!(
            "{{\"artifact\": \"s3://bucket/model/\", \"metrics\": {{\"accuracy\": {number}}}}}"
        );
        let (status, text) = raw(&server, post, body.as_bytes());
        refused(number, status, &text);
    }
    let id = server.shell(
        "echo loss=nan; echo '{\"accuracy\": NaN}'; echo f1=inf; echo good=1.5",
        json!({}),
    );
    let job = server.ended(&id);
    assert_eq!(job["phase"]["outcome"]["kind"], "succeeded", "{job}");
    assert_eq!(job["metrics"], json!({"good": 1.5}), "{job}");
    server.goes_on();
}

#[test]
fn keys_are_asked_for_and_tokens_are_kept() {
    let server = Server::start();
    let host = server.address.trim_start_matches("http://").to_owned();
    for header in [
        "",
        "authorization: Bearer wrong\r\n",
        "authorization: Basic eDp5\r\n",
        "authorization: \u{7f}\r\n",
    ] {
        let mut stream = TcpStream::connect(&host).unwrap();
        let request =
            format!("GET /api/v1/jobs HTTP/1.1\r\nhost: x\r\n{header}connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status: u16 = answer.split(' ').nth(1).unwrap().parse().unwrap();
        assert!(
            status == 401 || (status == 400 && header.contains('\u{7f}')),
            "{header}: {answer}"
        );
    }
    let submit = |token: &str, script: &str| {
        let body = json!({"spec": shell(script, json!({}))});
        server.send(
            server
                .request(Method::POST, "/jobs")
                .header("idempotency-key", token)
                .json(&body),
        )
    };
    let (first, same, other) = (
        submit("t1", "echo a"),
        submit("t1", "echo a"),
        submit("t1", "echo b"),
    );
    assert_eq!(first.good()["id"], same.good()["id"]);
    assert_eq!(other.status, 409, "{}", other.text());
    assert!(
        other.text().contains("idempotency key `t1`"),
        "{}",
        other.text()
    );
    assert_eq!(submit(&"x".repeat(300), "echo a").status, 400);
    let jobs = server.get("/jobs").good();
    assert_eq!(jobs["items"].as_array().unwrap().len(), 1, "{jobs}");
    server.goes_on();
}

/// What the server says on one connection to several requests, until it closes.
fn said(server: &Server, pieces: &[&[u8]]) -> String {
    let host = server.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    for piece in pieces {
        stream.write_all(piece).unwrap();
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn the_unread_body_of_a_refused_request_is_not_taken_for_the_next() {
    let server = Server::start();
    let body = vec![b'x'; 3 << 20];
    let refused = format!(
        "PUT /api/v1/buckets/b/objects/k HTTP/1.1\r\nhost: h\r\nauthorization: Bearer wrong\r\ncontent-length: {}\r\n",
        body.len()
    );
    let next = format!(
        "GET /api/v1/jobs HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
        server.key
    );
    let pieces = [refused.as_bytes(), b"\r\n", &body, next.as_bytes()];
    let both = said(&server, &pieces);
    assert!(both.starts_with("HTTP/1.1 401 "), "{both}");
    assert!(both.contains("HTTP/1.1 200 "), "{both}");

    // A client that waits for leave to send its body does not send it after a refusal.
    let pieces = [refused.as_bytes(), b"expect: 100-continue\r\n\r\n"];
    let alone = said(&server, &pieces);
    assert!(alone.starts_with("HTTP/1.1 401 "), "{alone}");
    assert!(
        alone
            .to_ascii_lowercase()
            .contains("\r\nconnection: close\r\n"),
        "{alone}"
    );
}
