//! Calls that are computed together: each gets what it would have got alone.

use crate::forest::{SCIKIT_LEARN, environment};
use crate::support::{Bench, name, request, write};
use http::StatusCode;
use std::process::Command;
use std::sync::Arc;
use tradewind_serving::{DeploymentSpec, EndpointKey, Error};

/// A saved model that takes its time, notes how many rows it was given, and dies of one value.
const ROWS: &str = "
import os, time
class Rows:
    def predict(self, rows):
        with open(os.path.join(os.environ['SM_MODEL_DIR'], 'sizes'), 'a') as notes:
            notes.write(str(len(rows)) + chr(10))
        time.sleep(0.05)
        if (rows == 666).any():
            os._exit(6)
        return rows.sum(axis=1)
";

async fn served(bench: &Bench, batch: usize) -> (EndpointKey, DeploymentSpec) {
    let interpreter = tokio::task::spawn_blocking(|| environment(&SCIKIT_LEARN))
        .await
        .unwrap();
    let folder = bench.folder.path();
    let code = write(folder, "code/rows.py", ROWS)
        .parent()
        .unwrap()
        .to_owned();
    let model = folder.join("model");
    std::fs::create_dir_all(&model).unwrap();
    let made = Command::new(&interpreter)
        .current_dir(&code)
        .args([
            "-c",
            "import joblib, rows; joblib.dump(rows.Rows(), '../model/model.joblib')",
        ])
        .status();
    assert!(made.unwrap().success());
    let mut deployment = DeploymentSpec::new(name("main"), model, interpreter);
    deployment
        .environment
        .insert("PYTHONPATH".to_owned(), code.display().to_string());
    deployment.batch = batch;
    (bench.serve("rows", deployment.clone()).await, deployment)
}

fn sizes(deployment: &DeploymentSpec) -> Vec<usize> {
    let notes = std::fs::read_to_string(deployment.model_folder.join("sizes")).unwrap();
    notes.lines().map(|line| line.parse().unwrap()).collect()
}

/// Sends all bodies at once; the outcomes in their order.
async fn all_at_once(
    bench: &Arc<Bench>,
    endpoint: &EndpointKey,
    bodies: Vec<String>,
) -> Vec<Result<String, Error>> {
    let calls: Vec<_> = bodies
        .into_iter()
        .map(|body| {
            let (bench, endpoint) = (Arc::clone(bench), endpoint.clone());
            tokio::spawn(async move {
                let response = bench.json(&endpoint, &body).await?;
                Ok(String::from_utf8(response.body.to_vec()).unwrap())
            })
        })
        .collect();
    let outcomes = futures::future::join_all(calls).await;
    outcomes.into_iter().map(Result::unwrap).collect()
}

fn expected(number: usize) -> String {
    format!("{{\"predictions\":[{}]}}", number + 1)
}

#[tokio::test]
async fn calls_under_load_are_joined_and_answered_each_for_itself() {
    let bench = Arc::new(Bench::batching());
    let (endpoint, deployment) = served(&bench, 8).await;
    let bodies = (0..40).map(|number| match number {
        5 => "{".to_owned(),
        10 => "[[1, 2], [3]]".to_owned(),
        // Another width: it cannot be joined and is right alone.
        15 => "[[15, 1, 0]]".to_owned(),
        20 => "[[0.5, 0.25], [1, 1]]".to_owned(),
        number => format!("[[{number}, 1]]"),
    });
    let outcomes = all_at_once(&bench, &endpoint, bodies.collect()).await;
    for (number, outcome) in outcomes.into_iter().enumerate() {
        match number {
            5 | 10 => assert_eq!(outcome.unwrap_err().status(), StatusCode::BAD_REQUEST),
            20 => assert_eq!(outcome.unwrap(), "{\"predictions\":[0.75,2.0]}"),
            number => assert_eq!(outcome.unwrap().replace(".0]", "]"), expected(number)),
        }
    }
    let sizes = sizes(&deployment);
    assert!(sizes.len() < 30, "{sizes:?}");
    assert!(sizes.iter().all(|size| *size <= 9), "{sizes:?}");
    // Each has the media type that it asked for.
    let csv = request("text/csv", "text/csv", "3,4\n5,6\n");
    let wrong = request("text/csv", "image/png", "3,4\n");
    let (csv, wrong) = tokio::join!(
        bench.endpoints.invoke(&endpoint, csv),
        bench.endpoints.invoke(&endpoint, wrong)
    );
    assert_eq!(&csv.unwrap().body[..], b"7\n11\n");
    assert_eq!(wrong.unwrap_err().status(), StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn one_call_that_kills_its_replica_takes_no_other_with_it() {
    let bench = Arc::new(Bench::batching());
    let (endpoint, _) = served(&bench, 16).await;
    let bodies = (0..24).map(|number| match number {
        7 => "[[666, 1]]".to_owned(),
        number => format!("[[{number}, 1]]"),
    });
    let outcomes = all_at_once(&bench, &endpoint, bodies.collect()).await;
    for (number, outcome) in outcomes.into_iter().enumerate() {
        if number == 7 {
            let error = outcome.unwrap_err();
            assert!(matches!(error, Error::Crashed { .. }), "{error}");
        } else {
            assert_eq!(outcome.unwrap(), expected(number));
        }
    }
}

#[tokio::test]
async fn without_a_wish_for_it_nothing_is_joined() {
    let bench = Arc::new(Bench::batching());
    let (endpoint, deployment) = served(&bench, 1).await;
    let bodies = (0..6).map(|number| format!("[[{number}, 1]]")).collect();
    for (number, outcome) in all_at_once(&bench, &endpoint, bodies)
        .await
        .into_iter()
        .enumerate()
    {
        assert_eq!(outcome.unwrap(), expected(number));
    }
    assert_eq!(sizes(&deployment), [1; 6]);
}
