//! Replacement and traffic shares with Python workers.

use crate::support::{Bench, eventually, key, name, request, runs, share, spec};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tradewind_serving::{DeploymentSpec, Error, Phase};

fn versioned(bench: &Bench, version: u32) -> DeploymentSpec {
    let code = format!("def predict(model, instances):\n    return ['v{version}']\n");
    DeploymentSpec {
        replicas: 2,
        ..bench.deployment(&code)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rolling_replacement_under_load_fails_no_request() {
    let bench = Arc::new(Bench::new());
    let endpoint = bench.serve("rolling", versioned(&bench, 1)).await;
    let first = bench.processes(&endpoint);
    let stop = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicU64::new(0));
    let fourth = Arc::new(AtomicU64::new(0));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (bench, endpoint) = (Arc::clone(&bench), endpoint.clone());
            let (stop, answered) = (Arc::clone(&stop), Arc::clone(&answered));
            let fourth = Arc::clone(&fourth);
            tokio::spawn(async move {
                let mut last = 1;
                while !stop.load(Ordering::Relaxed) {
                    let response = bench.json(&endpoint, "[]").await.expect("no request fails");
                    let text = String::from_utf8(response.body.to_vec()).unwrap();
                    let version: u32 = text
                        .trim_matches(|c: char| !c.is_ascii_digit())
                        .parse()
                        .unwrap();
                    assert!(
                        version >= last,
                        "a client never goes back from v{last} to v{version}"
                    );
                    last = version;
                    answered.fetch_add(1, Ordering::Relaxed);
                    if version == 4 {
                        fourth.fetch_add(1, Ordering::Relaxed);
                    }
                }
                last
            })
        })
        .collect();
    for version in 2..=4 {
        let before = answered.load(Ordering::Relaxed);
        let spec = spec("rolling", vec![versioned(&bench, version)]);
        bench.endpoints.apply(spec, u64::from(version)).unwrap();
        bench.settled("rolling", u64::from(version)).await.unwrap();
        eventually("requests went on", || {
            answered.load(Ordering::Relaxed) > before + 20
        })
        .await;
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(
        &bench.json(&endpoint, "[]").await.unwrap().body[..],
        b"{\"predictions\":[\"v4\"]}"
    );
    fourth.fetch_add(1, Ordering::Relaxed);
    eventually("the first replicas are gone", || {
        first.iter().all(|pid| !runs(*pid))
    })
    .await;
    let figures = bench.endpoints.status(&endpoint).unwrap().deployments[0]
        .figures
        .clone();
    // Another version is counted from its start.
    assert_eq!(figures.answered, fourth.load(Ordering::Relaxed));
    assert_eq!(
        (
            figures.crashed,
            figures.faults,
            figures.unavailable,
            figures.lost
        ),
        (0, 0, 0, 0)
    );
    assert_eq!(figures.latency.count, figures.answered);
}

#[tokio::test]
async fn a_replacement_that_does_not_start_leaves_the_present_one() {
    let bench = Bench::new();
    let endpoint = bench.serve("stuck", versioned(&bench, 1)).await;
    let broken = bench.deployment("raise ValueError('not this time')\n");
    bench
        .endpoints
        .apply(spec("stuck", vec![broken]), 2)
        .unwrap();
    let error = bench.settled("stuck", 2).await.unwrap_err().to_string();
    assert!(
        error.contains("not this time") && error.contains("line 1"),
        "{error}"
    );
    let status = bench.endpoints.status(&endpoint).unwrap();
    assert!(matches!(status.phase, Phase::Failing { .. }));
    assert_eq!((status.generation, status.serving), (2, Some(1)));
    assert_eq!(
        &bench.json(&endpoint, "[]").await.unwrap().body[..],
        b"{\"predictions\":[\"v1\"]}"
    );
    bench
        .endpoints
        .apply(spec("stuck", vec![versioned(&bench, 3)]), 3)
        .unwrap();
    bench.settled("stuck", 3).await.unwrap();
    assert_eq!(
        &bench.json(&endpoint, "[]").await.unwrap().body[..],
        b"{\"predictions\":[\"v3\"]}"
    );
    let stale = bench
        .endpoints
        .apply(spec("stuck", vec![versioned(&bench, 1)]), 2);
    assert_eq!(
        stale,
        Err(Error::Stale {
            given: 2,
            present: 3
        })
    );
}

#[tokio::test]
async fn traffic_is_split_ninety_to_ten_exactly() {
    let bench = Bench::new();
    let named = |version, text: &str, percent| DeploymentSpec {
        name: name(text),
        share: share(percent),
        replicas: 1,
        ..versioned(&bench, version)
    };
    let (blue, green) = (named(1, "blue", 90), named(2, "green", 10));
    bench
        .endpoints
        .apply(spec("split", vec![blue.clone(), green.clone()]), 1)
        .unwrap();
    bench.settled("split", 1).await.unwrap();
    let endpoint = key("split");
    let mut greens = 0;
    for _ in 0..200 {
        let response = bench.json(&endpoint, "[]").await.unwrap();
        let is_green = response.variant == name("green");
        assert_eq!(
            &response.body[..] == b"{\"predictions\":[\"v2\"]}",
            is_green
        );
        greens += u32::from(is_green);
    }
    assert_eq!(greens, 20);
    let mut pinned = request("", "", "[]");
    pinned.variant = Some(name("green"));
    assert_eq!(
        bench
            .endpoints
            .invoke(&endpoint, pinned.clone())
            .await
            .unwrap()
            .variant,
        name("green")
    );
    pinned.variant = Some(name("red"));
    assert_eq!(
        bench
            .endpoints
            .invoke(&endpoint, pinned)
            .await
            .unwrap_err()
            .status(),
        404
    );
    // Moving the shares starts nothing new.
    let before = bench.processes(&endpoint);
    let (blue, green) = (
        DeploymentSpec {
            share: share(0),
            ..blue
        },
        DeploymentSpec {
            share: share(100),
            ..green
        },
    );
    bench
        .endpoints
        .apply(spec("split", vec![blue, green]), 2)
        .unwrap();
    bench.settled("split", 2).await.unwrap();
    assert_eq!(bench.processes(&endpoint), before);
    assert_eq!(
        bench.json(&endpoint, "[]").await.unwrap().variant,
        name("green")
    );
}

#[tokio::test]
async fn another_model_under_the_same_name_is_counted_from_the_start() {
    let bench = Bench::new();
    let of = |model: &str| DeploymentSpec {
        model: model.to_owned(),
        ..bench.deployment("def predict(model, instances):\n    return instances\n")
    };
    let answered = |endpoint| {
        bench.endpoints.status(endpoint).unwrap().deployments[0]
            .figures
            .answered
    };
    let endpoint = bench.serve("counted", of("first:2")).await;
    bench.answer(&endpoint, "[]").await;
    assert_eq!(answered(&endpoint), 1);
    let second = spec("counted", vec![of("second:2")]);
    bench.endpoints.apply(second, 2).unwrap();
    bench.settled("counted", 2).await.unwrap();
    assert_eq!(answered(&endpoint), 0);
    let first = spec("counted", vec![of("first:2")]);
    bench.endpoints.apply(first, 3).unwrap();
    bench.settled("counted", 3).await.unwrap();
    assert_eq!(answered(&endpoint), 1);
}
