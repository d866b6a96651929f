//! Replicas that are forked from a template which has loaded code and model.

use crate::support::{Bench, eventually, key, name, runs, spec};
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tradewind_serving::replica::{Birth, Joins};
use tradewind_serving::{Call, DeploymentSpec, EndpointKey, LaunchOrder, Limits};

/// Notes each load in a file of the model folder; answers who it is.
const NOTES: &str = "
import os, random
random.seed(7)
def load(model_dir):
    with open(os.path.join(model_dir, 'loads'), 'a') as notes:
        notes.write(str(os.getpid()) + chr(10))
    print('loaded', flush=True)
    return {'loader': os.getpid()}
def predict(model, instances):
    print('answering')
    if instances == ['exit']:
        os._exit(3)
    return [model['loader'], os.getpid(), os.getppid(), os.getpgrp(), random.random()]
";

/// Who has loaded, in order.
fn loads(deployment: &DeploymentSpec) -> Vec<u32> {
    let notes = std::fs::read_to_string(deployment.model_folder.join("loads")).unwrap_or_default();
    notes.lines().map(|line| line.parse().unwrap()).collect()
}

fn births(bench: &Bench, endpoint: &EndpointKey) -> Vec<Birth> {
    let status = bench.endpoints.status(endpoint).unwrap();
    let replicas = status.deployments[0].replicas.iter();
    replicas.map(|facts| facts.birth.clone()).collect()
}

fn kill(process: u32) {
    let status = Command::new("kill")
        .args(["-9", &process.to_string()])
        .status();
    assert!(status.unwrap().success());
}

#[tokio::test]
async fn the_fork_launcher_conforms() {
    let bench = Bench::forking();
    let code = "def predict(model, instances):\n    return instances\n";
    let order = LaunchOrder {
        endpoint: key("conformance"),
        deployment: Arc::new(bench.deployment(code)),
        number: 1,
        limits: Limits::default(),
        engine: tradewind_serving::replica::Engine::Python(None),
    };
    let call = Call {
        content_type: String::new(),
        accept: String::new(),
        body: "[1]".into(),
        deadline: Instant::now() + Duration::from_mins(1),
        joins: Joins::Rows,
        stages: tradewind_serving::traces::Stages::default(),
    };
    let verdict = tradewind_serving::conformance::launcher(&*bench.launcher, &order, &call);
    verdict.await.unwrap();
}

