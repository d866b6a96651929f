//! `GET /endpoints/{name}/status`: what an endpoint does on this server: what computes, replicas, queues, latencies.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::{EndpointName, Refusal};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serving::histogram::{Bucket, HistogramSnapshot};
use serving::replica::{Birth, Engine, Facts};
use serving::status::Role;
use serving::{DeploymentStatus, EndpointKey};
use std::collections::BTreeSet;

pub(super) const DESCRIBED: Described = Described {
    id: "get_endpoint_status",
    method: "get",
    path: "/api/v1/endpoints/{name}/status",
    summary: "what an endpoint does on this server: what computes, replicas, queues, latencies",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<EndpointReport>),
};

/// An endpoint on this server.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct EndpointReport {
    /// The generation that requests reach, if any.
    generation: Option<u64>,
    deployments: Vec<DeploymentReport>,
}

/// A deployment on this server.
#[derive(Debug, Serialize, JsonSchema)]
struct DeploymentReport {
    name: String,
    model: String,
    /// False while it is being started to take over.
    serving: bool,
    /// `native` where the server evaluates the model itself, `python`, or nothing while asleep.
    engine: Option<&'static str>,
    /// Why the Python worker computes, or how the native model was compared with it.
    engine_detail: Option<String>,
    /// How the replicas came to be: `fresh`, `forked`.
    births: Vec<String>,
    /// What of the isolation of its workers this machine did not allow.
    not_enforced: Vec<String>,
    replicas: ReplicaCounts,
    running: usize,
    waiting: usize,
    /// Why the last start failed, if none has succeeded since.
    trouble: Option<String>,
    requests: RequestCounts,
    /// Requests that ended a second, however they ended, over the last minute.
    per_second: f64,
    /// What it did as a shadow.
    copies: CopyCounts,
    latency: Durations,
    queue: Durations,
    start: Durations,
    /// Calls that were computed together, and in how many batches, by present replicas.
    batched_calls: u64,
    batches: u64,
}

/// Replicas, now and in bounds.
#[derive(Debug, Serialize, JsonSchema)]
struct ReplicaCounts {
    ready: u32,
    starting: u32,
    wanted: u32,
    floor: u32,
    most: u32,
}

/// Requests since the endpoint was made, by how they ended.
#[derive(Debug, Serialize, JsonSchema)]
struct RequestCounts {
    answered: u64,
    refused: u64,
    faults: u64,
    busy: u64,
    unavailable: u64,
    late: u64,
    hung: u64,
    crashed: u64,
    retried: u64,
    /// Requests that found no replica and waited for a start.
    cold_starts: u64,
    /// Of the answered: those with a status of 500 or more.
    failed_answers: u64,
    /// Requests that it failed as a canary and that another deployment answered.
    rescued: u64,
}

/// Copies of requests, by what came of them.
#[derive(Debug, Serialize, JsonSchema)]
struct CopyCounts {
    made: u64,
    equal: u64,
    different: u64,
    left_out: u64,
}

/// Durations in milliseconds; nothing before the first.
#[derive(Debug, Serialize, JsonSchema)]
struct Durations {
    count: u64,
    mean: Option<f64>,
    p50: Option<f64>,
    p90: Option<f64>,
    p99: Option<f64>,
    /// The buckets that hold anything, in ascending order.
    buckets: Vec<BucketCount>,
}

/// A bucket of a histogram, not cumulative.
#[derive(Debug, Serialize, JsonSchema)]
struct BucketCount {
    /// Upper bound in milliseconds, included; nothing for the last, which has none.
    at_most: Option<f64>,
    count: u64,
}

impl From<&Bucket> for BucketCount {
    fn from(seen: &Bucket) -> Self {
        Self {
            at_most: seen.at_most_micros.map(|micros| micros as f64 / 1e3),
            count: seen.count,
        }
    }
}

impl From<&HistogramSnapshot> for Durations {
    fn from(seen: &HistogramSnapshot) -> Self {
        let milliseconds =
            |duration: Option<std::time::Duration>| duration.map(|d| d.as_secs_f64() * 1e3);
        Self {
            count: seen.count,
            mean: milliseconds(seen.mean()),
            p50: milliseconds(seen.quantile(0.5)),
            p90: milliseconds(seen.quantile(0.9)),
            p99: milliseconds(seen.quantile(0.99)),
            buckets: seen.buckets.iter().map(BucketCount::from).collect(),
        }
    }
}

fn engine(facts: Option<&Facts>) -> (Option<&'static str>, Option<String>) {
    match facts.map(|facts| &facts.engine) {
        None => (None, None),
        Some(Engine::Python(why)) => (Some("python"), why.clone()),
        Some(Engine::Native { family, comparison }) => {
            let difference = comparison.largest_difference;
            let how = if difference == 0.0 {
                "to the last bit".to_owned()
            } else {
                format!("within {difference:.1e}")
            };
            let answered = comparison.answered;
            let detail = format!("{family}, equal to Python on {answered} requests {how}");
            (Some("native"), Some(detail))
        }
    }
}

fn not_enforced(replicas: &[Facts]) -> Vec<String> {
    let words: BTreeSet<&String> = replicas.iter().flat_map(|facts| &facts.lacks).collect();
    words.into_iter().cloned().collect()
}

fn birth(facts: &Facts) -> String {
    match &facts.birth {
        Birth::Fresh => "fresh".to_owned(),
        Birth::FreshBecause(reason) => format!("fresh: {reason}"),
        Birth::Forked => "forked".to_owned(),
    }
}

fn report(status: DeploymentStatus) -> DeploymentReport {
    let (engine, engine_detail) = engine(status.replicas.first());
    let figures = &status.figures;
    DeploymentReport {
        name: status.name.to_string(),
        model: status.model,
        serving: status.role == Role::Serving,
        engine,
        engine_detail,
        births: status.replicas.iter().map(birth).collect(),
        not_enforced: not_enforced(&status.replicas),
        replicas: ReplicaCounts {
            ready: status.ready,
            starting: status.starting,
            wanted: status.wanted,
            floor: status.floor,
            most: status.most,
        },
        running: status.running,
        waiting: status.waiting,
        trouble: status.trouble,
        requests: RequestCounts {
            answered: figures.answered,
            refused: figures.refused,
            faults: figures.faults,
            busy: figures.busy,
            unavailable: figures.unavailable,
            late: figures.late,
            hung: figures.hung,
            crashed: figures.crashed,
            retried: figures.retried,
            cold_starts: figures.woken,
            failed_answers: figures.failed_answers,
            rescued: figures.rescued,
        },
        per_second: figures.per_second,
        copies: CopyCounts {
            made: figures.copies,
            equal: figures.copies_equal,
            different: figures.copies_different,
            left_out: figures.copies_left_out,
        },
        latency: (&figures.latency).into(),
        queue: (&figures.waiting).into(),
        start: (&figures.starts).into(),
        batched_calls: status.batches.calls,
        batches: status.batches.batches,
    }
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<EndpointName>,
) -> Result<Json<EndpointReport>, Fault> {
    caller.may_read()?;
    let key = EndpointKey {
        workspace: caller.workspace.clone(),
        name: name.clone(),
    };
    let status = native.endpoints.status(&key);
    let status = status.ok_or_else(|| Refusal::not_found("endpoint", name))?;
    Ok(Json(EndpointReport {
        generation: status.serving,
        deployments: status.deployments.into_iter().map(report).collect(),
    }))
}
