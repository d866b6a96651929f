//! Code and models that cannot be loaded, and what is said about them.

use crate::support::{Bench, PATIENCE, eventually, request, runs, spec};
use http::StatusCode;
use std::time::Duration;

#[tokio::test]
async fn code_that_cannot_be_loaded_says_where() {
    let bench = Bench::new();
    let cases = [
        (
            "import nothing_of_this_name\n",
            "ModuleNotFoundError",
            "line 1",
        ),
        (
            "x = 1\nraise RuntimeError('no licence')\n",
            "no licence",
            "line 2",
        ),
        ("def predict(:\n", "SyntaxError", "line 1"),
        (
            "def load(d):\n    return 1 / 0\ndef predict(m, i): pass\n",
            "division by zero",
            "line 2",
        ),
        ("import sys\nsys.exit(4)\n", "sys.exit(4)", "line 2"),
        ("import os\nos._exit(5)\n", "exit code 5", "while loading"),
        (
            "import os, sys\nsys.stderr.write('last words\\n')\nos.abort()\n",
            "SIGABRT",
            "last words",
        ),
    ];
    for (number, (code, words, place)) in cases.into_iter().enumerate() {
        let endpoint = format!("broken-{number}");
        let spec = spec(&endpoint, vec![bench.deployment(code)]);
        bench.endpoints.apply(spec, 1).unwrap();
        let error = bench.settled(&endpoint, 1).await.unwrap_err().to_string();
        assert!(error.contains(words) && error.contains(place), "{error}");
        let key = crate::support::key(&endpoint);
        let refused = bench.json(&key, "[]").await.unwrap_err();
        assert_eq!(
            refused.status(),
            StatusCode::SERVICE_UNAVAILABLE,
            "{refused}"
        );
        assert!(refused.retry_after().is_some());
    }
}

#[tokio::test]
async fn a_damaged_model_file_is_named() {
    let bench = Bench::new();
    let mut deployment = bench.deployment("");
    deployment.handler.entry = None;
    std::fs::write(
        deployment.model_folder.join("model.pkl"),
        b"\x80\x04garbage",
    )
    .unwrap();
    bench
        .endpoints
        .apply(spec("damaged", vec![deployment.clone()]), 1)
        .unwrap();
    let error = bench.settled("damaged", 1).await.unwrap_err().to_string();
    assert!(
        error.contains("model.pkl") && error.contains("damaged"),
        "{error}"
    );
    // The right file in its place, as a new generation, heals it.
    std::fs::remove_file(deployment.model_folder.join("model.pkl")).unwrap();
    deployment.revision = "2".to_owned();
    bench
        .endpoints
        .apply(spec("damaged", vec![deployment]), 2)
        .unwrap();
    let error = bench.settled("damaged", 2).await.unwrap_err().to_string();
    assert!(error.contains("no `*.joblib`"), "{error}");
}

#[tokio::test]
async fn an_interpreter_that_is_not_there_is_named() {
    let bench = Bench::new();
    let mut deployment = bench.deployment("def predict(m, i): return i\n");
    deployment.interpreter = bench.folder.path().join("no-python");
    bench
        .endpoints
        .apply(spec("nowhere", vec![deployment]), 1)
        .unwrap();
    let error = bench.settled("nowhere", 1).await.unwrap_err().to_string();
    assert!(error.contains("no-python"), "{error}");
}

#[tokio::test]
async fn a_load_that_never_ends_is_stopped() {
    let bench = Bench::new();
    let code = "import os, time\nopen(os.path.join(os.environ['SM_MODEL_DIR'], 'pid'), 'w').write(str(os.getpid()))\ntime.sleep(1000)\n";
    let mut deployment = bench.deployment(code);
    deployment.timing.start = Duration::from_secs(1);
    let pid = deployment.model_folder.join("pid");
    bench
        .endpoints
        .apply(spec("sleepy", vec![deployment]), 1)
        .unwrap();
    let error = bench.settled("sleepy", 1).await.unwrap_err().to_string();
    assert!(error.contains("not ready within 1 s"), "{error}");
    let process: u32 = std::fs::read_to_string(pid).unwrap().parse().unwrap();
    eventually("the sleeper is gone", || !runs(process)).await;
}

#[tokio::test]
async fn a_request_given_up_while_its_replica_loads_holds_up_no_end() {
    let bench = Bench::new();
    let code = "import time\ntime.sleep(1000)\ndef predict(model, instances): return instances\n";
    let mut deployment = bench.deployment(code);
    // Longer than any test is waited for.
    deployment.timing.start = Duration::from_hours(1);
    deployment.timing.drain = Duration::from_hours(1);
    bench
        .endpoints
        .apply(spec("endless", vec![deployment]), 1)
        .unwrap();
    let key = crate::support::key("endless");
    let waiting = || {
        let status = bench.endpoints.status(&key).unwrap();
        let deployments = status.deployments.iter();
        deployments.map(|one| one.waiting).sum::<usize>()
    };
    {
        let asked = bench.json(&key, "[1]");
        tokio::select! {
            answered = asked => panic!("it was answered: {answered:?}"),
            () = eventually("it waits", || waiting() == 1) => {}
        }
    }
    assert_eq!(waiting(), 0, "the caller is gone");
    let ended = tokio::time::timeout(PATIENCE, bench.endpoints.shut_down());
    ended.await.expect("the end does not wait for nobody");
}

#[tokio::test]
async fn a_request_past_its_deadline_is_not_counted_as_waiting() {
    let bench = Bench::new();
    let code = "import time\ntime.sleep(1000)\ndef predict(model, instances): return instances\n";
    let mut deployment = bench.deployment(code);
    deployment.timing.start = Duration::from_hours(1);
    bench
        .endpoints
        .apply(spec("late", vec![deployment]), 1)
        .unwrap();
    let key = crate::support::key("late");
    let mut asked = request("application/json", "", "[1]");
    asked.deadline = Duration::from_millis(50);
    let refused = bench.endpoints.invoke(&key, asked).await.unwrap_err();
    assert!(refused.retry_after().is_some(), "{refused}");
    let status = bench.endpoints.status(&key).unwrap();
    assert!(status.deployments.iter().all(|one| one.waiting == 0));
}
