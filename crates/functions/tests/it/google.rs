//! Google's form with the real `functions-framework`.

use crate::support::{Bench, header, packages, request, text};
use contracts::functions::{FunctionFault, FunctionTarget, Functions};
use domain::function::{FunctionForm, FunctionSpec};
use serde_json::{Value, json};

const CODE: &str = "
import os, sys, functions_framework, flask
from functions_framework import aio

@functions_framework.http
def predict(request: flask.Request):
    if request.path == '/raise': raise ValueError('told to')
    if request.path == '/tuple': return {'made': True}, 201, {'X-Mine': 'yes'}
    if request.path == '/cookies':
        answer = flask.make_response('ok')
        answer.set_cookie('a', '1'); answer.set_cookie('b', '2')
        return answer
    if request.path == '/stream': return flask.Response((str(n) for n in range(5)))
    if request.path == '/abort': flask.abort(418, 'short and stout')
    if request.path == '/large': return 'x' * (33 << 20)
    return flask.jsonify(method=request.method, path=request.path, args=request.args.to_dict(False),
        json=request.get_json(silent=True), twice=request.headers.get('X-Twice'), host=request.host,
        source=request.remote_addr, name=os.environ['K_SERVICE'], pid=[loaded, os.getpid()])
loaded = os.getpid()

@functions_framework.cloud_event
def heard(event):
    print('heard', event['type'], event['source'], event.data)
    if event.data == 'fail': raise RuntimeError('no')

class Point:
    def __init__(self, x): self.x = x
    @staticmethod
    def from_dict(said): return Point(said['x'])
    def to_dict(self): return {'x': self.x + 1}

@functions_framework.typed
def moved(point: Point): return point

def background(data, context):
    print('background', data, context.event_id, context.event_type)

@aio.http
async def asynchronous(request):
    body = await request.json()
    return {'sum': sum(body), 'query': dict(request.query_params)}
";

fn function(
    bench: &Bench,
    handler: &str,
    change: impl FnOnce(&mut FunctionSpec),
) -> FunctionTarget {
    bench.of_files(&[("main.py", CODE)], |spec| {
        spec.form = FunctionForm::Google;
        handler.clone_into(&mut spec.handler);
        change(spec);
    })
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect(text)
}

