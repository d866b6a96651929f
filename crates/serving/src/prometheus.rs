//! The figures of endpoints in Prometheus' text format, version 0.0.4 (prometheus.io, "Exposition
//! formats").

use crate::endpoints::Endpoints;
use crate::histogram::HistogramSnapshot;
use crate::replica::Engine;
use crate::status::{DeploymentStatus, Role};
use domain::Workspace;
use std::fmt::Write;

/// The first and the last upper bound of the histograms: 2^6 and 2^25 microseconds, 64 µs and 34 s.
/// They are bounds of [`crate::histogram::Histogram`] itself, so that no bucket is guessed.
const FIRST_POWER: u32 = 6;
const LAST_POWER: u32 = 25;

/// The media type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Reads a figure.
type Read = fn(&DeploymentStatus) -> u64;

/// A deployment that serves, with the name of its endpoint.
struct Series {
    endpoint: String,
    status: DeploymentStatus,
}

/// The figures of all endpoints of a workspace.
pub fn render(endpoints: &Endpoints, workspace: &Workspace) -> String {
    let mut series = Vec::new();
    for key in endpoints
        .list()
        .into_iter()
        .filter(|key| key.workspace == *workspace)
    {
        let Some(status) = endpoints.status(&key) else {
            continue;
        };
        let serving = status.deployments.into_iter();
        series.extend(
            serving
                .filter(|one| one.role == Role::Serving)
                .map(|status| Series {
                    endpoint: key.name.to_string(),
                    status,
                }),
        );
    }
    let mut text = String::new();
    requests(&mut text, &series);
    gauges(&mut text, &series);
    histogram(
        &mut text,
        &series,
        "request_seconds",
        "from request to answer",
        |figures| &figures.latency,
    );
    histogram(
        &mut text,
        &series,
        "queue_seconds",
        "in the queue",
        |figures| &figures.waiting,
    );
    histogram(
        &mut text,
        &series,
        "start_seconds",
        "from starting a replica to its being ready",
        |figures| &figures.starts,
    );
    if let Some(spans) = endpoints.spans() {
        let name = "tradewind_spans_dropped_total";
        let count = spans.drops().count();
        let _ = writeln!(
            text,
            "# HELP {name} Requests of all workspaces whose spans the collector did not get.\n\
             # TYPE {name} counter\n{name} {count}"
        );
    }
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(
        text,
        "# HELP tradewind_{name} {help}\n# TYPE tradewind_{name} {kind}"
    );
}

fn labels(series: &Series) -> String {
    let (name, model) = (&series.status.name, &series.status.model);
    // Names hold neither quotes nor backslashes.
    format!(
        "endpoint=\"{}\",deployment=\"{name}\",model=\"{model}\"",
        series.endpoint
    )
}

fn requests(text: &mut String, all: &[Series]) {
    head(
        text,
        "requests_total",
        "counter",
        "requests by how they ended",
    );
    for series in all {
        let figures = &series.status.figures;
        for (outcome, count) in [
            ("answered", figures.answered),
            ("refused", figures.refused),
            ("fault", figures.faults),
            ("busy", figures.busy),
            ("unavailable", figures.unavailable),
            ("late", figures.late),
            ("hung", figures.hung),
            ("crashed", figures.crashed),
        ] {
            let labels = labels(series);
            let _ = writeln!(
                text,
                "tradewind_requests_total{{{labels},outcome=\"{outcome}\"}} {count}"
            );
        }
    }
    let counters: [(&str, &str, Read); 10] = [
        ("retries_total", "calls made again after a crash", |one| {
            one.figures.retried
        }),
        ("starts_total", "replicas that became ready", |one| {
            one.figures.launched
        }),
        ("start_failures_total", "starts that failed", |one| {
            one.figures.launch_failures
        }),
        (
            "lost_replicas_total",
            "replicas that ended unasked",
            |one| one.figures.lost,
        ),
        (
            "cold_starts_total",
            "times that a request found no replica",
            |one| one.figures.woken,
        ),
        (
            "rescued_total",
            "requests that a canary failed and another deployment answered",
            |one| one.figures.rescued,
        ),
        (
            "copies_equal_total",
            "copies that a shadow answered as the caller was answered",
            |one| one.figures.copies_equal,
        ),
        (
            "copies_different_total",
            "copies that a shadow failed or answered otherwise",
            |one| one.figures.copies_different,
        ),
        (
            "copies_left_out_total",
            "copies that were not made because too many were under way",
            |one| one.figures.copies_left_out,
        ),
        (
            "batched_calls_total",
            "calls answered in batches of present replicas",
            |one| one.batches.calls,
        ),
    ];
    for (name, help, read) in counters {
        each(text, all, name, "counter", help, read);
    }
    each(
        text,
        all,
        "batches_total",
        "counter",
        "batches of present replicas",
        |one| one.batches.batches,
    );
}

fn gauges(text: &mut String, all: &[Series]) {
    head(
        text,
        "requests_per_second",
        "gauge",
        "requests that ended a second, over the last minute",
    );
    for series in all {
        let (labels, rate) = (labels(series), series.status.figures.per_second);
        let _ = writeln!(text, "tradewind_requests_per_second{{{labels}}} {rate}");
    }
    let gauges: [(&str, &str, Read); 5] = [
        ("replicas_ready", "replicas that can answer", |one| {
            one.ready.into()
        }),
        ("replicas_wanted", "replicas that there shall be", |one| {
            one.wanted.into()
        }),
        ("running", "calls under way", |one| one.running as u64),
        ("queued", "requests that wait", |one| one.waiting as u64),
        (
            "native",
            "1 where the server evaluates the model itself",
            |one| {
                let mut engines = one.replicas.iter().map(|facts| &facts.engine);
                engines
                    .any(|engine| matches!(engine, Engine::Native { .. }))
                    .into()
            },
        ),
    ];
    for (name, help, read) in gauges {
        each(text, all, name, "gauge", help, read);
    }
}

fn each(text: &mut String, all: &[Series], name: &str, kind: &str, help: &str, read: Read) {
    head(text, name, kind, help);
    for series in all {
        let _ = writeln!(
            text,
            "tradewind_{name}{{{}}} {}",
            labels(series),
            read(&series.status)
        );
    }
}

fn histogram(
    text: &mut String,
    all: &[Series],
    name: &str,
    help: &str,
    read: fn(&crate::figures::Figures) -> &HistogramSnapshot,
) {
    head(text, name, "histogram", help);
    for series in all {
        let (labels, snapshot) = (labels(series), read(&series.status.figures));
        for bound in (FIRST_POWER..=LAST_POWER).map(|power| 1_u64 << power) {
            let below = snapshot.at_most(bound);
            let seconds = bound as f64 / 1e6;
            let _ = writeln!(
                text,
                "tradewind_{name}_bucket{{{labels},le=\"{seconds}\"}} {below}"
            );
        }
        let (count, sum) = (snapshot.count, snapshot.sum_micros as f64 / 1e6);
        let _ = writeln!(
            text,
            "tradewind_{name}_bucket{{{labels},le=\"+Inf\"}} {count}"
        );
        let _ = writeln!(text, "tradewind_{name}_sum{{{labels}}} {sum}");
        let _ = writeln!(text, "tradewind_{name}_count{{{labels}}} {count}");
    }
}
