//! Canaries, shadows and sticky callers, with replicas in memory that do as their deployment's name
//! says and a clock that only moves when nobody works.

use crate::support::{key, name, python, request, share};
use contracts::data_plane::CanaryVerdict;
use domain::traffic::{Canary, Shadow, Sticky, Traffic};
use http::{HeaderMap, StatusCode};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;
use tradewind_serving::figures::Figures;
use tradewind_serving::memory::MemoryLauncher;
use tradewind_serving::replica::ReplicaError;
use tradewind_serving::{
    Answer, Call, DeploymentSpec, EndpointSpec, Endpoints, Fault, LaunchOrder, Limits, Request,
};

const ENDPOINT: &str = "probation";

fn answer(status: StatusCode, body: String) -> Answer {
    Answer {
        status,
        content_type: "application/json".to_owned(),
        headers: Vec::new(),
        datatype: None,
        body: body.into(),
    }
}

/// Deployments called `fails…` raise, `refuses…` answer 503, `slow…` take their time, `odd…` answer
/// something else; all others answer the body.
fn endpoints() -> Endpoints {
    Endpoints::new(Arc::new(
        MemoryLauncher::new(Arc::new(|order: LaunchOrder, call: Call| {
            Box::pin(async move {
                let which = order.deployment.name.to_string();
                let work = if which.starts_with("slow") { 40 } else { 10 };
                sleep(Duration::from_millis(work)).await;
                let body = String::from_utf8_lossy(&call.body).into_owned();
                if which.starts_with("fails") {
                    let fault = Fault {
                        message: "no luck".to_owned(),
                        ..Fault::default()
                    };
                    return Err(ReplicaError::Fault(Box::new(fault)));
                }
                if which.starts_with("refuses") {
                    return Ok(answer(StatusCode::SERVICE_UNAVAILABLE, body));
                }
                let body = if which.starts_with("odd") {
                    "[-1]".to_owned()
                } else {
                    body
                };
                Ok(answer(StatusCode::OK, body))
            })
        }))
        .with_concurrency(8),
    ))
}

fn deployment(which: &str, percent: u16) -> DeploymentSpec {
    DeploymentSpec {
        share: share(percent),
        ..DeploymentSpec::new(name(which), PathBuf::from("/nowhere"), python())
    }
}

fn spec(deployments: &[(&str, u16)], traffic: Traffic) -> EndpointSpec {
    EndpointSpec {
        key: key(ENDPOINT),
        deployments: deployments
            .iter()
            .map(|(which, percent)| deployment(which, *percent))
            .collect(),
        limits: Limits::default(),
        traffic,
        capture: None,
    }
}

fn canary(which: &str) -> Traffic {
    Traffic {
        canary: Some(Canary {
            step_seconds: 5,
            answers: 20,
            most_latency_percent: Some(200),
            ..Canary::new(name(which))
        }),
        ..Traffic::default()
    }
}

async fn serve(deployments: &[(&str, u16)], traffic: Traffic) -> Endpoints {
    let endpoints = endpoints();
    endpoints.apply(spec(deployments, traffic), 1).unwrap();
    endpoints.settled(&key(ENDPOINT), 1).await.unwrap();
    endpoints
}

fn figures(endpoints: &Endpoints, which: &str) -> Figures {
    let status = endpoints.status(&key(ENDPOINT)).unwrap();
    let mut deployments = status.deployments.into_iter();
    deployments
        .find(|one| one.name == name(which))
        .unwrap()
        .figures
}

/// Requests one after the other, every one of which must be answered; by whom.
async fn ask(endpoints: &Endpoints, count: usize) -> Vec<String> {
    let mut answered = Vec::new();
    for number in 0..count {
        let body = format!("[{number}]");
        let request = request("application/json", "", body.clone());
        let response = endpoints.invoke(&key(ENDPOINT), request).await.unwrap();
        assert_eq!(
            (response.status, &response.body[..]),
            (StatusCode::OK, body.as_bytes())
        );
        answered.push(response.variant.to_string());
    }
    answered
}

