//! What every [`Telemetry`] must do, as functions that any implementation is run against. Each
//! wants one to itself and panics with what was wrong. [`crate::telemetry_conformance`] makes a
//! test of each.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "these are tests that other crates run; they fail by panicking"
)]

use super::Telemetry;
use crate::backend::LogLine;
use crate::store::StoreError;
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

/// Metrics come back exactly, in the order of reporting, from a position on, at most so many.
pub async fn metrics_come_back_in_order(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    assert_eq!(telemetry.metric_count(&scope, &a).await.expect("count"), 0);
    assert!(
        telemetry
            .metrics(&scope, &a, 0, 10)
            .await
            .expect("metrics")
            .is_empty()
    );
    let mut metrics = vec![
        metric("accuracy", 0.964_912_280_701_754_4),
        metric("löss 'x'", -0.0),
        metric("", f64::MAX),
        metric("tiny", 5e-324),
    ];
    metrics[0].step = Some(i64::MIN);
    metrics[1].at = Timestamp(-3);
    telemetry
        .append_metrics(&scope, &a, 0, &metrics[..2])
        .await
        .expect("append");
    telemetry
        .append_metrics(&scope, &a, 2, &metrics[2..])
        .await
        .expect("append");
    telemetry
        .append_metrics(&scope, &a, 4, &[])
        .await
        .expect("nothing to append");
    assert_eq!(telemetry.metric_count(&scope, &a).await.expect("count"), 4);
    let read = async |from, limit| {
        telemetry
            .metrics(&scope, &a, from, limit)
            .await
            .expect("metrics")
    };
    assert_eq!(read(0, 10).await, metrics);
    assert_eq!(read(1, 2).await, metrics[1..3]);
    assert_eq!(read(3, 1).await, metrics[3..]);
    assert!(read(4, 10).await.is_empty());
    assert!(read(u64::MAX, 10).await.is_empty());
    assert!(read(0, 0).await.is_empty());
    telemetry
        .append_metrics(&scope, &a, 4, &[metric("a\0b", 1.0)])
        .await
        .expect("append");
    assert_eq!(read(4, 1).await[0].name, "a␀b");
}

/// What is there already is passed over, whole or in part, even when it differs.
pub async fn metrics_are_not_written_twice(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    let metrics: Vec<Metric> = (0..5).map(|index| metric("m", f64::from(index))).collect();
    for (from, part) in [
        (0, 0..3),
        (0, 0..3),
        (0, 0..2),
        (1, 1..4),
        (2, 2..3),
        (0, 0..5),
    ] {
        telemetry
            .append_metrics(&scope, &a, from, &metrics[part])
            .await
            .expect("append");
    }
    telemetry
        .append_metrics(&scope, &a, 0, &[metric("other", 9.0)])
        .await
        .expect("append");
    assert_eq!(
        telemetry.metrics(&scope, &a, 0, 10).await.expect("metrics"),
        metrics
    );
    assert_eq!(telemetry.metric_count(&scope, &a).await.expect("count"), 5);
}

/// A gap and numbers that are not finite are refused, and nothing of the call is kept.
pub async fn metrics_are_refused_when_they_cannot_be_kept(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    let good = metric("m", 1.0);
    for (from, bad) in [
        (1, vec![good.clone()]),
        (u64::MAX, vec![good.clone()]),
        (0, vec![good.clone(), metric("n", f64::NAN)]),
        (0, vec![good, metric("n", f64::INFINITY)]),
    ] {
        let refused = telemetry.append_metrics(&scope, &a, from, &bad).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid(_))),
            "{from} {bad:?}"
        );
    }
    assert_eq!(telemetry.metric_count(&scope, &a).await.expect("count"), 0);
}

/// Thousands of metrics in one call, read in parts.
pub async fn long_series_are_read_in_parts(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    let metrics: Vec<Metric> = (0..3_000)
        .map(|index| metric("m", f64::from(index)))
        .collect();
    telemetry
        .append_metrics(&scope, &a, 0, &metrics)
        .await
        .expect("append");
    let mut found = Vec::new();
    loop {
        let from = found.len() as u64;
        let part = telemetry
            .metrics(&scope, &a, from, 700)
            .await
            .expect("metrics");
        if part.is_empty() {
            break;
        }
        found.extend(part);
    }
    assert_eq!(found, metrics);
}