#[tokio::test]
async fn a_flask_request_comes_and_what_flask_takes_for_an_answer_goes() {
    let bench = Bench::with(packages());
    let target = function(&bench, "predict", |_| {});
    let ask = async |method, path, body| bench.request(&target, request(method, path, body)).await;
    let got = ask("PUT", "/a%20b/c?q=1&q=2&empty=", r#"{"rows": [1, 2]}"#).await;
    assert_eq!(got.status, 200, "{}", text(&got));
    let said = json_of(&text(&got));
    assert_eq!(
        (&said["method"], &said["path"]),
        (&json!("PUT"), &json!("/a b/c"))
    );
    assert_eq!(said["args"], json!({"q": ["1", "2"], "empty": [""]}));
    assert_eq!(said["json"], json!({"rows": [1, 2]}));
    assert_eq!(
        (
            &said["twice"],
            &said["host"],
            &said["source"],
            &said["name"]
        ),
        (
            &json!("1,2"),
            &json!("example.org"),
            &json!("192.0.2.1"),
            &json!("f0")
        )
    );
    assert_ne!(said["pid"][0], said["pid"][1], "forked: {said}");

    let made = ask("POST", "/tuple", "").await;
    assert_eq!((made.status, header(&made, "x-mine")), (201, vec!["yes"]));
    let cookies = ask("GET", "/cookies", "").await;
    assert_eq!(
        header(&cookies, "set-cookie"),
        ["a=1; Path=/", "b=2; Path=/"]
    );
    assert_eq!(text(&ask("GET", "/stream", "").await), "01234");
    let short = ask("GET", "/abort", "").await;
    assert!(short.status == 418 && text(&short).contains("short and stout"));
    let raised = ask("GET", "/raise", "").await;
    assert_eq!(
        (raised.status, header(&raised, "x-google-status")),
        (500, vec!["crash"])
    );
    assert_eq!(ask("GET", "/large", "").await.status, 500);
    assert_eq!(ask("GET", "/robots.txt", "").await.status, 404);
    assert_eq!(ask("GET", "/", "").await.status, 200);
    let log = bench.plane.log(&target.workspace, &target.name, 500);
    assert!(
        log.iter()
            .any(|line| line.text.contains("ValueError: told to"))
    );
    let figures = bench.plane.figures(&target.workspace, &target.name);
    assert_eq!((figures.calls, figures.errors, figures.fresh), (9, 2, 0));
}

#[tokio::test]
async fn cloud_events_are_heard_however_they_come() {
    let bench = Bench::with(packages());
    let target = function(&bench, "heard", |_| {});
    let event = json!({"specversion": "1.0", "id": "1", "type": "t.one", "source": "//s",
        "datacontenttype": "application/json", "data": {"name": "a.csv"}});
    let whole = bench.ask(&target, &event.to_string()).await.unwrap();
    assert_eq!(whole.fault, None, "{whole:?}");
    assert!(
        whole.tail.contains("heard t.one //s {'name': 'a.csv'}"),
        "{}",
        whole.tail
    );

    // Anything else is the data of an event of ours.
    let plain = bench.ask(&target, r#"{"x": 1}"#).await.unwrap();
    assert!(
        plain
            .tail
            .contains("heard tradewind.invocation tradewind {'x': 1}"),
        "{}",
        plain.tail
    );
    let failed = bench.ask(&target, r#""fail""#).await.unwrap();
    assert_eq!(failed.fault, Some(FunctionFault::Raised), "{failed:?}");

    // Binary mode, as Eventarc sends it.
    let mut binary = request("POST", "/", r#"{"name": "b.csv"}"#);
    for (name, value) in [
        ("id", "2"),
        ("type", "t.two"),
        ("source", "//b"),
        ("specversion", "1.0"),
    ] {
        binary
            .headers
            .push((format!("ce-{name}"), value.to_owned()));
    }
    let got = bench.request(&target, binary).await;
    assert_eq!((got.status, text(&got).as_str()), (200, "OK"));
    let log = bench.plane.log(&target.workspace, &target.name, 500);
    assert!(
        log.iter()
            .any(|line| line.text == "heard t.two //b {'name': 'b.csv'}"),
        "{log:?}"
    );
    let bad = bench
        .request(&target, request("POST", "/", "no event"))
        .await;
    assert_eq!(bad.status, 400, "{}", text(&bad));
}

#[tokio::test]
async fn functions_of_the_first_generation_and_asynchronous_ones_work() {
    let bench = Bench::with(packages());
    let target = function(&bench, "background", |spec| {
        spec.env
            .insert("FUNCTION_SIGNATURE_TYPE".to_owned(), "event".to_owned());
    });
    let whole = json!({"context": {"eventId": "7", "eventType": "google.storage.object.finalize",
        "timestamp": "2026-01-01T00:00:00Z", "resource": "r"}, "data": {"name": "x"}});
    let got = bench.ask(&target, &whole.to_string()).await.unwrap();
    let expected = "background {'name': 'x'} 7 google.storage.object.finalize";
    assert!(got.tail.contains(expected), "{}", got.tail);
    let got = bench.ask(&target, r#"{"k": 1}"#).await.unwrap();
    assert!(got.tail.contains("background {'k': 1} "), "{}", got.tail);

    let target = function(&bench, "moved", |_| {});
    assert_eq!(bench.value(&target, r#"{"x": 1}"#).await, json!({"x": 2}));

    let target = function(&bench, "asynchronous", |_| {});
    let got = bench
        .request(&target, request("POST", "/?a=b", "[1, 2, 3]"))
        .await;
    assert_eq!(json_of(&text(&got)), json!({"sum": 6, "query": {"a": "b"}}));
    let broken = bench.request(&target, request("POST", "/", "{")).await;
    assert_eq!(broken.status, 500);
}

#[tokio::test]
async fn what_is_wrong_with_the_source_is_told() {
    let bench = Bench::with(packages());
    let missing = function(&bench, "nowhere", |_| {});
    let got = bench.ask(&missing, "{}").await.unwrap();
    let told = String::from_utf8_lossy(&got.payload).into_owned();
    assert!(
        told.contains("expected to contain a function named 'nowhere'"),
        "{told}"
    );

    let bare = Bench::new();
    let unpacked = function(&bare, "predict", |_| {});
    let got = bare.ask(&unpacked, "{}").await.unwrap();
    let told = String::from_utf8_lossy(&got.payload).into_owned();
    assert!(told.contains("requirements.txt"), "{told}");
}
