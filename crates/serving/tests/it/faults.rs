//! Workers that are killed under load, answers that cannot be sent, models that change underneath.

use crate::support::{Bench, eventually, name, request, spec, write};
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tradewind_serving::{DeploymentSpec, Error};

const WORKS: &str =
    "import time\ndef predict(model, instances):\n    time.sleep(0.005)\n    return instances\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_that_are_killed_under_load_cost_no_wrong_answer_and_the_counters_are_right() {
    let bench = Arc::new(Bench::forking());
    let deployment = DeploymentSpec {
        replicas: 2,
        ..bench.deployment(WORKS)
    };
    let endpoint = bench.serve("killed", deployment).await;
    let stop = Arc::new(AtomicBool::new(false));
    let (asked, crashed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..6)
        .map(|client| {
            let (bench, endpoint, stop) = (Arc::clone(&bench), endpoint.clone(), Arc::clone(&stop));
            let (asked, crashed) = (Arc::clone(&asked), Arc::clone(&crashed));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let number = asked.fetch_add(1, Ordering::Relaxed);
                    let body = format!("[{client},{number}]");
                    match bench.json(&endpoint, &body).await {
                        Ok(answer) => {
                            let wanted = format!("{{\"predictions\":{body}}}");
                            assert_eq!(&answer.body[..], wanted.as_bytes());
                        }
                        // Both of its replicas were killed: clear, and counted.
                        Err(Error::Crashed { .. }) => {
                            crashed.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
            })
        })
        .collect();
    let mut killed = 0;
    while killed < 12 {
        let before = asked.load(Ordering::Relaxed);
        for process in bench.processes(&endpoint) {
            let process = nix::unistd::Pid::from_raw(process.cast_signed());
            killed += u32::from(nix::sys::signal::kill(process, nix::sys::signal::SIGKILL).is_ok());
        }
        eventually("requests go on", || {
            asked.load(Ordering::Relaxed) > before + 30
        })
        .await;
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    let status = bench.endpoints.status(&endpoint).unwrap();
    let figures = &status.deployments[0].figures;
    let (asked, crashed) = (
        asked.load(Ordering::Relaxed),
        crashed.load(Ordering::Relaxed),
    );
    assert_eq!(figures.answered + figures.crashed, asked);
    assert_eq!(figures.crashed, crashed);
    assert!(
        figures.retried > 0 && crashed < asked / 4,
        "{crashed} of {asked}"
    );
    assert_eq!((figures.faults, figures.hung, figures.late), (0, 0, 0));
}

#[tokio::test]
async fn answers_that_cannot_be_written_are_told_and_the_worker_goes_on() {
    let bench = Bench::new();
    let code = "import threading\n\
        def cycle():\n    found = []\n    found.append(found)\n    return found\n\
        WHAT = {'object': object, 'cycle': cycle, 'lock': threading.Lock, 'function': lambda: len,\n        \
        'bytes': lambda: b'\\xff', 'complex': lambda: 1j}\n\
        def predict(model, instances):\n    \
            return WHAT[instances[0]]() if instances[0] in WHAT else instances\n";
    let endpoint = bench.serve("unwritable", bench.deployment(code)).await;
    let before = bench.processes(&endpoint);
    for what in ["object", "cycle", "lock", "function", "bytes", "complex"] {
        let told = bench.json(&endpoint, &format!("[\"{what}\"]")).await;
        let error = told.map(|answer| answer.body).unwrap_err();
        assert!(
            error.status().is_server_error() || error.status() == StatusCode::FAILED_DEPENDENCY,
            "{what}: {error}"
        );
        assert!(matches!(error, Error::Fault(_)), "{what}: {error}");
        let good = bench.answer(&endpoint, "[1]").await;
        assert_eq!(good, json!({"predictions": [1]}), "after {what}");
    }
    assert_eq!(
        bench.processes(&endpoint),
        before,
        "nobody had to be replaced"
    );
    let figures = bench.endpoints.status(&endpoint).unwrap().deployments[0]
        .figures
        .clone();
    assert_eq!((figures.answered, figures.faults, figures.lost), (6, 6, 0));
}

#[tokio::test]
async fn a_model_file_that_is_swapped_underneath_is_not_mixed_with_the_one_that_serves() {
    let bench = Bench::forking();
    let code = "import pathlib\n\
        def load(folder):\n    return (pathlib.Path(folder) / 'word.txt').read_text()\n\
        def predict(model, instances):\n    return [model for _ in instances]\n";
    let deployment = bench.deployment(code);
    let file = write(&deployment.model_folder, "word.txt", "old");
    let endpoint = bench.serve("swapped", deployment.clone()).await;
    std::fs::write(&file, "new").unwrap();
    // More replicas of the same generation are forks of what was loaded.
    let more = DeploymentSpec {
        replicas: 3,
        ..deployment.clone()
    };
    bench
        .endpoints
        .apply(spec("swapped", vec![more]), 2)
        .unwrap();
    bench.settled("swapped", 2).await.unwrap();
    let calls = (0..12).map(|_| bench.json(&endpoint, "[1]"));
    for answer in futures::future::join_all(calls).await {
        assert_eq!(&answer.unwrap().body[..], b"{\"predictions\":[\"old\"]}");
    }
    // Another revision loads what is there now, and a file that is gone leaves what serves.
    let next = DeploymentSpec {
        revision: "2".to_owned(),
        ..deployment.clone()
    };
    bench
        .endpoints
        .apply(spec("swapped", vec![next]), 3)
        .unwrap();
    bench.settled("swapped", 3).await.unwrap();
    assert_eq!(
        bench.answer(&endpoint, "[1]").await["predictions"][0],
        "new"
    );
    std::fs::remove_file(&file).unwrap();
    let gone = DeploymentSpec {
        revision: "3".to_owned(),
        ..deployment
    };
    bench
        .endpoints
        .apply(spec("swapped", vec![gone]), 4)
        .unwrap();
    let failed = bench.settled("swapped", 4).await.unwrap_err();
    assert!(failed.to_string().contains("word.txt"), "{failed}");
    assert_eq!(
        bench.answer(&endpoint, "[1]").await["predictions"][0],
        "new"
    );
}

#[tokio::test]
async fn output_without_end_holds_up_no_answer() {
    let bench = Bench::new();
    let code = "import sys, threading\n\
        def flood():\n    while True:\n        print('x' * 1000)\n        print('y' * 1000, file=sys.stderr)\n\
        threading.Thread(target=flood, daemon=True).start()\n\
        def predict(model, instances):\n    return instances\n";
    let endpoint = bench.serve("flood", bench.deployment(code)).await;
    for _ in 0..50 {
        let mut asked = request("application/json", "", "[1]");
        asked.deadline = Duration::from_secs(20);
        bench.endpoints.invoke(&endpoint, asked).await.unwrap();
    }
    let lines = bench.log.lines(&endpoint, &name("main"));
    assert!(lines.len() <= 5_000, "{}", lines.len());
}
