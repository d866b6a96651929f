//! Working hours as the tag `AutoShutdown` says them: `weekdays-07-19` or `daily-06-22`, in UTC.

use crate::Error;
use domain::Timestamp;
use std::fmt;
use std::str::FromStr;

/// The tag of what is stopped outside its hours.
pub const SHUTDOWN_TAG: &str = "AutoShutdown";

/// On which days there are working hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Days {
    Weekdays,
    Daily,
}

/// Hours of a day, on weekdays or every day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingHours {
    days: Days,
    from: u32,
    to: u32,
}

impl WorkingHours {
    /// Whether an instant is within them.
    pub fn contains(self, at: Timestamp) -> bool {
        let day = at.0.div_euclid(86_400_000);
        let hour = at.0.rem_euclid(86_400_000) / 3_600_000;
        // 1970-01-01 was a Thursday: Saturday and Sunday are 2 and 3 days after.
        let is_weekend = matches!(day.rem_euclid(7), 2 | 3);
        (self.days == Days::Daily || !is_weekend)
            && (i64::from(self.from)..i64::from(self.to)).contains(&hour)
    }
}

impl FromStr for WorkingHours {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            let mut parts = text.split('-');
            let days = match parts.next()? {
                "weekdays" => Days::Weekdays,
                "daily" => Days::Daily,
                _ => return None,
            };
            let mut hour = || {
                let hour = parts.next()?;
                (hour.len() == 2).then(|| hour.parse::<u32>().ok())?
            };
            let (from, to) = (hour()?, hour()?);
            let ended = parts.next().is_none();
            (ended && from < to && to <= 24).then_some(Self { days, from, to })
        };
        read().ok_or_else(|| {
            Error::Invalid(format!(
                "`{text}` are no working hours; write `weekdays-07-19` or `daily-06-22`"
            ))
        })
    }
}

impl fmt::Display for WorkingHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = match self.days {
            Days::Weekdays => "weekdays",
            Days::Daily => "daily",
        };
        write!(f, "{days}-{:02}-{:02}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_and_hold_on_their_days() {
        let at = |text: &str| crate::instant::read(text).unwrap();
        let hours: WorkingHours = "weekdays-07-19".parse().unwrap();
        assert_eq!(hours.to_string(), "weekdays-07-19");
        // 2026-06-05 is a Friday.
        for (instant, works) in [
            ("2026-06-05T06:59:59Z", false),
            ("2026-06-05T07:00:00Z", true),
            ("2026-06-05T18:59:59Z", true),
            ("2026-06-05T19:00:00Z", false),
            ("2026-06-06T12:00:00Z", false),
            ("2026-06-08T12:00:00Z", true),
        ] {
            assert_eq!(hours.contains(at(instant)), works, "{instant}");
        }
        let daily: WorkingHours = "daily-00-24".parse().unwrap();
        assert!(daily.contains(at("2026-06-06T23:59:59Z")));
        for wrong in [
            "",
            "weekdays",
            "weekdays-7-19",
            "daily-19-07",
            "daily-07-25",
            "daily-07-19-x",
        ] {
            assert!(wrong.parse::<WorkingHours>().is_err(), "{wrong}");
        }
    }
}
