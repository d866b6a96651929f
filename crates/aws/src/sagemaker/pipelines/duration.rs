//! ISO 8601 durations, and the short forms that the service takes beside them (`30d`, `T12H`).

use domain::Span;

const DAY: i64 = 86_400;

/// Reads `P30D`, `PT1H30M`, `P1Y2M3W`, `30d`, `T12h`; a month has 30 days, a year 365.
pub(crate) fn parse(text: &str) -> Option<Span> {
    let upper = text.trim().to_ascii_uppercase();
    let mut rest = upper.strip_prefix('P').unwrap_or(&upper);
    let (mut seconds, mut in_time, mut any) = (0_i64, false, false);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            if in_time {
                return None;
            }
            in_time = true;
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..end].parse().ok()?;
        let unit = match (rest[end..].chars().next()?, in_time) {
            ('Y', false) => 365 * DAY,
            ('M', false) => 30 * DAY,
            ('W', false) => 7 * DAY,
            ('D', false) => DAY,
            ('H', _) => 3_600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[end + 1..];
        any = true;
    }
    any.then_some(Span::seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let some = |seconds| Some(Span::seconds(seconds));
        assert_eq!(parse("P30D"), some(30 * DAY));
        assert_eq!(parse("30d"), some(30 * DAY));
        assert_eq!(parse("PT1H30M"), some(5_400));
        assert_eq!(parse("T12H"), some(43_200));
        assert_eq!(parse("P1M"), some(30 * DAY));
        assert_eq!(parse("P1DT1S"), some(DAY + 1));
        for bad in [
            "",
            "P",
            "PT",
            "D",
            "5",
            "P5",
            "PTT1S",
            "P5S",
            "P99999999999999999999D",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
