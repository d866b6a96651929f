//! Cost Explorer's periods of time.

use crate::fault::Fault;
use costs::instant;
use costs::query::Key;
use domain::Timestamp;
use serde::{Deserialize, Serialize};

/// From the start to before the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Interval {
    pub(super) start: String,
    pub(super) end: String,
}

/// Into which periods costs are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Granularity {
    Hourly,
    Daily,
    Monthly,
}

/// One period: the ledger's name of it, and its ends.
pub(super) struct Period {
    pub(super) name: String,
    pub(super) interval: Interval,
    pub(super) end: Timestamp,
}

/// More periods than a year of hours are not cut.
const MOST_PERIODS: usize = 8_784;

impl Interval {
    /// The year before an instant.
    pub(super) fn before(now: Timestamp) -> Self {
        let day = |at: Timestamp| instant::write(at)[..10].to_owned();
        Self {
            start: day(now - domain::Span::hours(24 * 365)),
            end: day(now + domain::Span::hours(24)),
        }
    }

    /// Both ends.
    pub(super) fn ends(&self) -> Result<(Timestamp, Timestamp), Fault> {
        let read = |text: &str| {
            instant::read(text).ok_or_else(|| {
                Fault::validation(format!("`{text}` is no date such as `2026-05-01`"))
            })
        };
        let (start, end) = (read(&self.start)?, read(&self.end)?);
        if start >= end {
            let message = "Start date (and hour) should be before end date (and hour)";
            return Err(Fault::validation(message));
        }
        Ok((start, end))
    }
}

impl Granularity {
    /// The ledger's key.
    pub(super) fn key(self) -> Key {
        match self {
            Self::Hourly => Key::Hour,
            Self::Daily => Key::Day,
            Self::Monthly => Key::Month,
        }
    }

    /// The periods of an interval, in order; the first and last may be parts of months.
    pub(super) fn periods(self, interval: &Interval) -> Result<Vec<Period>, Fault> {
        let (mut at, end) = interval.ends()?;
        let mut periods = Vec::new();
        while at < end {
            let next = match self {
                Self::Hourly => at + domain::Span::hours(1),
                Self::Daily => at + domain::Span::hours(24),
                Self::Monthly => instant::month_start(at, 1),
            };
            let next = next.min(end);
            let (from, to) = (instant::write(at), instant::write(next));
            let (hour, day) = (&from[..13], &from[..10]);
            periods.push(Period {
                name: match self {
                    Self::Hourly => hour.to_owned(),
                    Self::Daily => day.to_owned(),
                    Self::Monthly => instant::month(at),
                },
                interval: match self {
                    Self::Hourly => Interval {
                        start: from,
                        end: to,
                    },
                    _ => Interval {
                        start: day.to_owned(),
                        end: to[..10].to_owned(),
                    },
                },
                end: next,
            });
            if periods.len() > MOST_PERIODS {
                return Err(Fault::validation("the interval has too many periods"));
            }
            at = next;
        }
        Ok(periods)
    }
}
