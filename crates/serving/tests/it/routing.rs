//! Queues, back-off and validation, with replicas in memory.

use crate::support::{eventually, key, name, request, share, spec};
use futures::future::BoxFuture;
use http::StatusCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tradewind_serving::memory::MemoryLauncher;
use tradewind_serving::replica::Joins;
use tradewind_serving::{
    Answer, Call, DeploymentSpec, Endpoints, Error, Fault, LaunchError, LaunchOrder, Phase,
};

fn answer(text: &str) -> Answer {
    Answer {
        status: StatusCode::OK,
        content_type: "text/plain".to_owned(),
        headers: Vec::new(),
        datatype: None,
        body: text.to_owned().into(),
    }
}

/// Replicas that each wait for a permit of the gate before they answer.
fn gated(gate: &Arc<Semaphore>) -> MemoryLauncher {
    let gate = Arc::clone(gate);
    MemoryLauncher::new(Arc::new(
        move |_: LaunchOrder, _: Call| -> BoxFuture<'static, _> {
            let gate = Arc::clone(&gate);
            Box::pin(async move {
                gate.acquire().await.unwrap().forget();
                Ok(answer("done"))
            })
        },
    ))
}

fn plain(queue: usize, replicas: u32) -> DeploymentSpec {
    let nowhere = std::path::PathBuf::from("/nonexistent");
    DeploymentSpec {
        queue,
        replicas,
        ..DeploymentSpec::new(name("main"), nowhere.clone(), nowhere)
    }
}

#[tokio::test]
async fn the_queue_is_bounded_and_fair() {
    let gate = Arc::new(Semaphore::new(0));
    let endpoints = Endpoints::new(Arc::new(gated(&gate)));
    endpoints
        .apply(spec("queue", vec![plain(3, 2)]), 1)
        .unwrap();
    endpoints.settled(&key("queue"), 1).await.unwrap();
    let mut calls = Vec::new();
    for number in 1..=5 {
        let caller = endpoints.clone();
        calls.push(tokio::spawn(async move {
            caller.invoke(&key("queue"), request("", "", "")).await
        }));
        eventually(&format!("call {number} has arrived"), || {
            let deployment = &endpoints_status(&endpoints).deployments[0];
            deployment.running + deployment.waiting == number
        })
        .await;
    }
    let refused = endpoints
        .invoke(&key("queue"), request("", "", ""))
        .await
        .unwrap_err();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        refused.retry_after(),
        Some(2),
        "3 waiting on 2 replicas are 2 rounds of a guessed second"
    );
    // A caller who leaves the queue frees its place at once.
    let leaver = calls.remove(4);
    leaver.abort();
    assert!(leaver.await.unwrap_err().is_cancelled());
    let mut brief = request("", "", "");
    brief.deadline = Duration::from_millis(20);
    let crowded = endpoints.invoke(&key("queue"), brief).await.unwrap_err();
    assert!(matches!(crowded, Error::Crowded { .. }), "{crowded}");
    gate.add_permits(4);
    for call in calls {
        assert_eq!(&call.await.unwrap().unwrap().body[..], b"done");
    }
    let figures = endpoints_status(&endpoints).deployments[0].figures.clone();
    assert_eq!(
        (figures.answered, figures.busy, figures.unavailable),
        (4, 1, 1)
    );
}

fn endpoints_status(endpoints: &Endpoints) -> tradewind_serving::EndpointStatus {
    endpoints.status(&key("queue")).unwrap()
}

#[tokio::test]
async fn requests_wait_for_the_first_replica_instead_of_failing() {
    let gate = Arc::new(Semaphore::new(10));
    let endpoints = Endpoints::new(Arc::new(gated(&gate)));
    endpoints
        .apply(spec("first", vec![plain(10, 1)]), 1)
        .unwrap();
    let response = endpoints
        .invoke(&key("first"), request("", "", ""))
        .await
        .unwrap();
    assert_eq!(&response.body[..], b"done");
}