#[tokio::test]
async fn replicas_are_forks_of_one_load_and_processes_of_their_own() {
    let bench = Bench::forking();
    let deployment = DeploymentSpec {
        replicas: 3,
        ..bench.deployment(NOTES)
    };
    let endpoint = bench.serve("forks", deployment.clone()).await;
    assert_eq!(births(&bench, &endpoint), vec![Birth::Forked; 3]);
    let [template] = loads(&deployment)[..] else {
        panic!("it is loaded once")
    };
    assert!(!bench.processes(&endpoint).contains(&template));
    let (mut asked, mut drawn) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..3 {
        let got = bench.answer(&endpoint, "[]").await;
        let fields = got["predictions"].as_array().unwrap();
        assert_eq!(fields[0], template);
        assert_eq!(fields[2], template, "the template is the parent");
        assert_eq!(fields[3], fields[1], "each has a process group of its own");
        let process = u32::try_from(fields[1].as_u64().unwrap()).unwrap();
        asked.insert(process);
        drawn.insert(fields[4].to_string());
        // It is replaced by another fork, without another load.
        kill(process);
        eventually("it is replaced", || {
            let now = bench.processes(&endpoint);
            now.len() == 3 && !now.contains(&process)
        })
        .await;
    }
    assert_eq!(
        (asked.len(), drawn.len()),
        (3, 3),
        "no two draw the same numbers"
    );
    assert_eq!(loads(&deployment), [template]);
    let error = bench
        .json(&endpoint, r#"["exit"]"#)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("exit code 3"), "{error}");
    let lines = bench.log.lines(&endpoint, &name("main"));
    assert_eq!(lines.iter().filter(|line| line.text == "loaded").count(), 1);
    assert!(lines.iter().filter(|line| line.text == "answering").count() >= 3);
    bench.endpoints.remove(&endpoint).await;
    eventually("the template is gone too", || !runs(template)).await;
}

#[tokio::test]
async fn what_is_not_safe_to_fork_starts_fresh_and_says_why() {
    let bench = Bench::forking();
    let cases = [
        (
            "import threading, time\n\
             threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n",
            "started 1 threads",
        ),
        (
            "import os\nkept = open(os.path.join(os.environ['SM_MODEL_DIR'], 'kept'), 'w')\n",
            "kept` open",
        ),
        (
            "import socket\nkept = socket.socketpair()\n",
            "left `socket:",
        ),
    ];
    for (number, (head, reason)) in cases.into_iter().enumerate() {
        let code = format!("{head}def predict(model, instances):\n    return instances\n");
        let deployment = DeploymentSpec {
            replicas: 2,
            ..bench.deployment(&code)
        };
        let endpoint = bench.serve(&format!("unfit-{number}"), deployment).await;
        let births = births(&bench, &endpoint);
        assert_eq!(births.len(), 2);
        for birth in births {
            let Birth::FreshBecause(why) = birth else {
                panic!("{birth:?}")
            };
            assert!(why.contains(reason), "{why}");
        }
        let got = bench.answer(&endpoint, "[1]").await;
        assert_eq!(got["predictions"], serde_json::json!([1]));
    }
}

#[tokio::test]
async fn replicas_outlive_their_template_and_the_next_has_a_new_one() {
    let bench = Bench::forking();
    let deployment = DeploymentSpec {
        replicas: 2,
        ..bench.deployment(NOTES)
    };
    let endpoint = bench.serve("orphans", deployment.clone()).await;
    let before = bench.processes(&endpoint);
    let template = loads(&deployment)[0];
    kill(template);
    eventually("the template is gone", || !runs(template)).await;
    assert_eq!(
        bench.answer(&endpoint, "[]").await["predictions"][0],
        template
    );
    assert_eq!(bench.processes(&endpoint), before);
    kill(before[0]);
    eventually(
        "an orphan's end is seen and a new template forks another",
        || {
            let now = bench.processes(&endpoint);
            now.len() == 2 && !now.contains(&before[0])
        },
    )
    .await;
    assert!(bench.processes(&endpoint).contains(&before[1]));
    assert_eq!(births(&bench, &endpoint), vec![Birth::Forked; 2]);
    let loaded = loads(&deployment);
    assert_eq!(loaded.len(), 2);
    bench.endpoints.remove(&endpoint).await;
    eventually("nothing is left", || !runs(before[1]) && !runs(loaded[1])).await;
}

#[tokio::test]
async fn a_load_that_fails_in_a_template_is_told_as_ever() {
    let bench = Bench::forking();
    let broken = bench.deployment("x = 1\nraise ValueError('no luck')\n");
    bench
        .endpoints
        .apply(spec("broken", vec![broken]), 1)
        .unwrap();
    let error = bench.settled("broken", 1).await.unwrap_err().to_string();
    assert!(
        error.contains("ValueError: no luck") && error.contains("line 2"),
        "{error}"
    );
}

#[tokio::test]
async fn a_template_that_lingers_in_loading_is_ended_with_its_endpoint() {
    let bench = Bench::forking();
    let code = "
import os, time
with open(os.path.join(os.environ['SM_MODEL_DIR'], 'loads'), 'w') as notes:
    notes.write(str(os.getpid()) + chr(10))
time.sleep(1000)
";
    let deployment = bench.deployment(code);
    bench
        .endpoints
        .apply(spec("slow", vec![deployment.clone()]), 1)
        .unwrap();
    eventually("it has begun", || loads(&deployment).len() == 1).await;
    bench.endpoints.remove(&key("slow")).await;
    let process = loads(&deployment)[0];
    eventually("the loading process is gone", || !runs(process)).await;
}
