//! Code that fails in every way, and what the caller is told.

use crate::support::{Bench, eventually, name, request, runs, spec};
use bytes::Bytes;
use http::StatusCode;
use serde_json::json;
use std::time::Duration;
use tradewind_serving::{Error, Limits, Retry};

#[tokio::test]
async fn an_exception_names_type_message_file_and_line() {
    let bench = Bench::new();
    let code = "def helper(row):\n    return row['age']\n\ndef predict(model, instances):\n    return [helper(row) for row in instances]\n";
    let deployment = bench.deployment(code);
    let file = deployment
        .handler
        .entry
        .clone()
        .unwrap()
        .display()
        .to_string();
    let endpoint = bench.serve("raises", deployment).await;
    let error = bench
        .json(&endpoint, r#"[{"name": "x"}]"#)
        .await
        .unwrap_err();
    assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let Error::Fault(fault) = error else {
        panic!("{error:?}")
    };
    assert_eq!(fault.kind, "KeyError");
    assert_eq!(fault.message, "'age'");
    assert_eq!(fault.stage, "predict");
    assert_eq!(fault.file, Some(file));
    assert_eq!(fault.line, Some(2));
    assert_eq!(fault.function.as_deref(), Some("helper"));
    assert_eq!(fault.code.as_deref(), Some("return row['age']"));
    assert!(fault.traceback.contains("KeyError"));
    // The worker goes on.
    let got = bench.answer(&endpoint, r#"[{"age": 3}]"#).await;
    assert_eq!(got, json!({"predictions": [3]}));
    assert_eq!(
        bench.endpoints.status(&endpoint).unwrap().deployments[0]
            .figures
            .lost,
        0
    );
}

/// Does what the first instance says.
const OBEYS: &str = "
import os, sys, time, subprocess, signal
def predict(model, instances):
    order = instances[0]
    if order == 'exit': os._exit(3)
    if order == 'sys.exit': sys.exit(3)
    if order == 'segfault': os.kill(os.getpid(), signal.SIGSEGV)
    if order == 'sleep': time.sleep(1000)
    if order == 'hold': exec('while True: pass')
    if order == 'pid': return [os.getpid()]
    if order == 'child': return [subprocess.Popen(['sleep', '1000']).pid]
    if order == 'close': os.closerange(3, 100)
    if order == 'stdin': return [sys.stdin.read()]
    if order == 'fork':
        child = os.fork()
        if child: os.waitpid(child, 0)
        return [child]
    if order == 'print':
        for _ in range(200000): print('x' * 100)
        sys.stdout.write('no end of line'); sys.stdout.flush()
        os.write(1, bytes(range(256)) * 100)
        os.write(2, bytes(range(256)) * 100)
    if order == 'crash-once':
        path = os.path.join(os.environ['SM_MODEL_DIR'], 'crashed')
        if not os.path.exists(path):
            open(path, 'w').close()
            os._exit(9)
    if order == 'large': return ['y' * instances[1]]
    return instances
";

#[tokio::test]
async fn a_crash_is_retried_once_then_told_and_the_replica_replaced() {
    let bench = Bench::new();
    let endpoint = bench.serve("crash", bench.deployment(OBEYS)).await;
    let got = bench.answer(&endpoint, r#"["crash-once"]"#).await;
    assert_eq!(got, json!({"predictions": ["crash-once"]}));
    let error = bench.json(&endpoint, r#"["exit"]"#).await.unwrap_err();
    assert_eq!(error.status(), StatusCode::BAD_GATEWAY);
    assert!(error.to_string().contains("exit code 3"), "{error}");
    let error = bench
        .json(&endpoint, r#"["segfault"]"#)
        .await
        .unwrap_err()
        .to_string();
    for words in [
        "SIGSEGV",
        "Segmentation fault",
        "score.py\", line 7 in predict",
    ] {
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(
        bench.answer(&endpoint, "[1]").await,
        json!({"predictions": [1]})
    );
    let figures = bench.endpoints.status(&endpoint).unwrap().deployments[0]
        .figures
        .clone();
    assert_eq!(
        (figures.retried, figures.crashed, figures.answered),
        (3, 2, 2)
    );
}

#[tokio::test]
async fn a_crash_is_not_retried_where_that_is_not_safe() {
    let bench = Bench::new();
    let mut deployment = bench.deployment(OBEYS);
    deployment.retry = Retry::Never;
    let endpoint = bench.serve("once", deployment).await;
    let error = bench
        .json(&endpoint, r#"["crash-once"]"#)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Crashed { .. }), "{error}");
    assert_eq!(
        bench.answer(&endpoint, "[1]").await,
        json!({"predictions": [1]})
    );
}

#[tokio::test]
async fn a_hung_handler_is_stopped_and_replaced() {
    let bench = Bench::new();
    let mut deployment = bench.deployment(OBEYS);
    deployment.timing.call = Duration::from_secs(1);
    let endpoint = bench.serve("hung", deployment).await;
    for order in [r#"["sleep"]"#, r#"["hold"]"#] {
        let before = bench.processes(&endpoint);
        let error = bench.json(&endpoint, order).await.unwrap_err();
        assert_eq!(error.status(), StatusCode::GATEWAY_TIMEOUT);
        assert!(
            error.to_string().contains("1000 ms and was stopped"),
            "{error}"
        );
        eventually("the hung process is gone", || {
            before.iter().all(|pid| !runs(*pid))
        })
        .await;
        assert_eq!(
            bench.answer(&endpoint, "[1]").await,
            json!({"predictions": [1]})
        );
    }
    assert_eq!(
        bench.endpoints.status(&endpoint).unwrap().deployments[0]
            .figures
            .hung,
        2
    );
}

#[tokio::test]
async fn a_deadline_frees_the_caller_and_leaves_the_replica() {
    let bench = Bench::new();
    let code = "import time\ndef predict(m, instances):\n    time.sleep(instances[0])\n    return instances\n";
    let endpoint = bench.serve("late", bench.deployment(code)).await;
    let before = bench.processes(&endpoint);
    let mut hasty = request("", "", "[1]");
    hasty.deadline = Duration::from_millis(100);
    let error = bench
        .endpoints
        .invoke(&endpoint, hasty.clone())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Late { .. }), "{error}");
    // The replica is still busy with it, so the next hasty one does not get it.
    let error = bench.endpoints.invoke(&endpoint, hasty).await.unwrap_err();
    assert!(matches!(error, Error::Crowded { .. }), "{error}");
    assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        bench.answer(&endpoint, "[0]").await,
        json!({"predictions": [0]})
    );
    assert_eq!(bench.processes(&endpoint), before);
}

#[tokio::test]
async fn handlers_that_meddle_with_the_process_do_not_corrupt_answers() {
    let bench = Bench::new();
    let endpoint = bench.serve("meddler", bench.deployment(OBEYS)).await;
    let error = bench
        .json(&endpoint, r#"["sys.exit"]"#)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("sys.exit(3)"), "{error}");
    assert_eq!(
        bench.answer(&endpoint, r#"["stdin"]"#).await,
        json!({"predictions": [""]})
    );
    let forked = bench.answer(&endpoint, r#"["fork"]"#).await;
    assert!(
        forked["predictions"][0].as_u64().unwrap() > 0,
        "the parent answers, not the child"
    );
    assert_eq!(
        bench.answer(&endpoint, r#"["print"]"#).await,
        json!({"predictions": ["print"]})
    );
    eventually("the flood is counted", || {
        let lines = bench.log.lines(&endpoint, &name("main"));
        lines
            .iter()
            .any(|line| line.text.contains("lines were left out"))
    })
    .await;
    let error = bench.json(&endpoint, r#"["close"]"#).await.unwrap_err();
    assert!(matches!(error, Error::Crashed { .. }), "{error}");
    assert_eq!(
        bench.answer(&endpoint, "[1]").await,
        json!({"predictions": [1]})
    );
}

#[tokio::test]
async fn children_of_a_handler_end_with_it() {
    let bench = Bench::new();
    let endpoint = bench.serve("parent", bench.deployment(OBEYS)).await;
    let got = bench.answer(&endpoint, r#"["child"]"#).await;
    let child = u32::try_from(got["predictions"][0].as_u64().unwrap()).unwrap();
    assert!(runs(child));
    bench.endpoints.remove(&endpoint).await;
    eventually("the child is gone", || !runs(child)).await;
}

#[tokio::test]
async fn bodies_have_limits_both_ways_and_large_ones_pass_below() {
    let bench = Bench::new();
    let mut spec = spec("sizes", vec![bench.deployment(OBEYS)]);
    spec.limits = Limits {
        request_bytes: 9 << 20,
        response_bytes: 5 << 20,
    };
    bench.endpoints.apply(spec, 1).unwrap();
    bench.settled("sizes", 1).await.unwrap();
    let endpoint = crate::support::key("sizes");
    let got = bench
        .answer(&endpoint, &format!("[\"large\", {}]", 4 << 20))
        .await;
    assert_eq!(got["predictions"][0].as_str().unwrap().len(), 4 << 20);
    let error = bench
        .json(&endpoint, &format!("[\"large\", {}]", 6 << 20))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("the limit is 5242880"),
        "{error}"
    );
    let padded = format!("[\"x\"{}]", " ".repeat(8 << 20));
    assert_eq!(
        bench.answer(&endpoint, &padded).await["predictions"],
        json!(["x"])
    );
    let huge = request("", "", Bytes::from(vec![b' '; 10 << 20]));
    let error = bench.endpoints.invoke(&endpoint, huge).await.unwrap_err();
    assert_eq!(error.status(), StatusCode::PAYLOAD_TOO_LARGE, "{error}");
    assert_eq!(
        bench.endpoints.status(&endpoint).unwrap().deployments[0]
            .figures
            .lost,
        0
    );
}
