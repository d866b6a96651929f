//! Instants as bills write them: with a zone, without one (which FOCUS reads as UTC), as a bare day,
//! or as an American date.

use domain::Timestamp;
use domain::day::Day;

const DAY: i64 = 86_400_000;

/// Reads `2024-09-01T00:00:00Z`, `2024-09-01 00:00:00`, `2024-09-01`, `09/01/2024`, `9/1/24` and the
/// forms with an offset or ` UTC`. `None` when it is no instant.
pub fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.contains('/') {
        return american(text);
    }
    let day: Day = text.get(..10)?.parse().ok()?;
    let rest = text.get(10..)?;
    let midnight = i64::from(day.days()) * DAY;
    if rest.is_empty() {
        return Some(Timestamp(midnight));
    }
    let rest = rest.strip_prefix(['T', ' ', 't'])?;
    let (clock, zone) = split_zone(rest)?;
    Some(Timestamp(midnight + time_of_day(clock)? - zone))
}

/// The time of day and the milliseconds that its zone is ahead of UTC.
fn split_zone(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text
        .strip_suffix(['Z', 'z'])
        .or_else(|| text.strip_suffix(" UTC"))
    {
        return Some((clock, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let sign = if text.as_bytes().get(at) == Some(&b'-') {
        -1
    } else {
        1
    };
    let zone = text.get(at + 1..)?.replace(':', "");
    if zone.len() != 4 && zone.len() != 2 {
        return None;
    }
    let number = |part: Option<&str>| part.map_or(Some(0), |part| part.parse::<i64>().ok());
    let (hours, minutes) = (number(zone.get(..2))?, number(zone.get(2..4))?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    Some((
        text.get(..at)?.trim_end(),
        sign * (hours * 60 + minutes) * 60_000,
    ))
}

fn time_of_day(clock: &str) -> Option<i64> {
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let mut next = |most: i64| -> Option<i64> {
        let part = parts.next()?;
        let digits = matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
        let number: i64 = if digits {
            part.parse().ok()?
        } else {
            return None;
        };
        (number <= most).then_some(number)
    };
    let (hours, minutes) = (next(23)?, next(59)?);
    let seconds = if clock.matches(':').count() == 2 {
        next(60)?
    } else {
        0
    };
    if clock.matches(':').count() > 2 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let millis: i64 = if fraction.is_empty() {
        0
    } else {
        format!("{fraction:0<3}").get(..3)?.parse().ok()?
    };
    Some(((hours * 60 + minutes) * 60 + seconds) * 1_000 + millis)
}

fn american(text: &str) -> Option<Timestamp> {
    let (date, clock) = text.split_once(' ').unwrap_or((text, ""));
    let mut parts = date.split('/').map(str::parse::<u32>);
    let (month, day, year) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    if parts.next().is_some() {
        return None;
    }
    let year = if year < 100 { year + 2_000 } else { year };
    let day = Day::new(i32::try_from(year).ok()?, month, day)?;
    let clock = if clock.is_empty() {
        0
    } else {
        time_of_day(clock)?
    };
    Some(Timestamp(i64::from(day.days()) * DAY + clock))
}

/// Writes an instant as FOCUS has it: `2024-09-01T00:00:00Z`.
pub fn write(at: Timestamp) -> String {
    let (day, clock) = (Day::from_unix_millis(at.0), at.0.rem_euclid(DAY));
    let (seconds, millis) = (clock / 1_000, clock % 1_000);
    let fraction = if millis == 0 {
        String::new()
    } else {
        format!(".{millis:03}")
    };
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{day}T{hours:02}:{minutes:02}:{seconds:02}{fraction}Z")
}

/// The first instant of the month of `at`, `by` months later.
pub fn month_start(at: Timestamp, by: i32) -> Timestamp {
    let (year, month, _) = Day::from_unix_millis(at.0).civil();
    let months = year * 12 + month as i32 - 1 + by;
    let first = Day::new(months.div_euclid(12), months.rem_euclid(12) as u32 + 1, 1);
    Timestamp(first.map_or(0, |day| i64::from(day.days()) * DAY))
}

/// The month of an instant as `2026-05`.
pub fn month(at: Timestamp) -> String {
    let (year, month, _) = Day::from_unix_millis(at.0).civil();
    format!("{year:04}-{month:02}")
}

/// The first instant of a month written `2026-05`.
pub fn read_month(text: &str) -> Option<Timestamp> {
    let (year, month) = text.trim().split_once('-')?;
    let day = Day::new(year.parse().ok()?, month.parse().ok()?, 1)?;
    Some(Timestamp(i64::from(day.days()) * DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_way_of_writing() {
        for (text, want) in [
            ("2024-09-01T00:00:00Z", "2024-09-01T00:00:00Z"),
            ("2024-09-18 23:00:00", "2024-09-18T23:00:00Z"),
            ("2024-09-18 23:00:00.250000 UTC", "2024-09-18T23:00:00.250Z"),
            ("2024-09-18T01:30:00+02:00", "2024-09-17T23:30:00Z"),
            ("2024-09-18T01:30:00-0530", "2024-09-18T07:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
            ("5/1/25", "2025-05-01T00:00:00Z"),
            ("12/31/2024", "2024-12-31T00:00:00Z"),
            ("2024-09-18T23:00Z", "2024-09-18T23:00:00Z"),
        ] {
            assert_eq!(read(text).map(write).as_deref(), Some(want), "{text}");
        }
        for bad in [
            "",
            "yesterday",
            "2024-13-01",
            "2024-02-30T00:00:00Z",
            "13/45/2024",
            "2024-01-01T25:00:00Z",
            "2024-01-01Tx",
            "2024-01-01T00:00:00+99:00",
            "é024-01-011",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn months_begin_and_follow() {
        let at = read("2024-12-15T10:00:00Z").unwrap();
        assert_eq!(write(month_start(at, 0)), "2024-12-01T00:00:00Z");
        assert_eq!(write(month_start(at, 1)), "2025-01-01T00:00:00Z");
        assert_eq!(month(at), "2024-12");
        assert_eq!(read_month("2024-12"), Some(month_start(at, 0)));
    }
}
