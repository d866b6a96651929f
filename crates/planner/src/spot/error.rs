//! What can be wrong with a spot question: the trace, the job or the market.

use domain::Span;

/// Why a spot question cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The trace is not the JSON form of `{"metadata": {"gap_seconds": n}, "data": [..]}`.
    #[error(
        "the availability trace is not readable: {source}; expected `metadata.gap_seconds` and `data`"
    )]
    TraceForm {
        /// What the JSON reader said, with line and column.
        #[source]
        source: serde_json::Error,
    },
    /// A number of the trace is outside what it may be.
    #[error("the availability trace has `{field}` = `{value}`; expected {expected}")]
    TraceValue {
        /// The field.
        field: &'static str,
        /// What it held.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
    /// A duration or price of the job or market is outside what it may be.
    #[error("`{field}` is `{value}`; expected {expected}")]
    Value {
        /// The field, with the zone when it belongs to one.
        field: String,
        /// What it held.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
    /// No policy can meet this deadline, not even on demand from the first moment.
    #[error(
        "the deadline cannot be met: {work_ms} ms of work and {changeover_ms} ms of changeover do not fit in {deadline_ms} ms; allow at least {} ms", work_ms.saturating_add(*changeover_ms)
    )]
    TooLate {
        /// Work, in milliseconds.
        work_ms: i64,
        /// Changeover, in milliseconds.
        changeover_ms: i64,
        /// Deadline, in milliseconds.
        deadline_ms: i64,
    },
    /// The lists of zones and of their availability differ in length or sampling.
    #[error(
        "the market has {zones} zones and there is availability for {traces}; give one of equal sampling for each zone"
    )]
    Zones {
        /// Zones of the market.
        zones: usize,
        /// Availability series given.
        traces: usize,
    },
    /// The exact optimum would need too much memory for these durations.
    #[error(
        "the exact optimum needs {states} states per step, at most {most}; use durations with a larger common divisor than {unit_ms} ms"
    )]
    TooFine {
        /// States that one step would need.
        states: u128,
        /// The limit.
        most: u128,
        /// The common divisor of all durations.
        unit_ms: i64,
    },
}

impl Error {
    pub(crate) fn span(field: impl Into<String>, value: Span, expected: &'static str) -> Self {
        Self::Value {
            field: field.into(),
            value: format!("{} ms", value.0),
            expected,
        }
    }
}
