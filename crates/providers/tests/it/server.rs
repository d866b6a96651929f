//! A server that is killed in the middle: its jobs go on and the next server adopts them.

use crate::local::{Here, PATIENCE, config, here, shell, ticket};
use contracts::backend::Observation;
use domain::job::Ending;
use std::process::{Command, Stdio};
use std::time::Instant;
use tradewind_providers::local::provider;

/// Set for the copy of this test's program that plays the server.
const DATA: &str = "TRADEWIND_TEST_SERVER_DATA";

/// Plays the server when it is asked to; by itself it is no test.
#[tokio::test]
async fn plays_the_server() {
    let Some(data) = std::env::var_os(DATA) else {
        return;
    };
    let provider = provider(config(data.as_ref()));
    let line = "echo ready; while [ ! -e $GO ]; do sleep 0.02; done; echo went on; echo x > /opt/ml/model/x";
    let mut workload = shell(line);
    let go = std::path::Path::new(&data).join("go").display().to_string();
    workload.env.insert("GO".into(), go);
    provider
        .backend
        .ensure(&ticket(1), &workload, &here())
        .await
        .unwrap();
    tokio::time::sleep(PATIENCE).await;
}

#[tokio::test]
async fn a_job_outlives_its_server() {
    let here = Here::new();
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["server::plays_the_server", "--exact", "--nocapture"])
        .env(DATA, here.data.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let one = ticket(1);
    let begin = Instant::now();
    while here.observe(&one).await == Observation::Absent {
        assert!(begin.elapsed() < PATIENCE);
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    here.heard(&one, "ready").await;
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(matches!(
        here.observe(&one).await,
        Observation::Running { .. }
    ));
    std::fs::write(here.data.path().join("go"), "").unwrap();
    // Nobody tells this server; it has to look, and does.
    assert_eq!(here.exit(&one).await.ending, Ending::Completed);
    here.heard(&one, "went on").await;
}
