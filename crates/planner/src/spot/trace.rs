//! Availability traces: what could be had, sample by sample.
//!
//! The form is the one published with "Can't Be Late" (NSDI 2024): a JSON object whose
//! `metadata.gap_seconds` is the time between samples and whose `data` holds, for each sample, the
//! number of instances that could be had. `1` of one is "available"; a gang needs its whole size.

use super::Error;
use domain::Span;
use serde::Deserialize;

/// Longest accepted distance between samples: a day.
const MOST_GAP_SECONDS: u64 = 86_400;
/// Most samples in one trace: thirty years at one a minute.
const MOST_SAMPLES: usize = 16_000_000;

/// How many instances could be had over time, at even distances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Time between two samples.
    pub gap: Span,
    /// Instances obtainable at each sample.
    pub counts: Vec<u32>,
}

#[derive(Deserialize)]
struct Document {
    metadata: Metadata,
    data: Vec<u32>,
}

#[derive(Deserialize)]
struct Metadata {
    gap_seconds: serde_json::Number,
}

impl Trace {
    /// Reads a trace from its JSON text. A gap that is not a whole number of seconds between one
    /// second and a day, an empty list, or a negative or broken count is refused.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let document: Document =
            serde_json::from_str(text).map_err(|source| Error::TraceForm { source })?;
        let number = &document.metadata.gap_seconds;
        let seconds = number
            .as_u64()
            .filter(|seconds| (1..=MOST_GAP_SECONDS).contains(seconds))
            .ok_or_else(|| Error::TraceValue {
                field: "metadata.gap_seconds",
                value: number.to_string(),
                expected: "whole seconds from 1 to 86400",
            })?;
        if document.data.is_empty() || document.data.len() > MOST_SAMPLES {
            return Err(Error::TraceValue {
                field: "data",
                value: format!("{} samples", document.data.len()),
                expected: "from 1 to 16000000 samples",
            });
        }
        Ok(Self {
            gap: Span(seconds.cast_signed() * 1000),
            counts: document.data,
        })
    }

    /// Whether `needed` instances could be had together, sample by sample.
    pub fn available(&self, needed: u32) -> Vec<bool> {
        self.counts.iter().map(|count| *count >= needed).collect()
    }

    /// The same trace with samples `gap` apart: each is the least of those it overlaps, so that an
    /// interruption in between is never lost. A partial last sample is dropped; a trace that is
    /// coarser already stays as it is.
    pub fn coarser(&self, gap: Span) -> Self {
        if gap.0 <= self.gap.0 {
            return self.clone();
        }
        let index = |time: i64| usize::try_from(time / self.gap.0).unwrap_or(usize::MAX);
        let (mut counts, mut from) = (Vec::new(), 0_i64);
        loop {
            let to = from.saturating_add(gap.0);
            let last = index(to.saturating_add(self.gap.0 - 1));
            let Some(covered) = self.counts.get(index(from)..last) else {
                break;
            };
            counts.push(covered.iter().copied().min().unwrap_or(0));
            from = to;
        }
        Self { gap, counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_published_form() {
        let trace =
            Trace::parse(r#"{"metadata": {"gap_seconds": 600, "x": 1}, "data": [0, 16, 3]}"#)
                .unwrap();
        assert_eq!(trace.gap, Span(600_000));
        assert_eq!(trace.available(4), [false, true, false]);
    }

    #[test]
    fn refuses_what_is_no_trace() {
        for text in [
            "",
            "[]",
            r#"{"metadata": {"gap_seconds": 0}, "data": [1]}"#,
            r#"{"metadata": {"gap_seconds": -5}, "data": [1]}"#,
            r#"{"metadata": {"gap_seconds": 1.5}, "data": [1]}"#,
            r#"{"metadata": {"gap_seconds": 600}, "data": []}"#,
            r#"{"metadata": {"gap_seconds": 600}, "data": [-1]}"#,
            r#"{"metadata": {"gap_seconds": 600}, "data": [1, null]}"#,
            r#"{"metadata": {"gap_seconds": 600}, "data": [1,"#,
        ] {
            assert!(Trace::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn coarser_keeps_every_interruption() {
        let trace = Trace {
            gap: Span(200_000),
            counts: vec![1, 1, 1, 1, 0, 1, 1],
        };
        let coarse = trace.coarser(Span(600_000));
        assert_eq!(coarse.gap, Span(600_000));
        assert_eq!(coarse.counts, [1, 0]);
        let uneven = trace.coarser(Span(500_000));
        assert_eq!((uneven.gap, uneven.counts), (Span(500_000), vec![1, 0]));
        assert_eq!(trace.coarser(Span(1)), trace);
    }
}
