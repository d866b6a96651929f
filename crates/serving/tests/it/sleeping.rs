//! Deployments of one environment have their packages in one process, and what sleeps keeps none.

use crate::support::{Bench, eventually, runs};
use serde_json::json;
use std::time::Duration;
use tradewind_serving::replica::Birth;
use tradewind_serving::{DeploymentSpec, EndpointKey, Timing};

/// Tells who loaded it, and the ancestors of the one that answers.
const TELLS: &str = "
import os
def load(model_dir):
    return {'loader': os.getpid(), 'above': os.getppid(), 'dir': os.environ['SM_MODEL_DIR']}
def predict(model, instances):
    return [model['loader'], model['above'], model['dir'], os.environ['TRADEWIND_ENDPOINT'], os.getcwd()]
";

fn sleeper(bench: &Bench, most_replicas: u32) -> DeploymentSpec {
    let deployment = bench.deployment(TELLS);
    DeploymentSpec {
        replicas: 0,
        most_replicas,
        timing: Timing {
            idle: Duration::from_millis(200),
            ..deployment.timing
        },
        ..deployment
    }
}

async fn told(bench: &Bench, endpoint: &EndpointKey) -> (u32, u32, Vec<String>) {
    let got = bench.answer(endpoint, "[]").await;
    let fields = got["predictions"].as_array().unwrap().clone();
    let process = |at: usize| u32::try_from(fields[at].as_u64().unwrap()).unwrap();
    let texts = fields[2..].iter();
    let texts = texts.map(|text| text.as_str().unwrap().to_owned());
    (process(0), process(1), texts.collect())
}

async fn asleep(bench: &Bench, endpoint: &EndpointKey) {
    eventually("it sleeps", || {
        let status = bench.endpoints.status(endpoint).unwrap();
        let deployment = &status.deployments[0];
        deployment.ready + deployment.starting == 0
    })
    .await;
}

#[tokio::test]
async fn what_sleeps_keeps_no_process_and_wakes_as_a_fork() {
    for most_replicas in [1, 2] {
        sleep_and_wake(most_replicas).await;
    }
}

async fn sleep_and_wake(most_replicas: u32) {
    let bench = Bench::forking();
    let (one, two) = (
        sleeper(&bench, most_replicas),
        sleeper(&bench, most_replicas),
    );
    let folders = [&one, &two].map(|deployment| deployment.model_folder.display().to_string());
    let code = one
        .handler
        .entry
        .as_ref()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned();
    let (one, two) = (bench.serve("one", one).await, bench.serve("two", two).await);
    let (loader, _, texts) = told(&bench, &one).await;
    assert_eq!(texts[..2], [folders[0].as_str(), "one"]);
    assert_eq!(texts[2], code.display().to_string());
    asleep(&bench, &one).await;
    eventually("nothing is left of it", || !runs(loader)).await;
    let (other, _, texts) = told(&bench, &two).await;
    assert_eq!(texts[..2], [folders[1].as_str(), "two"]);
    assert_ne!(other, loader);
    // What the first load imported is imported by a process that then takes the first one's place.
    let mut tries = 0;
    let above = loop {
        asleep(&bench, &one).await;
        asleep(&bench, &two).await;
        let (again, above, _) = told(&bench, &one).await;
        assert_ne!(again, loader);
        if above == told(&bench, &two).await.1 {
            break above;
        }
        tries += 1;
        assert!(tries < 10, "both are forked from one process");
    };
    let status = bench.endpoints.status(&one).unwrap();
    assert_eq!(status.deployments[0].replicas[0].birth, Birth::Forked);
    bench.endpoints.remove(&one).await;
    asleep(&bench, &two).await;
    assert!(runs(above), "it is there for the other one");
    bench.endpoints.remove(&two).await;
    eventually("the common process is gone", || !runs(above)).await;
}

