//! Programs that fetch their calls over Lambda's Runtime API.

use crate::support::{Bench, packages, python};
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

#[tokio::test]
async fn a_shell_script_with_curl_is_a_runtime() {
    if !std::path::Path::new("/usr/bin/curl").exists() {
        // The script would have nothing to fetch its calls with.
        return;
    }
    let bench = Bench::new();
    // As the tutorial of custom runtimes has it.
    let script = "#!/bin/sh
set -eu
echo starting \"$_HANDLER\" >&2
base=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while true; do
    headers=$(mktemp)
    event=$(curl -sS -L --noproxy '*' -D \"$headers\" $base/next)
    id=$(grep -Fi Lambda-Runtime-Aws-Request-Id \"$headers\" | tr -d '[:space:]' | cut -d: -f2)
    rm \"$headers\"
    echo heard $event
    curl -sS --noproxy '*' $base/$id/response -d \"{\\\"got\\\": $event}\" >/dev/null
done
";
    let target = bench.of_files(&[("bootstrap", script)], |spec| {
        spec.runtime = FunctionRuntime::Bootstrap;
        spec.handler = "f.sh".to_owned();
        spec.timeout = Span::seconds(20);
    });
    let file = std::path::Path::new(&target.spec.code.location).join("bootstrap");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    for number in 1..4 {
        let answer = bench.ask(&target, &number.to_string()).await.unwrap();
        let said: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
        assert_eq!(said, json!({"got": number}), "{answer:?}");
        assert!(
            answer.tail.contains(&format!("heard {number}")),
            "{}",
            answer.tail
        );
    }
}

#[tokio::test]
async fn the_official_client_of_lambda_works() {
    let bench = Bench::with(packages());
    let code = "
import os
def handler(event, context):
    print('printed', event)
    if event == 'raise': raise KeyError('told to')
    if event == 'set': return {1}
    if event == 'exit': os._exit(7)
    return [event, context.aws_request_id, context.get_remaining_time_in_millis() > 0,
            context.invoked_function_arn, context.memory_limit_in_mb, context.client_context.custom]
";
    let target = bench.of_files(&[("app.py", code)], |spec| {
        let command = ["python", "-m", "awslambdaric", "app.handler"];
        let command = command.map(str::to_owned).to_vec();
        spec.runtime = FunctionRuntime::Command { command };
        spec.timeout = Span::seconds(20);
    });
    let mut call = bench.event("[1]");
    call.client_context = Some(r#"{"custom": {"k": "v"}}"#.to_owned());
    let request = call.request.clone();
    let answer = contracts::functions::Functions::invoke(&bench.plane, &target, call).await;
    let answer = answer.unwrap();
    let said: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    assert_eq!(
        said,
        json!([[1], request, true, arn, "128", {"k": "v"}]),
        "{answer:?}"
    );
    assert!(answer.tail.contains("printed [1]"), "{}", answer.tail);

    let raised = bench.ask(&target, r#""raise""#).await.unwrap();
    assert_eq!(raised.fault, Some(FunctionFault::Raised));
    let said: serde_json::Value = serde_json::from_slice(&raised.payload).unwrap();
    assert_eq!(
        (&said["errorType"], &said["errorMessage"]),
        (&json!("KeyError"), &json!("'told to'"))
    );
    let set = bench.value(&target, r#""set""#).await;
    assert_eq!(set["errorType"], "Runtime.MarshalError", "{set}");
    let ended = bench.value(&target, r#""exit""#).await;
    assert_eq!(ended["errorType"], "Runtime.ExitError", "{ended}");

    let broken = bench.of_files(&[("app.py", "import nowhere")], |spec| {
        let command = ["python", "-m", "awslambdaric", "app.handler"];
        let command = command.map(str::to_owned).to_vec();
        spec.runtime = FunctionRuntime::Command { command };
    });
    let told = bench.value(&broken, "1").await;
    assert_eq!(told["errorType"], "Runtime.ImportModuleError", "{told}");
}
