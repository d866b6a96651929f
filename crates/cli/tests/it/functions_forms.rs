//! Functions in the forms of the other two clouds, as the examples have them: deployed with what
//! their `requirements.txt` asks for, called over HTTP, by new objects and by schedules.

use crate::support::{Server, example, until};
use serde_json::{Value, json};

/// A request with these headers; an empty body is a `GET`.
fn ask(server: &Server, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let address = format!("{}{path}", server.address);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = if body.is_empty() {
            http.get(address)
        } else {
            http.post(address)
                .header("content-type", "application/json")
                .body(body.to_owned())
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    })
}

fn log(server: &Server, name: &str) -> String {
    let shown = server.tradewind(&["functions", "log", name, "--limit", "500"]);
    shown.good().out
}

fn deploy(server: &Server, name: &str, folder: &str, form: &str, more: &[&str]) {
    let arguments = ["functions", "deploy", name, folder, "--form", form];
    let timeout = ["--timeout", "20s"];
    server
        .tradewind(&[&arguments[..], &timeout, more].concat())
        .good();
}

#[test]
fn the_example_in_googles_form_answers_and_hears_of_objects() {
    let server = Server::start();
    let folder = example("function-google");
    let predict = ["--handler", "predict", "--public"];
    deploy(&server, "predict", &folder, "google", &predict);
    let (status, text) = ask(
        &server,
        "/functions/predict/",
        &[],
        r#"{"instances": [[1, 2]]}"#,
    );
    assert_eq!(status, 200, "{text}");
    let said: Value = serde_json::from_str(&text).unwrap();
    let score = said["predictions"][0].as_f64().unwrap();
    assert!((score - 0.924_141_819_978_756_6).abs() < 1e-12, "{said}");
    let (status, text) = ask(&server, "/functions/predict/", &[], "{}");
    assert_eq!(status, 400, "{text}");
    let direct = server.tradewind(&["--json", "invoke", "predict", r#"{"instances": [[1, 2]]}"#]);
    assert_eq!(direct.good().json()["payload"], said);

    let arrived = [
        "--handler",
        "arrived",
        "--on-object",
        "s3://inbox/",
        "--schedule",
        "1s",
    ];
    deploy(&server, "arrived", &folder, "google", &arrived);
    server
        .put("/buckets/inbox/objects/new.json", &json!([1, 2]))
        .good();
    until("the function heard of the object", || {
        log(&server, "arrived")
            .contains(r#"{"new": "gs://inbox/new.json", "bytes": 5}"#)
            .then_some(())
    });
    // The schedule's event has no bucket, which the example's code stumbles over.
    until("the schedule's event came", || {
        log(&server, "arrived")
            .contains("KeyError: 'bucket'")
            .then_some(())
    });
}

#[test]
fn the_example_in_azures_form_answers_and_hears_of_objects_and_times() {
    let server = Server::start();
    let more = ["--public", "--schedule", "1s", "--on-object", "s3://inbox/"];
    let folder = example("function-azure");
    deploy(&server, "flowers", &folder, "azure", &more);
    let path = "/functions/flowers/api/score";
    let body = r#"{"data": [[1, 2]]}"#;
    assert_eq!(
        ask(&server, "/functions/flowers/api/health", &[], ""),
        (200, "well".to_owned())
    );
    // The address is open, the function is not.
    assert_eq!(ask(&server, path, &[], body).0, 401);
    assert_eq!(
        ask(&server, path, &[("x-functions-key", "wrong")], body).0,
        401
    );
    let bearer = format!("Bearer {}", server.key);
    for headers in [
        [("x-functions-key", server.key.as_str())],
        [("authorization", bearer.as_str())],
    ] {
        let (status, text) = ask(&server, path, &headers, body);
        assert_eq!((status, text.as_str()), (200, "[0.9241418199787566]"));
    }
    let (status, _) = ask(&server, &format!("{path}?code={}", server.key), &[], body);
    assert_eq!(status, 200);
    server
        .put("/buckets/inbox/objects/new.csv", &json!("a"))
        .good();
    until("the blob's function was called with what is in it", || {
        log(&server, "flowers")
            .contains("new inbox/new.csv with 3 bytes, 1 lines")
            .then_some(())
    });
    until("the timer's function was called", || {
        log(&server, "flowers")
            .contains("tick, past due: False")
            .then_some(())
    });
}
