//! The native API as programs use it.

use crate::support::Server;
use reqwest::Method;
use serde_json::{Value, json};

#[test]
fn every_route_is_described() {
    let server = Server::start();
    let document = server.get("/openapi.json").good();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    let mut operations = 0;
    for (path, item) in paths {
        for (method, described) in item.as_object().unwrap() {
            operations += 1;
            assert!(described["operationId"].is_string() && described["summary"].is_string());
            let method: Method = method.to_uppercase().parse().unwrap();
            let real = path.replace(['{', '}'], "");
            let real = real
                .strip_prefix("/api/v1")
                .unwrap_or_else(|| panic!("{path}"));
            let mut request = server.request(method.clone(), real);
            if method == Method::POST || method == Method::PUT {
                request = request.body("{");
            }
            let answer = server.send(request);
            let text = answer.text();
            assert!(
                answer.status < 500 && answer.status != 405,
                "{method} {path}: {} {text}",
                answer.status
            );
            assert!(
                !text.contains("path `"),
                "{method} {path} has no route: {text}"
            );
        }
    }
    assert!(operations >= 35, "{operations}");
    // What is not described is not there.
    assert_eq!(server.get("/nothing").status, 404);
    let references = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for piece in references.split("#/components/schemas/").skip(1) {
        let name = piece.split('"').next().unwrap();
        assert!(
            schemas.contains_key(name),
            "`{name}` is referred to and not there"
        );
    }
}