#[tokio::test]
async fn what_sleeps_keeps_what_it_has_loaded_while_there_is_memory_for_it() {
    for most_replicas in [1, 2] {
        let bench = Bench::warm(1 << 30);
        let endpoint = bench.serve("warm", sleeper(&bench, most_replicas)).await;
        let mut before = 0;
        let mut tries = 0;
        let loader = loop {
            let (loader, ..) = told(&bench, &endpoint).await;
            asleep(&bench, &endpoint).await;
            if loader == before {
                break loader;
            }
            before = loader;
            tries += 1;
            assert!(tries < 50, "a template is there in the end");
        };
        assert!(runs(loader), "it is there while the endpoint sleeps");
        bench.endpoints.remove(&endpoint).await;
        eventually("it goes with the deployment", || !runs(loader)).await;
    }
}

#[tokio::test]
async fn what_sleeps_keeps_nothing_beyond_the_budget() {
    for most_replicas in [1, 2] {
        let bench = Bench::warm(1);
        let endpoint = bench.serve("cold", sleeper(&bench, most_replicas)).await;
        for _ in 0..3 {
            let (loader, _, _) = told(&bench, &endpoint).await;
            asleep(&bench, &endpoint).await;
            eventually("nothing is left of it", || !runs(loader)).await;
        }
    }
}

#[tokio::test]
async fn variables_of_a_deployment_are_in_the_process_from_its_start() {
    let bench = Bench::forking();
    let code = "
import os
def predict(model, instances):
    return [os.environ.get('COLOUR'), os.getppid()]
";
    let mut loaders = Vec::new();
    for colour in ["red", "blue"] {
        let mut deployment = bench.deployment(code);
        deployment
            .environment
            .insert("COLOUR".to_owned(), colour.to_owned());
        let endpoint = bench.serve(colour, deployment).await;
        let got = bench.answer(&endpoint, "[]").await;
        assert_eq!(got["predictions"][0], colour);
        loaders.push(got["predictions"][1].clone());
    }
    assert_ne!(loaders[0], loaders[1]);
}

#[tokio::test]
async fn packages_that_a_first_model_imported_are_there_for_the_next() {
    let bench = Bench::forking();
    // A module of the interpreter that nothing of ours imports.
    let code = "
import sys
known = 'colorsys' in sys.modules
import colorsys
def predict(model, instances):
    return [known]
";
    let first = bench.serve("first", bench.deployment(code)).await;
    assert_eq!(
        bench.answer(&first, "[]").await["predictions"],
        json!([false])
    );
    let mut number = 0;
    let began = tokio::time::Instant::now();
    loop {
        number += 1;
        let name = format!("next-{number}");
        let next = bench.serve(&name, bench.deployment(code)).await;
        if bench.answer(&next, "[]").await["predictions"] == json!([true]) {
            break;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "never learned");
    }
}

#[tokio::test]
async fn a_handler_that_uses_up_its_memory_is_told_and_replaced() {
    let bench = Bench::forking();
    let code = "
import os
kept = []
def predict(model, instances):
    while instances == ['leak']:
        kept.append(bytearray(1 << 20))
    return [os.getpid()]
";
    let deployment = DeploymentSpec {
        memory: Some(400 << 20),
        ..bench.deployment(code)
    };
    let endpoint = bench.serve("leaky", deployment).await;
    let before = bench.answer(&endpoint, "[]").await;
    let error = bench
        .json(&endpoint, r#"["leak"]"#)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("MemoryError"), "{error}");
    let after = bench.answer(&endpoint, "[]").await;
    assert_ne!(before, after, "another process answers");
    let status = bench.endpoints.status(&endpoint).unwrap();
    let figures = &status.deployments[0].figures;
    assert_eq!((figures.faults, figures.crashed), (1, 0));
    let lacks = &status.deployments[0].replicas[0].lacks;
    assert!(
        lacks.iter().any(|lack| lack.contains("memory")),
        "{lacks:?}"
    );
}
