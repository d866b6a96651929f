//! Kept logs.

use super::{here, job, line};
use crate::backend::LogLine;
use crate::store::StoreError;
use crate::telemetry::Telemetry;

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
