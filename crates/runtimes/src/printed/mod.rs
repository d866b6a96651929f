//! What user code prints: cut into lines, kept within bounds, and read for metrics and for the
//! exception that ended it.

mod lines;
mod log;
mod metrics;
mod reader;
mod traceback;

pub use lines::Lines;
pub use log::Log;
pub use metrics::MetricFinder;
pub use reader::{LogPage, LogRecord, MetricPage, read_log, read_metrics};
pub use traceback::TracebackFinder;

use serde::{Deserialize, Serialize};

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    /// Standard output of user code.
    Output,
    /// Standard error of user code.
    Error,
    /// Tradewind itself, on what it does for the job.
    Tradewind,
}

impl Stream {
    fn letter(self) -> char {
        match self {
            Self::Output => 'o',
            Self::Error => 'e',
            Self::Tradewind => 't',
        }
    }

    fn of_letter(letter: &str) -> Option<Self> {
        match letter {
            "o" => Some(Self::Output),
            "e" => Some(Self::Error),
            "t" => Some(Self::Tradewind),
            _ => None,
        }
    }
}
