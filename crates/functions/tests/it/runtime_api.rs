//! Programs that fetch their calls over Lambda's Runtime API.

use crate::support::{Bench, python};
use contracts::functions::{FunctionFault, FunctionTarget};
use domain::Span;
use domain::function::{FunctionRuntime, FunctionSpec};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

/// A runtime of few lines.
const BOOTSTRAP: &str = "
import json, os, sys, time, urllib.request
base = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime'
def post(path, value, headers={}):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    urllib.request.urlopen(urllib.request.Request(base + path, body, headers)).read()
if os.environ.get('REFUSE'):
    post('/init/error', {'errorMessage': 'not ready', 'errorType': 'Runtime.NoReason', 'stackTrace': []})
    sys.exit(1)
while True:
    with urllib.request.urlopen(base + '/invocation/next') as got:
        event = json.loads(got.read()); head = got.headers
    id = head['Lambda-Runtime-Aws-Request-Id']
    print('working on', event)
    if event == 'error':
        post('/invocation/%s/error' % id, {'errorMessage': 'm', 'errorType': 'T'},
             {'Lambda-Runtime-Function-Error-Type': 'Function.T'})
    elif event == 'sleep': time.sleep(600)
    elif event == 'exit': sys.exit(9)
    elif event == 'wrong':
        try: post('/invocation/somebody-else/response', 1)
        except urllib.error.HTTPError as e: post('/invocation/%s/response' % id, e.code)
    elif event == 'large': 
        try: post('/invocation/%s/response' % id, b' ' * 7000000)
        except Exception: pass
    else:
        post('/invocation/%s/response' % id, {'event': event,
             'deadline': int(head['Lambda-Runtime-Deadline-Ms']) > time.time() * 1000,
             'arn': head['Lambda-Runtime-Invoked-Function-Arn'], 'trace': head['Lambda-Runtime-Trace-Id']})
";

fn program(bench: &Bench, change: impl FnOnce(&mut FunctionSpec)) -> FunctionTarget {
    let text = format!("#!{}\n{BOOTSTRAP}", python().display());
    let target = bench.of_files(&[("bootstrap", &text)], |spec| {
        spec.runtime = FunctionRuntime::Bootstrap;
        change(spec);
    });
    let file = std::path::Path::new(&target.spec.code.location).join("bootstrap");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    target
}

#[tokio::test]
async fn a_custom_runtime_answers_fails_and_is_replaced() {
    let bench = Bench::new();
    let target = program(&bench, |spec| spec.timeout = Span::seconds(2));
    let answer = bench.ask(&target, r#"{"a": 1}"#).await.unwrap();
    let got: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
    assert_eq!(
        (&got["event"], &got["deadline"]),
        (&json!({"a": 1}), &json!(true))
    );
    assert!(
        got["arn"].as_str().unwrap().starts_with("arn:aws:lambda:"),
        "{got}"
    );
    assert!(
        got["trace"].as_str().unwrap().starts_with("Root=1-"),
        "{got}"
    );
    assert_eq!(bench.value(&target, r#""wrong""#).await, json!(400));

    let failed = bench.ask(&target, r#""error""#).await.unwrap();
    assert_eq!(failed.fault, Some(FunctionFault::Raised));
    assert_eq!(
        &failed.payload[..],
        br#"{"errorMessage": "m", "errorType": "T"}"#
    );

    let large = bench.ask(&target, r#""large""#).await.unwrap();
    assert_eq!(large.fault, Some(FunctionFault::BadAnswer));

    for (event, kind) in [("sleep", "Sandbox.Timedout"), ("exit", "Runtime.ExitError")] {
        let ended = bench.value(&target, &format!("\"{event}\"")).await;
        assert_eq!(ended["errorType"], kind, "{ended}");
        assert_eq!(bench.value(&target, "1").await["event"], json!(1));
    }
}

#[tokio::test]
async fn an_initialisation_error_is_passed_on() {
    let bench = Bench::new();
    let target = program(&bench, |spec| {
        spec.env.insert("REFUSE".to_owned(), "1".to_owned());
    });
    let got = bench.value(&target, "1").await;
    assert_eq!(
        (&got["errorType"], &got["errorMessage"]),
        (&json!("Runtime.NoReason"), &json!("not ready"))
    );
}

#[tokio::test]
async fn code_without_a_bootstrap_is_refused() {
    let bench = Bench::new();
    let target = bench.of_files(&[("app.py", "")], |spec| {
        spec.runtime = FunctionRuntime::Bootstrap;
    });
    let refused = bench.ask(&target, "1").await.unwrap_err().to_string();
    assert!(refused.contains("`bootstrap`"), "{refused}");
}
