//! Names of the objects with captured records, as SageMaker makes them:
//! `prefix/endpoint/variant/yyyy/mm/dd/hh/mm-ss-mmm-id.jsonl`; in order of time within a variant.

use domain::Timestamp;

/// A moment of the calendar in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    milli: i64,
}

impl Moment {
    /// The calendar's day of a count of days by H. Hinnant, "chrono-compatible low-level date
    /// algorithms", `civil_from_days`.
    pub(super) fn of(at: Timestamp) -> Self {
        let (days, rest) = (at.0.div_euclid(86_400_000), at.0.rem_euclid(86_400_000));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: of_year - (153 * shifted_month + 2) / 5 + 1,
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1_000 % 60,
            milli: rest % 1_000,
        }
    }

    /// `2026-11-27T14:00:00Z`.
    pub(super) fn text(self) -> String {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            ..
        } = self;
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// The key of an object that begins at this moment.
pub(super) fn key(prefix: &str, endpoint: &str, variant: &str, at: Timestamp, id: &str) -> String {
    let Moment {
        year,
        month,
        day,
        hour,
        minute,
        second,
        milli,
    } = Moment::of(at);
    format!(
        "{prefix}{endpoint}/{variant}/{year:04}/{month:02}/{day:02}/{hour:02}/\
         {minute:02}-{second:02}-{milli:03}-{id}.jsonl"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_000, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(Moment::of(Timestamp(millis)).text(), text);
        }
        let key = key("p/", "e", "v1", Timestamp(1_795_788_123_045), "x");
        assert_eq!(key, "p/e/v1/2026/11/27/14/02-03-045-x.jsonl");
    }
}