#[tokio::test(start_paused = true)]
async fn a_canary_that_fails_is_sent_back_and_fails_nobody() {
    for which in ["fails", "refuses"] {
        let endpoints = serve(&[("blue", 80), (which, 20)], canary(which)).await;
        let answered = ask(&endpoints, 100).await;
        assert!(answered.iter().all(|by| by == "blue"));
        let reports = endpoints.canaries();
        assert_eq!(reports.len(), 1);
        assert_eq!(
            (reports[0].generation, reports[0].verdict),
            (1, CanaryVerdict::RollBack)
        );
        let (ours, blue) = (figures(&endpoints, which), figures(&endpoints, "blue"));
        let failed = ours.faults + ours.failed_answers;
        assert!(
            (3..20).contains(&failed),
            "{which}: {}",
            reports[0].evidence
        );
        assert_eq!((ours.rescued, blue.answered), (failed, 100));
        // Nothing more reaches it by its share, but it still answers to its name.
        ask(&endpoints, 50).await;
        let again = figures(&endpoints, which);
        assert_eq!(again.faults + again.failed_answers, failed);
        let by_name = Request {
            variant: Some(name(which)),
            ..request("application/json", "", "[]")
        };
        let asked = endpoints.invoke(&key(ENDPOINT), by_name).await;
        assert!(asked.map_or(true, |response| response.status.is_server_error()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_canary_is_sent_back_by_its_latency() {
    let endpoints = serve(&[("blue", 50), ("slow", 50)], canary("slow")).await;
    ask(&endpoints, 160).await;
    let report = endpoints.canaries().pop().unwrap();
    assert_eq!(report.verdict, CanaryVerdict::RollBack);
    assert!(report.evidence.contains("p99"), "{}", report.evidence);
    let before = figures(&endpoints, "slow").answered;
    assert!(ask(&endpoints, 20).await.iter().all(|by| by == "blue"));
    assert_eq!(figures(&endpoints, "slow").answered, before);
}

#[tokio::test(start_paused = true)]
async fn a_good_canary_advances_and_its_next_generation_is_watched_anew() {
    let endpoints = serve(&[("blue", 75), ("green", 25)], canary("green")).await;
    let answered = ask(&endpoints, 100).await;
    assert_eq!(answered.iter().filter(|by| *by == "green").count(), 25);
    assert!(endpoints.canaries().is_empty(), "five seconds are not over");
    sleep(Duration::from_secs(5)).await;
    let report = endpoints.canaries().pop().unwrap();
    assert_eq!(report.verdict, CanaryVerdict::Advance);
    let next = spec(&[("blue", 50), ("green", 50)], canary("green"));
    endpoints.apply(next, 2).unwrap();
    endpoints.settled(&key(ENDPOINT), 2).await.unwrap();
    assert!(endpoints.canaries().is_empty());
    let answered = ask(&endpoints, 100).await;
    assert_eq!(answered.iter().filter(|by| *by == "green").count(), 50);
    // A canary that gets too few requests is not promoted by time alone.
    let last = spec(&[("blue", 75), ("green", 25)], canary("green"));
    endpoints.apply(last, 3).unwrap();
    endpoints.settled(&key(ENDPOINT), 3).await.unwrap();
    sleep(Duration::from_mins(10)).await;
    assert!(endpoints.canaries().is_empty());
    endpoints.remove(&key(ENDPOINT)).await;
    assert!(endpoints.canaries().is_empty());
}

#[tokio::test(start_paused = true)]
async fn shadows_get_copies_and_callers_never_their_answers() {
    let traffic = Traffic {
        shadows: [("odd", 50), ("fails", 10), ("grey", 100)]
            .map(|(which, percent)| Shadow {
                deployment: name(which),
                share: share(percent),
            })
            .into(),
        ..Traffic::default()
    };
    let deployments = [("blue", 100), ("odd", 0), ("fails", 0), ("grey", 0)];
    let endpoints = serve(&deployments, traffic).await;
    assert!(ask(&endpoints, 100).await.iter().all(|by| by == "blue"));
    sleep(Duration::from_secs(1)).await;
    let counts = |which| {
        let seen = figures(&endpoints, which);
        (
            seen.copies,
            seen.copies_equal,
            seen.copies_different,
            seen.faults,
        )
    };
    assert_eq!(counts("blue"), (0, 0, 0, 0));
    assert_eq!(counts("odd"), (50, 0, 50, 0));
    assert_eq!(counts("fails"), (10, 0, 10, 10));
    assert_eq!(counts("grey"), (100, 100, 0, 0));
    assert_eq!(figures(&endpoints, "blue").answered, 100);
    // More copies at once than there is room for are left out instead of queued.
    let to = key(ENDPOINT);
    let calls = (0..200).map(|_| endpoints.invoke(&to, request("application/json", "", "[1]")));
    for answered in futures::future::join_all(calls).await {
        assert!(answered.is_ok());
    }
    sleep(Duration::from_secs(5)).await;
    let grey = figures(&endpoints, "grey");
    assert_eq!(grey.copies + grey.copies_left_out, 300);
}

#[tokio::test(start_paused = true)]
async fn sticky_callers_stay_and_only_those_of_the_growing_share_move() {
    let sticky = |by: Sticky| Traffic {
        sticky: Some(by),
        ..Traffic::default()
    };
    let by_header = sticky(Sticky::Header("x-user".to_owned()));
    let endpoints = serve(&[("blue", 80), ("green", 20)], by_header.clone()).await;
    let asked = |user: usize| {
        let mut headers = HeaderMap::new();
        headers.insert("x-user", user.to_string().parse().unwrap());
        let request = Request {
            headers,
            ..request("application/json", "", "[]")
        };
        let endpoints = endpoints.clone();
        async move {
            let response = endpoints.invoke(&key(ENDPOINT), request).await.unwrap();
            response.variant.to_string()
        }
    };
    let mut before = Vec::new();
    for user in 0..300 {
        before.push(asked(user).await);
        assert_eq!(asked(user).await, before[user]);
    }
    let green = before.iter().filter(|by| *by == "green").count();
    assert!((40..80).contains(&green), "{green}");
    let more = spec(&[("blue", 60), ("green", 40)], by_header);
    endpoints.apply(more, 2).unwrap();
    endpoints.settled(&key(ENDPOINT), 2).await.unwrap();
    for (user, before) in before.iter().enumerate() {
        let after = asked(user).await;
        assert!(
            after == *before || after == "green",
            "{user}: {before} → {after}"
        );
    }
    // Without a value the shares divide.
    let answered = ask(&endpoints, 100).await;
    assert_eq!(answered.iter().filter(|by| *by == "green").count(), 40);
}
