//! Lambda's form: events, context, errors, logs.

use crate::support::Bench;
use contracts::functions::{FunctionFault, Functions};
use domain::Span;
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn events_context_and_variables_are_lambdas() {
    let bench = Bench::new();
    let code = "
import os
def handler(event, context):
    return {
        'event': event,
        'remaining': context.get_remaining_time_in_millis(),
        'id': context.aws_request_id, 'name': context.function_name,
        'version': context.function_version, 'memory': context.memory_limit_in_mb,
        'group': context.log_group_name, 'stream': context.log_stream_name,
        'arn': context.invoked_function_arn, 'mine': os.environ['MINE'],
        'root': os.environ['LAMBDA_TASK_ROOT'], 'cwd': os.getcwd(),
        'client': context.client_context.custom,
    }
";
    let target = bench.function(code, |spec| {
        spec.timeout = Span::seconds(20);
        spec.env.insert("MINE".to_owned(), "yes".to_owned());
    });
    let mut call = bench.event(r#"{"a": [1, "ä"]}"#);
    call.client_context = Some(r#"{"custom": {"k": "v"}}"#.to_owned());
    let request = call.request.clone();
    let answer = bench.plane.invoke(&target, call).await.unwrap();
    assert_eq!(answer.fault, None);
    let got: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
    assert_eq!(got["event"], json!({"a": [1, "ä"]}));
    let remaining = got["remaining"].as_i64().unwrap();
    assert!((10_000..=20_000).contains(&remaining), "{remaining}");
    assert_eq!(got["id"], request);
    assert_eq!(got["version"], "$LATEST");
    assert_eq!(got["memory"], "128");
    assert_eq!(got["group"], "/aws/lambda/f0");
    assert!(
        got["stream"].as_str().unwrap().contains("/[$LATEST]"),
        "{got}"
    );
    assert_eq!(
        (&got["mine"], &got["client"]),
        (&json!("yes"), &json!({"k": "v"}))
    );
    assert_eq!(got["root"], got["cwd"]);
}

#[tokio::test]
async fn what_a_call_printed_comes_back_with_it_and_no_other_calls() {
    let bench = Bench::new();
    let code = "
import sys, os, subprocess
def handler(event, context):
    print('to output', event)
    print('to errors', event, file=sys.stderr)
    sys.stdout.write('no line end')
    subprocess.run(['echo', 'a child'])
";
    let target = bench.function(code, |_| {});
    for number in ["1", "2"] {
        let answer = bench.ask(&target, number).await.unwrap();
        let tail = &answer.tail;
        for wanted in [
            format!("to output {number}"),
            format!("to errors {number}"),
            "no line end".to_owned(),
            "a child".to_owned(),
            "START RequestId: ".to_owned(),
            "END RequestId: ".to_owned(),
            "Memory Size: 128 MB".to_owned(),
            "Max Memory Used: ".to_owned(),
        ] {
            assert!(tail.contains(&wanted), "{wanted}: {tail}");
        }
        assert!(!tail.contains('\u{1e}'), "{tail}");
        assert_eq!(tail.matches("to output").count(), 1, "{tail}");
    }
    let kept = bench.plane.log(&target.workspace, &target.name, 100);
    assert_eq!(
        kept.iter()
            .filter(|line| line.text.starts_with("to output"))
            .count(),
        2
    );
}

#[tokio::test]
async fn errors_have_lambdas_shape() {
    let bench = Bench::new();
    let code = "
import os, sys, datetime
class Odd(Exception):
    pass
def deep(event):
    raise Odd('no ' + event)
def handler(event, context):
    if event == 'raise': deep(event)
    if event == 'set': return {1, 2}
    if event == 'exit': sys.exit(3)
    if event == 'kill': os.kill(os.getpid(), 9)
    return event
";
    let target = bench.function(code, |_| {});
    let raised = bench.ask(&target, r#""raise""#).await.unwrap();
    assert_eq!(raised.fault, Some(FunctionFault::Raised));
    let error: serde_json::Value = serde_json::from_slice(&raised.payload).unwrap();
    assert_eq!(
        (&error["errorType"], &error["errorMessage"]),
        (&json!("Odd"), &json!("no raise"))
    );
    let trace = error["stackTrace"].as_array().unwrap();
    assert!(
        trace.len() == 2 && trace[1].as_str().unwrap().contains("app.py"),
        "{error}"
    );
    assert_eq!(error["requestId"].as_str().unwrap().len(), 36);
    assert!(
        raised.tail.contains("[ERROR] Odd: no raise"),
        "{}",
        raised.tail
    );

    let set = bench.value(&target, r#""set""#).await;
    assert_eq!(set["errorType"], "Runtime.MarshalError");
    let message = set["errorMessage"].as_str().unwrap();
    assert!(
        message.contains("set is not JSON serializable"),
        "{message}"
    );

    for (event, told) in [("exit", "exit status 3"), ("kill", "signal: killed")] {
        let ended = bench.ask(&target, &format!("\"{event}\"")).await.unwrap();
        assert_eq!(ended.fault, Some(FunctionFault::Exited));
        let error: serde_json::Value = serde_json::from_slice(&ended.payload).unwrap();
        assert_eq!(error["errorType"], "Runtime.ExitError");
        let message = error["errorMessage"].as_str().unwrap();
        assert!(
            message.starts_with("RequestId: ") && message.contains(told),
            "{message}"
        );
        // The next call is answered by a new instance.
        assert_eq!(bench.value(&target, "7").await, json!(7));
    }
}

#[tokio::test]
async fn mistakes_at_import_are_told_by_each_call() {
    let bench = Bench::new();
    for (code, kind, words) in [
        (
            "import nowhere_to_be_found",
            "Runtime.ImportModuleError",
            "Unable to import module 'app'",
        ),
        (
            "def handler(:",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app'",
        ),
        (
            "x = 1",
            "Runtime.HandlerNotFound",
            "Handler 'handler' missing on module 'app'",
        ),
        ("raise ValueError('not today')", "ValueError", "not today"),
        (
            "import os; os._exit(4)",
            "Runtime.ExitError",
            "exit status 4",
        ),
    ] {
        let target = bench.function(code, |_| {});
        for _ in 0..2 {
            let answer = bench.ask(&target, "{}").await.unwrap();
            assert!(answer.fault.is_some(), "{code}");
            let error: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
            assert_eq!(error["errorType"], kind, "{error}");
            assert!(
                error["errorMessage"].as_str().unwrap().contains(words),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn instances_are_forked_reused_and_as_many_as_calls() {
    let bench = Arc::new(Bench::new());
    let code = "
import os, time
loaded_by = os.getpid()
def handler(event, context):
    time.sleep(event)
    return [loaded_by, os.getpid()]
";
    let target = bench.function(code, |spec| spec.scale.max = 3);
    let first = bench.ask(&target, "0").await.unwrap();
    let second = bench.ask(&target, "0").await.unwrap();
    assert_eq!(first.payload, second.payload);
    assert_eq!(second.start, "warm");
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (bench, target) = (Arc::clone(&bench), target.clone());
        calls.spawn(async move { bench.value(&target, "0.3").await });
    }
    let mut processes = std::collections::BTreeSet::new();
    while let Some(value) = calls.join_next().await {
        let value = value.unwrap();
        assert_ne!(
            value[0], value[1],
            "a fork has loaded nothing itself: {value}"
        );
        processes.insert(value[1].as_i64().unwrap());
    }
    assert!(processes.len() <= 3, "{processes:?}");
    let figures = bench.plane.figures(&target.workspace, &target.name);
    assert_eq!((figures.calls, figures.errors, figures.fresh), (8, 0, 0));
    assert_eq!(u64::from(figures.instances), figures.forked);
}

#[tokio::test]
async fn an_instance_whose_package_starts_threads_is_fresh() {
    let bench = Bench::new();
    let code = "
import threading, time
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
def handler(event, context):
    return threading.active_count()
";
    let target = bench.function(code, |_| {});
    assert_eq!(bench.value(&target, "0").await, json!(2));
    let figures = bench.plane.figures(&target.workspace, &target.name);
    assert_eq!((figures.fresh, figures.forked), (1, 0));
}

#[tokio::test]
async fn records_of_pythons_logging_are_written_as_lambda_writes_them() {
    let bench = Bench::new();
    let code = "
import logging
log = logging.getLogger()
log.setLevel(logging.INFO)
def handler(event, context):
    log.info('count %d', event)
    log.debug('never')
    logging.getLogger('deep.er').warning('odd')
";
    let target = bench.function(code, |_| {});
    let answer = bench.ask(&target, "3").await.unwrap();
    let lines: Vec<&str> = answer.tail.lines().collect();
    let id = "-0000-7000-8000-000000000000\tcount 3";
    let found = |start: &str, end: &str| {
        lines
            .iter()
            .any(|line| line.starts_with(start) && line.ends_with(end))
    };
    assert!(found("[INFO]\t20", id), "{}", answer.tail);
    assert!(found("[WARNING]\t20", "\todd"), "{}", answer.tail);
    assert!(!answer.tail.contains("never"), "{}", answer.tail);

    let target = bench.function(code, |spec| {
        let json = "JSON".to_owned();
        spec.env.insert("AWS_LAMBDA_LOG_FORMAT".to_owned(), json);
    });
    let answer = bench.ask(&target, "4").await.unwrap();
    let line = answer.tail.lines().find(|line| line.starts_with('{'));
    let said: serde_json::Value = serde_json::from_str(line.unwrap()).unwrap();
    assert_eq!(
        (&said["level"], &said["message"]),
        (&json!("INFO"), &json!("count 4"))
    );
}
