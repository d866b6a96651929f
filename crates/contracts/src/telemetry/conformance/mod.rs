//! What every [`Telemetry`] must do, as functions that any implementation is run against. Each
//! wants one to itself and panics with what was wrong. [`crate::telemetry_conformance`] makes a
//! test of each.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "these are tests that other crates run; they fail by panicking"
)]

mod logs;
mod series;

pub use logs::*;
pub use series::*;

use super::Telemetry;
use crate::backend::LogLine;
use domain::metric::Metric;
use domain::{JobId, Timestamp, Workspace};
use futures::future::join_all;

/// Makes one test of each conformance function, as [`crate::store_conformance`] does.
#[macro_export]
macro_rules! telemetry_conformance {
    ($open:expr) => {
        $crate::telemetry_conformance! { $open =>
            metrics_come_back_in_order metrics_are_not_written_twice
            metrics_are_refused_when_they_cannot_be_kept long_series_are_read_in_parts
            log_lines_come_back_in_order log_lines_are_not_kept_twice
            logs_are_read_on_from_any_line logs_are_refused_when_they_cannot_be_read_on
            jobs_are_apart_and_can_be_forgotten rivals_append_each_line_once
        }
    };
    ($open:expr => $($check:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                let (telemetry, _alive) = $open;
                $crate::telemetry::conformance::$check(&*telemetry).await;
            }
        )*
    };
}

fn here() -> Workspace {
    Workspace::default()
}

fn job(id: &str) -> JobId {
    JobId::new(id).expect("a job's id")
}

fn metric(name: &str, value: f64) -> Metric {
    Metric {
        name: name.to_owned(),
        value,
        step: None,
        at: Timestamp(1),
    }
}

/// A line that ends at `next`.
fn line(next: u64, text: &str) -> LogLine {
    LogLine {
        at: Timestamp(5),
        stream: "out".to_owned(),
        text: text.to_owned(),
        next,
    }
}

/// The same job id of another workspace is another job; forgetting takes one job and all of it.
pub async fn jobs_are_apart_and_can_be_forgotten(telemetry: &dyn Telemetry) {
    let other = Workspace::new("other").expect("a workspace's name");
    let all = [(here(), job("a")), (here(), job("b")), (other, job("a"))];
    for (scope, id) in &all {
        let name = format!("{scope}/{id}");
        let kept = [metric(&name, 1.0)];
        telemetry
            .append_metrics(scope, id, 0, &kept)
            .await
            .expect("append");
        telemetry
            .append_log(scope, id, 0, 9, &[line(9, &name)])
            .await
            .expect("append");
    }
    telemetry
        .forget(&all[0].0, &all[0].1)
        .await
        .expect("forget");
    telemetry
        .forget(&here(), &job("never"))
        .await
        .expect("forget what is not there");
    for (index, (scope, id)) in all.iter().enumerate() {
        let kept = usize::from(index > 0);
        let metrics = telemetry.metrics(scope, id, 0, 9).await.expect("metrics");
        let log = telemetry.log(scope, id, 0, 9).await.expect("log");
        assert_eq!(
            (metrics.len(), log.lines.len()),
            (kept, kept),
            "{scope}/{id}"
        );
        assert!(
            metrics
                .iter()
                .all(|metric| metric.name == format!("{scope}/{id}"))
        );
        assert!(
            log.lines
                .iter()
                .all(|line| line.text == format!("{scope}/{id}"))
        );
    }
    let (scope, a) = &all[0];
    assert_eq!(telemetry.metric_count(scope, a).await.expect("count"), 0);
    assert_eq!(telemetry.log_end(scope, a).await.expect("end"), 0);
    telemetry
        .append_metrics(scope, a, 0, &[metric("new", 2.0)])
        .await
        .expect("append");
    telemetry
        .append_log(scope, a, 0, 3, &[line(3, "new")])
        .await
        .expect("append");
    assert_eq!(
        telemetry
            .log(scope, a, 0, 9)
            .await
            .expect("log")
            .lines
            .len(),
        1
    );
}

/// Two who append the same at once keep it once.
pub async fn rivals_append_each_line_once(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    let metrics: Vec<Metric> = (0..50).map(|index| metric("m", f64::from(index))).collect();
    let lines: Vec<LogLine> = (1..=50).map(|n| line(n, "x")).collect();
    join_all((0..8).map(|_| async {
        for index in (0..50_usize).step_by(10) {
            let from = index as u64;
            let part = &metrics[index..index + 10];
            telemetry
                .append_metrics(&scope, &a, from, part)
                .await
                .expect("append");
            let part = &lines[index..index + 10];
            telemetry
                .append_log(&scope, &a, from, from + 10, part)
                .await
                .expect("append");
        }
    }))
    .await;
    assert_eq!(
        telemetry
            .metrics(&scope, &a, 0, 100)
            .await
            .expect("metrics"),
        metrics
    );
    assert_eq!(
        telemetry.log(&scope, &a, 0, 100).await.expect("log").lines,
        lines
    );
}