#[test]
fn jobs_come_in_pages_and_by_filters() {
    let server = Server::start();
    let mut made: Vec<String> = (0..7)
        .map(|number| {
            let script = if number == 3 { "exit 5" } else { "echo x" };
            server.shell(
                script,
                json!({"tags": {"parity": if number % 2 == 0 { "even" } else { "odd" }}}),
            )
        })
        .collect();
    for id in &made {
        server.ended(id);
    }
    let ids = |page: &Value| -> Vec<String> {
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|job| job["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let (mut seen, mut path) = (Vec::new(), "/jobs?limit=3".to_owned());
    loop {
        let page = server.get(&path).good();
        assert!(ids(&page).len() <= 3);
        seen.extend(ids(&page));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/jobs?limit=3&after={next}");
    }
    made.reverse();
    assert_eq!(seen, made, "the newest first, each once");
    assert_eq!(
        ids(&server.get("/jobs?phase=failed").good()),
        [made[3].clone()]
    );
    assert_eq!(ids(&server.get("/jobs?tag=parity:even").good()).len(), 4);
    assert_eq!(
        ids(&server.get("/jobs?tag=parity:even&phase=failed").good()).len(),
        0
    );
    assert_eq!(server.get("/jobs?after=nonsense").status / 100, 4);
    assert_eq!(server.get("/jobs?tag=nonsense").status, 400);
    assert_eq!(server.get("/jobs?limit=-1").status, 400);
}

#[test]
fn logs_and_events_are_streamed() {
    let server = Server::start();
    let before = server
        .events()
        .last()
        .map_or(0, |event| event["sequence"].as_i64().unwrap());
    let id = server.shell(
        "for i in 1 2 3; do echo line $i; sleep 0.2; done; echo score=0.5",
        json!({}),
    );
    let log = server.stream(&format!("/jobs/{id}/logs?follow=true"), |text| {
        text.contains("event: end")
    });
    for wanted in ["line 1", "line 2", "line 3", "score=0.5"] {
        assert_eq!(log.matches(wanted).count(), 1, "{log}");
    }
    let last: u64 = log
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("id: "))
        .unwrap()
        .parse()
        .unwrap();
    let page = server.get(&format!("/jobs/{id}/logs?offset={last}")).good();
    assert_eq!(page["lines"], json!([]), "an id is where reading goes on");
    let job = server.ended(&id);
    assert_eq!(job["metrics"]["score"], 0.5, "{job}");
    let metrics = server.get(&format!("/jobs/{id}/metrics")).good();
    assert_eq!(metrics["items"][0]["name"], "score", "{metrics}");

    let past = server.stream(&format!("/events?follow=true&after={before}"), |text| {
        text.contains("\"succeeded\"")
    });
    for action in ["created", "placed", "started", "succeeded"] {
        assert!(past.contains(&format!("\"action\":\"{action}\"")), "{past}");
    }
    // A watch that has nothing yet hears of what comes.
    let now = server.events().last().unwrap()["sequence"]
        .as_i64()
        .unwrap();
    let submitter = {
        let (address, key) = (server.address.clone(), server.key.clone());
        std::thread::spawn(move || submit_later(&address, &key))
    };
    let heard = server.stream(&format!("/events?follow=true&after={now}"), |text| {
        text.contains("\"placed\"")
    });
    assert!(heard.contains("watched-job"), "{heard}");
    submitter.join().unwrap();
}

/// From another thread while the first one watches.
fn submit_later(address: &str, key: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let body = json!({"id": "watched-job", "spec": crate::support::shell("true", json!({}))});
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(format!("{address}/api/v1/jobs"))
        .bearer_auth(key)
        .json(&body);
    let answer = runtime.block_on(request.send()).unwrap();
    assert!(answer.status().is_success());
}

#[test]
fn every_change_has_who_what_and_when() {
    let server = Server::start();
    let begun = jiff_now();
    let id = server.shell("true", json!({}));
    server.ended(&id);
    assert_eq!(server.delete(&format!("/jobs/{id}")).status, 200);
    assert_eq!(server.get(&format!("/jobs/{id}")).status, 404);
    let events = server.events();
    let of = |action: &str| {
        let found = events
            .iter()
            .find(|event| event["id"] == id.as_str() && event["action"] == action);
        found
            .unwrap_or_else(|| panic!("no `{action}` in {events:?}"))
            .clone()
    };
    for (action, actor) in [
        ("created", "key"),
        ("placed", "system"),
        ("succeeded", "system"),
        ("deleted", "key"),
    ] {
        let event = of(action);
        assert_eq!(event["actor"]["kind"], actor, "{event}");
        assert_eq!(event["resource"], "job");
        let at = event["at"].as_i64().unwrap();
        assert!(
            (begun - 1_000..=jiff_now() + 1_000).contains(&at),
            "{event}"
        );
    }
    assert_eq!(of("created")["actor"]["name"], "first");
    assert!(
        !format!("{events:?}").contains(&server.key),
        "no secret is written down"
    );
}

fn jiff_now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[test]
fn roles_bound_what_a_key_may_do() {
    let server = Server::start();
    let make = |name: &str, role: &str| -> String {
        let made = server
            .tradewind(&["--json", "keys", "make", name, "--role", role])
            .good()
            .json();
        made["secret"]
            .as_str()
            .unwrap_or_else(|| panic!("{made}"))
            .to_owned()
    };
    let (reader, invoker, editor) = (
        make("eyes", "reader"),
        make("mouth", "invoker"),
        make("hands", "editor"),
    );
    let status = |key: &str, method: Method, path: &str, body: Option<Value>| {
        let mut request = server.request(method, path);
        request = request.header("authorization", "");
        let mut request = request.build().unwrap();
        request
            .headers_mut()
            .insert("authorization", format!("Bearer {key}").parse().unwrap());
        if let Some(body) = body {
            *request.body_mut() = Some(body.to_string().into());
        }
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime
            .block_on(client.execute(request))
            .unwrap()
            .status()
            .as_u16()
    };
    let job = || Some(json!({"spec": crate::support::shell("true", json!({}))}));
    let key = || Some(json!({"name": "more", "role": "administrator"}));
    for (who, reads, invokes, edits, administers) in [
        (&reader, 200, 403, 403, 403),
        (&invoker, 200, 404, 403, 403),
        (&editor, 200, 404, 200, 403),
        (&server.key, 200, 404, 200, 200),
    ] {
        assert_eq!(status(who, Method::GET, "/jobs", None), reads);
        assert_eq!(
            status(
                who,
                Method::POST,
                "/endpoints/none/predict",
                Some(json!({}))
            ),
            invokes
        );
        assert_eq!(status(who, Method::POST, "/jobs", job()), edits);
        assert_eq!(
            status(who, Method::PUT, "/buckets/b1234/objects/k", Some(json!(1))),
            edits
        );
        assert_eq!(status(who, Method::POST, "/keys", key()), administers);
    }
    server.tradewind(&["keys", "revoke", "eyes"]).good();
    assert_eq!(status(&reader, Method::GET, "/jobs", None), 401);
    assert_eq!(status("wrong", Method::GET, "/jobs", None), 401);
    assert_eq!(status("", Method::GET, "/jobs", None), 401);
}