/// Lines come back exactly; the end is where the last piece ended, lines or not.
pub async fn log_lines_come_back_in_order(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    assert_eq!(telemetry.log_end(&scope, &a).await.expect("end"), 0);
    let nothing = telemetry.log(&scope, &a, 0, 10).await.expect("log");
    assert_eq!((nothing.lines.len(), nothing.next), (0, 0));
    let long = "x".repeat(300_000);
    let lines = [
        line(10, "erste Zeile 🦀 'quoted' \\ \u{0} \u{1b}[31m"),
        line(11, ""),
        line(400_000, &long),
    ];
    telemetry
        .append_log(&scope, &a, 0, 12, &lines[..2])
        .await
        .expect("append");
    assert_eq!(telemetry.log_end(&scope, &a).await.expect("end"), 12);
    telemetry
        .append_log(&scope, &a, 12, 20, &[])
        .await
        .expect("a piece without lines");
    telemetry
        .append_log(&scope, &a, 20, 400_001, &lines[2..])
        .await
        .expect("append");
    telemetry
        .append_log(&scope, &a, 400_001, 400_001, &[])
        .await
        .expect("nothing");
    assert_eq!(telemetry.log_end(&scope, &a).await.expect("end"), 400_001);
    let whole = telemetry.log(&scope, &a, 0, 10).await.expect("log");
    assert_eq!((whole.lines, whole.next), (lines.to_vec(), 400_001));
}

/// A line that is there is passed over, also in a piece that goes on behind it.
pub async fn log_lines_are_not_kept_twice(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    let lines: Vec<LogLine> = (1..=6)
        .map(|n| line(n * 10, &format!("line {n}")))
        .collect();
    for (offset, next, part) in [
        (0, 30, 0..3),
        (0, 30, 0..3),
        (10, 20, 1..2),
        (10, 50, 1..5),
        (0, 60, 0..6),
        (0, 10, 0..1),
    ] {
        telemetry
            .append_log(&scope, &a, offset, next, &lines[part])
            .await
            .expect("append");
    }
    let whole = telemetry.log(&scope, &a, 0, 100).await.expect("log");
    assert_eq!((whole.lines, whole.next), (lines, 60));
    assert_eq!(telemetry.log_end(&scope, &a).await.expect("end"), 60);
}

/// Going on from a chunk's or any line's `next` gives each line once, whatever the limit, also
/// over many pieces, empty ones and gaps.
pub async fn logs_are_read_on_from_any_line(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    let mut lines = Vec::new();
    let mut offset = 0;
    for piece in 0..60_u64 {
        let count = [3, 0, 1, 7][(piece % 4) as usize];
        let new: Vec<LogLine> = (1..=count)
            .map(|n| line(offset + n * 5, &format!("{piece}/{n}")))
            .collect();
        let next = offset + count * 5 + 2;
        telemetry
            .append_log(&scope, &a, offset, next, &new)
            .await
            .expect("append");
        lines.extend(new);
        offset = next + piece % 2;
    }
    let end = telemetry.log_end(&scope, &a).await.expect("end");
    for limit in [1, 2, 5, 100, 1_000] {
        let (mut found, mut from) = (Vec::new(), 0);
        while from < end {
            let chunk = telemetry.log(&scope, &a, from, limit).await.expect("log");
            assert!(chunk.lines.len() <= limit as usize);
            assert!(chunk.next > from, "it goes on after {from}");
            found.extend(chunk.lines);
            from = chunk.next;
        }
        assert_eq!((&found, from), (&lines, end), "{limit}");
    }
    for (index, line) in lines.iter().enumerate().step_by(9) {
        let chunk = telemetry.log(&scope, &a, line.next, 4).await.expect("log");
        let rest = &lines[index + 1..];
        assert_eq!(
            chunk.lines,
            rest[..rest.len().min(4)],
            "after {}",
            line.next
        );
    }
    let within = telemetry
        .log(&scope, &a, lines[0].next - 1, 1)
        .await
        .expect("log");
    assert_eq!(
        within.lines,
        lines[..1],
        "a place inside a line gives that line"
    );
    for beyond in [end, end + 1, u64::MAX] {
        let chunk = telemetry.log(&scope, &a, beyond, 10).await.expect("log");
        assert_eq!((chunk.lines.len(), chunk.next), (0, beyond));
    }
    let none = telemetry.log(&scope, &a, 0, 0).await.expect("log");
    assert_eq!((none.lines.len(), none.next), (0, 0));
}

/// Pieces that end before they begin, and lines whose places do not ascend inside their piece,
/// are refused, and nothing of them is kept.
pub async fn logs_are_refused_when_they_cannot_be_read_on(telemetry: &dyn Telemetry) {
    let (scope, a) = (here(), job("a"));
    for (offset, next, lines) in [
        (10, 9, vec![]),
        (0, 0, vec![line(0, "x")]),
        (0, 10, vec![line(0, "no place")]),
        (5, 10, vec![line(5, "before")]),
        (0, 10, vec![line(11, "behind")]),
        (0, 10, vec![line(6, "a"), line(6, "the same")]),
        (0, 10, vec![line(6, "a"), line(3, "backwards")]),
        (0, u64::MAX, vec![line(6, "too far")]),
    ] {
        let refused = telemetry.append_log(&scope, &a, offset, next, &lines).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid(_))),
            "{offset} {next} {lines:?}"
        );
    }
    assert_eq!(telemetry.log_end(&scope, &a).await.expect("end"), 0);
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