#[tokio::test]
async fn a_replica_may_take_several_calls_at_a_time() {
    let gate = Arc::new(Semaphore::new(0));
    let endpoints = Endpoints::new(Arc::new(gated(&gate).with_concurrency(4)));
    endpoints
        .apply(spec("queue", vec![plain(0, 1)]), 1)
        .unwrap();
    endpoints.settled(&key("queue"), 1).await.unwrap();
    let calls: Vec<_> = (0..4)
        .map(|_| {
            let endpoints = endpoints.clone();
            tokio::spawn(async move { endpoints.invoke(&key("queue"), request("", "", "")).await })
        })
        .collect();
    eventually("four run", || {
        endpoints_status(&endpoints).deployments[0].running == 4
    })
    .await;
    let refused = endpoints
        .invoke(&key("queue"), request("", "", ""))
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Busy { .. }), "{refused}");
    gate.add_permits(4);
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_fails_is_tried_again_more_and_more_slowly() {
    let allowed = Arc::new(AtomicBool::new(false));
    let tries = Arc::new(AtomicU64::new(0));
    let gate = Arc::new(Semaphore::new(100));
    let (seen, counted) = (Arc::clone(&allowed), Arc::clone(&tries));
    let launcher = gated(&gate).with_admission(Arc::new(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        if seen.load(Ordering::Relaxed) {
            return Ok(());
        }
        let fault = Fault {
            kind: "OSError".to_owned(),
            message: "full".to_owned(),
            ..Fault::default()
        };
        Err(LaunchError::Fault(Box::new(fault)))
    }));
    let endpoints = Endpoints::new(Arc::new(launcher));
    endpoints
        .apply(spec("again", vec![plain(10, 1)]), 1)
        .unwrap();
    let error = endpoints
        .settled(&key("again"), 1)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("OSError: full"), "{error}");
    let refused = endpoints
        .invoke(&key("again"), request("", "", ""))
        .await
        .unwrap_err();
    assert!(matches!(&refused, Error::Unavailable { message, .. } if message.contains("full")));
    tokio::time::sleep(Duration::from_mins(2)).await;
    let slow = tries.load(Ordering::Relaxed);
    assert!((8..=16).contains(&slow), "{slow} starts in two minutes");
    allowed.store(true, Ordering::Relaxed);
    tokio::time::timeout(Duration::from_secs(40), async {
        while endpoints.status(&key("again")).unwrap().phase != Phase::Ready {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .expect("it heals by itself");
    endpoints
        .invoke(&key("again"), request("", "", ""))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_memory_launcher_conforms_and_leaves_no_replica() {
    let gate = Arc::new(Semaphore::new(1_000));
    let launcher = gated(&gate);
    let order = LaunchOrder {
        endpoint: key("conformance"),
        deployment: Arc::new(plain(1, 1)),
        number: 1,
        limits: tradewind_serving::Limits::default(),
        engine: tradewind_serving::replica::Engine::Python(None),
    };
    let call = Call {
        content_type: String::new(),
        accept: String::new(),
        body: "x".into(),
        deadline: tokio::time::Instant::now() + Duration::from_mins(1),
        joins: Joins::Rows,
        stages: tradewind_serving::traces::Stages::default(),
    };
    tradewind_serving::conformance::launcher(&launcher, &order, &call)
        .await
        .unwrap();
    assert_eq!(*launcher.alive().borrow(), 0);
}

#[tokio::test]
async fn specs_that_contradict_themselves_are_refused() {
    let endpoints = Endpoints::new(Arc::new(gated(&Arc::new(Semaphore::new(0)))));
    let cases = [
        (vec![], "between 1 and"),
        (vec![plain(1, 1), plain(1, 1)], "twice"),
        (vec![plain(1, 257)], "at most 256"),
        (
            vec![DeploymentSpec {
                share: share(0),
                ..plain(1, 1)
            }],
            "share",
        ),
    ];
    for (deployments, words) in cases {
        let error = endpoints.apply(spec("wrong", deployments), 1).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
    assert!(endpoints.list().is_empty());
}
