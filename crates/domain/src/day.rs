//! A calendar day, because prices and facts are "as of" a day and never as of a moment.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A day of the proleptic Gregorian calendar, stored as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(i32);

/// A text that is not a day of the form `2026-05-20`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a day of the form `2026-05-20`")]
pub struct NotADay(pub String);

impl Day {
    /// The day with that number of days since 1970-01-01 (negative before it).
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The day that holds this moment, given in milliseconds since 1970-01-01T00:00Z.
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis.div_euclid(86_400_000) as i32)
    }

    /// The day of that year, month (1..=12) and day of the month, if it exists.
    pub const fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        if month == 0 || month > 12 || day == 0 || year < -9999 || year > 9999 {
            return None;
        }
        // Days-from-civil, H. Hinnant, "chrono-compatible low-level date algorithms".
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_from_march = (month as i32 + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let made = Self(era * 146_097 + day_of_era - 719_468);
        let (y, m, d) = made.civil();
        if y == year && m == month && d == day {
            Some(made)
        } else {
            None
        }
    }

    /// Year, month (1..=12) and day of the month.
    pub const fn civil(self) -> (i32, u32, u32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month as u32, day as u32)
    }

    /// Days from `earlier` to this day; negative when `earlier` is later.
    pub const fn days_since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = NotADay;

    /// Reads `2026-05-20`; what follows a `T` (a time of day) is ignored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || NotADay(text.to_owned());
        let date = text.split('T').next().unwrap_or(text);
        let mut parts = date.splitn(3, '-');
        let mut next = |width: usize| -> Option<u32> {
            let part = parts.next()?;
            let digits = part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit());
            if digits { part.parse().ok() } else { None }
        };
        let (Some(year), Some(month), Some(day)) = (next(4), next(2), next(2)) else {
            return Err(refuse());
        };
        Self::new(year as i32, month, day).ok_or_else(refuse)
    }
}

impl TryFrom<String> for Day {
    type Error = NotADay;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days_have_their_numbers() {
        assert_eq!(Day::new(1970, 1, 1).map(Day::days), Some(0));
        assert_eq!(Day::new(2000, 3, 1).map(Day::days), Some(11_017));
        assert_eq!(Day::new(2024, 2, 29).map(Day::days), Some(19_782));
        assert_eq!(Day::new(1969, 12, 31).map(Day::days), Some(-1));
    }

    #[test]
    fn every_day_of_some_centuries_round_trips() {
        for number in -80_000..80_000 {
            let day = Day::from_days(number);
            assert_eq!(day.to_string().parse::<Day>(), Ok(day));
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "26-01-01",
            "2026-1-1",
            "2026-01-0x",
        ] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
        assert_eq!(
            "2026-05-20T00:00:00Z".parse::<Day>().unwrap(),
            Day::new(2026, 5, 20).unwrap()
        );
    }
}
