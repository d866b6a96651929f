//! Replicas come with the load and go with it.

use crate::support::{Bench, key, name, python, request, spec};
use http::StatusCode;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tradewind_serving::memory::MemoryLauncher;
use tradewind_serving::replica::ReplicaError;
use tradewind_serving::{
    Answer, Call, DeploymentSpec, EndpointKey, EndpointStatus, Endpoints, LaunchOrder, Timing,
};

const IDLE: Duration = Duration::from_secs(10);
const WORK: Duration = Duration::from_millis(100);

/// Endpoints whose replicas answer after [`WORK`] of a clock that only moves when nobody works.
fn endpoints() -> (Endpoints, Arc<MemoryLauncher>) {
    let launcher = MemoryLauncher::new(Arc::new(|_: LaunchOrder, call: Call| {
        Box::pin(async move {
            tokio::time::sleep(WORK).await;
            Ok::<Answer, ReplicaError>(Answer {
                status: StatusCode::OK,
                content_type: "application/json".to_owned(),
                headers: Vec::new(),
                datatype: None,
                body: call.body,
            })
        })
    }));
    let launcher = Arc::new(launcher);
    (Endpoints::new(launcher.clone()), launcher)
}

fn deployment(replicas: u32, most_replicas: u32) -> DeploymentSpec {
    DeploymentSpec {
        replicas,
        most_replicas,
        timing: Timing {
            idle: IDLE,
            ..Timing::default()
        },
        ..DeploymentSpec::new(name("main"), PathBuf::from("/nowhere"), python())
    }
}

async fn serve(endpoints: &Endpoints, deployment: DeploymentSpec) -> EndpointKey {
    endpoints
        .apply(spec("scaled", vec![deployment]), 1)
        .unwrap();
    endpoints.settled(&key("scaled"), 1).await.unwrap();
    key("scaled")
}

fn status(endpoints: &Endpoints, endpoint: &EndpointKey) -> EndpointStatus {
    endpoints.status(endpoint).unwrap()
}

/// Requests that are all under way at once; every one of them must be answered.
async fn burst(endpoints: &Endpoints, endpoint: &EndpointKey, count: usize) {
    let asked = (0..count).map(|number| {
        let body = number.to_string();
        async move {
            let answered = endpoints
                .invoke(endpoint, request("", "", body.clone()))
                .await;
            assert_eq!(answered.unwrap().body, body.as_bytes());
        }
    });
    futures::future::join_all(asked).await;
}

#[tokio::test(start_paused = true)]
async fn a_deployment_without_a_floor_sleeps_and_wakes_for_a_request() {
    let (endpoints, launcher) = endpoints();
    let endpoint = serve(&endpoints, deployment(0, 3)).await;
    assert_eq!(*launcher.alive().borrow(), 1, "it is tried once");
    tokio::time::sleep(IDLE * 3).await;
    assert_eq!(*launcher.alive().borrow(), 0);
    let asleep = status(&endpoints, &endpoint);
    assert!(asleep.deployments[0].answers() && asleep.full());
    burst(&endpoints, &endpoint, 5).await;
    let awake = &status(&endpoints, &endpoint).deployments[0];
    assert_eq!(awake.figures.woken, 1);
    assert_eq!(awake.figures.answered, 5);
    tokio::time::sleep(IDLE * 3).await;
    assert_eq!(*launcher.alive().borrow(), 0);
}

#[tokio::test(start_paused = true)]
async fn replicas_grow_to_the_most_and_go_back_to_the_floor() {
    let (endpoints, launcher) = endpoints();
    let endpoint = serve(&endpoints, deployment(1, 4)).await;
    burst(&endpoints, &endpoint, 40).await;
    let grown = &status(&endpoints, &endpoint).deployments[0];
    assert_eq!((grown.wanted, grown.ready), (4, 4));
    assert_eq!(grown.figures.answered, 40);
    tokio::time::sleep(IDLE * 3).await;
    assert_eq!(*launcher.alive().borrow(), 1);
    // A single request never needs more than one.
    for _ in 0..10 {
        burst(&endpoints, &endpoint, 1).await;
    }
    assert_eq!(
        status(&endpoints, &endpoint).deployments[0]
            .figures
            .launched,
        4
    );
}

#[tokio::test(start_paused = true)]
async fn bursts_do_not_start_and_stop_replicas_in_turn() {
    let (endpoints, _launcher) = endpoints();
    let endpoint = serve(&endpoints, deployment(0, 4)).await;
    for _ in 0..20 {
        burst(&endpoints, &endpoint, 30).await;
        tokio::time::sleep(IDLE / 2).await;
    }
    let after = &status(&endpoints, &endpoint).deployments[0];
    assert_eq!(after.figures.launched, 4);
    assert_eq!(after.figures.answered, 600);
}

#[tokio::test(start_paused = true)]
async fn changed_bounds_keep_the_replicas_that_fit_them() {
    let (endpoints, launcher) = endpoints();
    let endpoint = serve(&endpoints, deployment(3, 3)).await;
    endpoints
        .apply(spec("scaled", vec![deployment(0, 2)]), 2)
        .unwrap();
    endpoints.settled(&endpoint, 2).await.unwrap();
    burst(&endpoints, &endpoint, 1).await;
    let after = &status(&endpoints, &endpoint).deployments[0];
    assert_eq!((after.floor, after.most, after.figures.launched), (0, 2, 3));
    tokio::time::sleep(IDLE * 3).await;
    assert_eq!(*launcher.alive().borrow(), 0);
    endpoints
        .apply(spec("scaled", vec![deployment(2, 2)]), 3)
        .unwrap();
    endpoints.settled(&endpoint, 3).await.unwrap();
    assert_eq!(*launcher.alive().borrow(), 2);
}

#[tokio::test]
async fn the_memory_budget_decides_over_replicas_above_the_floor() {
    let bench = Bench::new();
    let endpoints = bench.endpoints.clone().with_memory(Some(1));
    let code =
        "import time\ndef predict(model, instances):\n    time.sleep(0.05)\n    return instances\n";
    let bounded = DeploymentSpec {
        replicas: 0,
        most_replicas: 4,
        timing: Timing {
            idle: Duration::from_millis(300),
            ..bench.deployment(code).timing
        },
        ..bench.deployment(code)
    };
    endpoints.apply(spec("bounded", vec![bounded]), 1).unwrap();
    endpoints.settled(&key("bounded"), 1).await.unwrap();
    let endpoint = key("bounded");
    let asked = (0..8).map(|_| endpoints.invoke(&endpoint, request("", "", "[1]")));
    for answered in futures::future::join_all(asked).await {
        answered.unwrap();
    }
    assert_eq!(
        status(&endpoints, &endpoint).deployments[0]
            .figures
            .launched,
        1
    );
    crate::support::eventually("it sleeps", || {
        status(&endpoints, &endpoint).deployments[0].ready == 0
    })
    .await;
    let refused = endpoints
        .invoke(&endpoint, request("", "", "[1]"))
        .await
        .unwrap_err();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.to_string().contains("memory budget"), "{refused}");
    assert!(refused.retry_after().is_some());
}
