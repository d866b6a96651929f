//! When a schedule fires: cron expressions of five fields, AWS's with six (minutes first, the year
//! last; days of the week from 1 for Sunday), and rates.

use croner::Cron;
use croner::parser::CronParser;
use domain::function::Schedule;
use domain::{Refusal, Timestamp};

/// The first time after `after` at which the schedule fires; none when there is none any more.
pub(super) fn next(schedule: &Schedule, after: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    match schedule {
        Schedule::Rate { span } => Ok(Some(after + *span)),
        Schedule::Cron { expression } => {
            let cron = parse(expression)?;
            let start = jiff::Timestamp::from_millisecond(after.0)
                .map_err(|error| Refusal::invalid(error.to_string()))?
                .to_zoned(jiff::tz::TimeZone::UTC);
            let found = cron.find_next_occurrence(&start, false);
            Ok(found
                .ok()
                .map(|time| Timestamp(time.timestamp().as_millisecond())))
        }
    }
}

fn parse(expression: &str) -> Result<Cron, Refusal> {
    let wrong = |why: String| {
        Refusal::invalid(format!(
            "the cron expression `{expression}` is wrong: {why}"
        ))
    };
    let fields = expression.split_whitespace().count();
    let parsed = match fields {
        5 => CronParser::new().parse(expression),
        // The parser's seventh field is the year when the first is the second.
        6 => CronParser::builder()
            .alternative_weekdays(true)
            .sloppy_ranges(true)
            .build()
            .parse(&format!("0 {expression}")),
        _ => return Err(wrong(format!("it has {fields} fields instead of 5 or 6"))),
    };
    parsed.map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Span;

    fn cron(expression: &str, after: &str) -> String {
        let after: jiff::Timestamp = after.parse().unwrap();
        let schedule = Schedule::Cron {
            expression: expression.to_owned(),
        };
        let next = next(&schedule, Timestamp(after.as_millisecond())).unwrap();
        next.map_or("never".to_owned(), |time| {
            jiff::Timestamp::from_millisecond(time.0)
                .unwrap()
                .to_string()
        })
    }

    #[test]
    fn both_kinds_of_expressions_fire_when_they_say() {
        // 2026-11-27 is a Friday.
        let after = "2026-11-27T10:07:30Z";
        for (expression, expected) in [
            ("*/15 * * * *", "2026-11-27T10:15:00Z"),
            ("0 9 * * 1", "2026-11-30T09:00:00Z"),
            ("0/5 * * * ? *", "2026-11-27T10:10:00Z"),
            ("0 18 ? * MON-FRI *", "2026-11-27T18:00:00Z"),
            // On AWS 1 is Sunday.
            ("0 0 ? * 1 *", "2026-11-29T00:00:00Z"),
            ("0 0 1 1 ? 2030", "2030-01-01T00:00:00Z"),
            ("0 0 1 1 ? 2020", "never"),
        ] {
            assert_eq!(cron(expression, after), expected, "{expression}");
        }
    }

    #[test]
    fn rates_follow_each_other_and_nonsense_is_refused() {
        let rate = Schedule::Rate {
            span: Span::minutes(5),
        };
        assert_eq!(next(&rate, Timestamp(1)), Ok(Some(Timestamp(300_001))));
        for bad in ["", "* * *", "61 * * * *", "x * * * *", "* * * * * * * *"] {
            let schedule = Schedule::Cron {
                expression: bad.to_owned(),
            };
            assert!(next(&schedule, Timestamp(0)).is_err(), "{bad}");
        }
    }
}
