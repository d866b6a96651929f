//! Data capture into a bucket, and the drift that is read out of it.

use crate::support::{Bench, key, name, python, request, share};
use bytes::Bytes;
use contracts::objects::memory::Memory;
use contracts::objects::{ListObjects, Objects, PutOptions};
use contracts::world::{Clock, Entropy, World};
use domain::traffic::{Capture, Kept, Traffic};
use domain::{Share, Timestamp, Workspace};
use futures::StreamExt;
use http::StatusCode;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tradewind_serving::capture::Recorder;
use tradewind_serving::drift::{Change, DriftError, drift};
use tradewind_serving::memory::MemoryLauncher;
use tradewind_serving::replica::ReplicaError;
use tradewind_serving::{
    Answer, Call, DeploymentSpec, EndpointSpec, Endpoints, LaunchOrder, Limits,
};

/// A second passes with every look.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(1_795_788_000_000 + self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        for (place, byte) in buffer.iter_mut().rev().zip(number.iter().rev()) {
            *place = *byte;
        }
    }
}

fn world() -> World {
    World {
        clock: Arc::new(Ticking(AtomicI64::new(0))),
        entropy: Arc::new(Counting(AtomicU64::new(0))),
    }
}

/// Endpoints that answer 1 for every row, and the store that they capture into.
fn endpoints() -> (Endpoints, Arc<Memory>) {
    let launcher = MemoryLauncher::new(Arc::new(|_: LaunchOrder, call: Call| {
        Box::pin(async move {
            let status = if call.body.starts_with(b"bad") {
                StatusCode::BAD_REQUEST
            } else {
                StatusCode::OK
            };
            Ok::<Answer, ReplicaError>(Answer {
                status,
                content_type: "application/json".to_owned(),
                headers: Vec::new(),
                datatype: None,
                body: Bytes::from_static(br#"{"predictions": [1]}"#),
            })
        })
    }));
    let store = Arc::new(Memory::new(world(), std::env::temp_dir()));
    let recorder = Recorder::new(store.clone(), world(), Duration::from_secs(15));
    (
        Endpoints::new(Arc::new(launcher)).with_recorder(recorder),
        store,
    )
}

fn capture(percent: u16, baseline: Option<&str>) -> Capture {
    Capture {
        share: share(percent),
        location: "s3://watch/records/".to_owned(),
        baseline: baseline.map(str::to_owned),
        keeps: Kept::Both,
    }
}

async fn serve(endpoints: &Endpoints, capture: Option<Capture>) {
    let deployment = DeploymentSpec {
        share: Share::ALL,
        ..DeploymentSpec::new(name("blue"), PathBuf::from("/nowhere"), python())
    };
    let spec = EndpointSpec {
        key: key("watched"),
        deployments: vec![deployment],
        limits: Limits::default(),
        traffic: Traffic::default(),
        capture,
    };
    endpoints.apply(spec, 1).unwrap();
    endpoints.settled(&key("watched"), 1).await.unwrap();
}

async fn ask(endpoints: &Endpoints, content_type: &str, body: String) {
    let request = request(content_type, "", body);
    endpoints.invoke(&key("watched"), request).await.unwrap();
}

async fn records(store: &Memory) -> (Vec<String>, String) {
    let all = ListObjects::default();
    let page = store.list(&Workspace::default(), "watch", &all).await;
    let keys: Vec<String> = page
        .unwrap()
        .objects
        .into_iter()
        .map(|one| one.key)
        .collect();
    let mut text = String::new();
    for key in &keys {
        let got = store.get(&Workspace::default(), "watch", key, None).await;
        let mut stream = got.unwrap().1;
        while let Some(piece) = stream.next().await {
            text += std::str::from_utf8(&piece.unwrap()).unwrap();
        }
    }
    (keys, text)
}

#[tokio::test(start_paused = true)]
async fn a_share_of_the_requests_is_kept_as_sagemaker_keeps_it() {
    let (endpoints, store) = endpoints();
    serve(&endpoints, Some(capture(25, None))).await;
    for number in 0..100 {
        ask(&endpoints, "text/csv", format!("{number},2")).await;
    }
    ask(&endpoints, "text/csv", "bad".to_owned()).await;
    ask(&endpoints, "text/csv", "1,".repeat(200_000)).await;
    // They reach the bucket by themselves.
    tokio::time::sleep(Duration::from_secs(20)).await;
    let (keys, text) = records(&store).await;
    assert_eq!(keys.len(), 1);
    let shape = "records/watched/blue/2026/11/27/14/";
    assert!(
        keys[0].starts_with(shape)
            && Path::new(&keys[0])
                .extension()
                .is_some_and(|kind| kind == "jsonl"),
        "{}",
        keys[0]
    );
    assert_eq!(text.lines().count(), 25);
    let record: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let input = &record["captureData"]["endpointInput"];
    assert_eq!(input["data"], "3,2");
    assert_eq!(
        (&input["encoding"], &input["mode"]),
        (&"CSV".into(), &"INPUT".into())
    );
    let output = &record["captureData"]["endpointOutput"];
    assert_eq!(output["data"], r#"{"predictions": [1]}"#);
    assert_eq!(record["eventVersion"], "0");
    assert!(
        record["eventMetadata"]["inferenceTime"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
}

#[tokio::test(start_paused = true)]
async fn drift_is_told_beside_training_data_and_beside_the_first_requests() {
    let (endpoints, store) = endpoints();
    let mut training = "steady,moving\n".to_owned();
    for row in 0..500 {
        training += &format!("{},{}\n", row % 50, row % 40);
    }
    let to = Workspace::default();
    store.ensure_bucket(&to, "train").await.unwrap();
    let body = futures::stream::once(std::future::ready(Ok(Bytes::from(training)))).boxed();
    let put = store.put(&to, "train", "d.csv", body, PutOptions::default());
    put.await.unwrap();
    let beside = capture(100, Some("s3://train/d.csv"));
    serve(&endpoints, Some(beside.clone())).await;
    let early = drift(&endpoints, &key("watched"), Some(&beside)).await;
    assert!(
        matches!(
            early,
            Err(DriftError::TooFew {
                baseline: 500,
                rows: 0
            })
        ),
        "{early:?}"
    );
    for row in 0..400 {
        let body = format!(
            r#"{{"dataframe_split": {{"columns": ["moving", "steady"], "data": [[{}, {}]]}}}}"#,
            row % 40 + 25,
            row % 50
        );
        ask(&endpoints, "application/json", body).await;
    }
    ask(&endpoints, "application/json", "{}".to_owned()).await;
    let report = drift(&endpoints, &key("watched"), Some(&beside))
        .await
        .unwrap();
    assert_eq!(
        (report.baseline_rows, report.rows, report.unread),
        (500, 400, 1)
    );
    let seen: Vec<_> = report
        .features
        .iter()
        .map(|f| (f.name.as_str(), f.change))
        .collect();
    assert_eq!(
        seen,
        [("moving", Change::Strong), ("steady", Change::Stable)]
    );
    assert!(report.features[0].ks_chance.unwrap() < 1e-6);
    // Beside the first requests nothing has moved: they were all alike.
    let first = capture(100, None);
    let few = drift(&endpoints, &key("watched"), Some(&first)).await;
    assert!(
        matches!(
            few,
            Err(DriftError::TooFew {
                baseline: 400,
                rows: 0
            })
        ),
        "{few:?}"
    );
    for row in 0..1_200 {
        let body = format!(
            r#"{{"columns": ["moving", "steady"], "data": [[{}, {}]]}}"#,
            row % 40 + 25,
            row % 50
        );
        ask(&endpoints, "application/json", body).await;
    }
    let report = drift(&endpoints, &key("watched"), Some(&first))
        .await
        .unwrap();
    assert_eq!((report.baseline_rows, report.rows), (1_000, 600));
    assert!(
        report
            .features
            .iter()
            .all(|feature| feature.change == Change::Stable)
    );
    assert!(
        report
            .features
            .iter()
            .any(|feature| feature.name == "prediction")
    );
}

#[tokio::test]
async fn drift_without_a_capture_or_with_a_bad_baseline_says_so() {
    let (endpoints, _store) = endpoints();
    serve(&endpoints, None).await;
    let none = drift(&endpoints, &key("watched"), None).await;
    assert!(matches!(none, Err(DriftError::NoCapture(_))));
    let missing = capture(100, Some("s3://nowhere/d.csv"));
    let missing = drift(&endpoints, &key("watched"), Some(&missing)).await;
    assert!(
        matches!(missing, Err(DriftError::Objects(_))),
        "{missing:?}"
    );
    // Endpoints of a server that captures nothing answer all the same.
    let bench = Bench::new();
    let served = bench
        .serve("plain", bench.deployment("def predict(m, i): return i\n"))
        .await;
    assert_eq!(bench.answer(&served, "[1]").await["predictions"][0], 1);
}
