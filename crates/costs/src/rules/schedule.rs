//! Machines of development that run at night and on weekends: what of their cost falls outside the
//! working hours, when they did run then.

use super::hours::SHUTDOWN_TAG;
use super::{Action, Advice, Apply, Confidence, Context, Rule, is, quoted};
use crate::Error;
use crate::amount::Amount;
use crate::metering::services::place;
use crate::query::{Filter, Key, Test};
use domain::day::Day;
use std::collections::BTreeMap;

/// Values of the tags `env`, `environment` and `stage` that need no nights.
const DEVELOPMENT: [&str; 8] = [
    "dev",
    "development",
    "test",
    "testing",
    "staging",
    "sandbox",
    "qa",
    "demo",
];
/// Working hours, UTC; a team elsewhere shifts them by its own schedule.
const WORKING: std::ops::Range<u32> = 7..19;
const LEAST_DAYS: usize = 7;

pub(super) struct Schedule;

impl Rule for Schedule {
    fn name(&self) -> &'static str {
        "schedule"
    }

    fn inputs(&self) -> &'static str {
        "hourly compute lines of resources tagged as development (`env`, `environment`, `stage`), \
         without the tag `AutoShutdown`"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let mut resources: BTreeMap<(String, String), Hours> = BTreeMap::new();
        for tag in ["tag:env", "tag:environment", "tag:stage"] {
            let filters = vec![
                is("category", &["Compute", "AI and Machine Learning"])?,
                is("charge", &["Usage"])?,
                is(tag, &DEVELOPMENT)?,
                Filter {
                    key: Key::parse("tag:AutoShutdown")?,
                    test: Test::Missing,
                },
            ];
            let by = vec![Key::parse("resource")?, Key::Hour];
            let answer = context.ledger.ask(&context.question(by, filters))?;
            for group in answer.groups {
                let (Some(resource), Some(hour)) = (&group.keys[0], &group.keys[1]) else {
                    continue;
                };
                let hours = resources
                    .entry((resource.clone(), group.currency))
                    .or_default();
                hours.add(hour, group.values[0]);
            }
        }
        if resources.is_empty() {
            let why = "no compute line by the hour is tagged as development";
            return Ok(Err(why.to_owned()));
        }
        let advice = resources
            .into_iter()
            .filter_map(|((resource, currency), hours)| {
                render(context, resource, currency, &hours)
            });
        Ok(Ok(advice.collect()))
    }
}

#[derive(Default)]
struct Hours {
    outside: Amount,
    all: Amount,
    counted: u32,
    days: std::collections::BTreeSet<i32>,
}

impl Hours {
    /// `hour` is `2026-05-01T13`.
    fn add(&mut self, hour: &str, cost: Amount) {
        let (Some(day), Some(of_day)) = (
            hour.get(..10).and_then(|day| day.parse::<Day>().ok()),
            hour.get(11..13).and_then(|hour| hour.parse::<u32>().ok()),
        ) else {
            return;
        };
        // 1970-01-01 was a Thursday: Saturday and Sunday are 2 and 3 days after.
        let weekend = matches!(day.days().rem_euclid(7), 2 | 3);
        if weekend || !WORKING.contains(&of_day) {
            self.outside += cost;
            self.counted += 1;
        }
        self.all += cost;
        self.days.insert(day.days());
    }
}

fn render(
    context: &Context<'_>,
    subject: String,
    currency: String,
    hours: &Hours,
) -> Option<Advice> {
    // A few hours of a long evening are no habit: a fifth of the cost must fall outside.
    if hours.days.len() < LEAST_DAYS || hours.outside < hours.all.part(1, 5) {
        return None;
    }
    Some(Advice {
        rule: "schedule",
        change: "stop it at night and on weekends".to_owned(),
        evidence: vec![format!(
            "{} of {} {currency} in {} hours outside Monday to Friday, {} to {} o'clock UTC",
            hours.outside.for_people(),
            hours.all.for_people(),
            hours.counted,
            WORKING.start,
            WORKING.end
        )],
        saving_per_month: Some(context.per_month(hours.outside)),
        currency,
        confidence: super::by_history(hours.days.len()).min(Confidence::Medium),
        risk: "long tests and people in other time zones need those hours".to_owned(),
        undo: "remove the tag `AutoShutdown`".to_owned(),
        apply: apply(&subject),
        subject,
    })
}

/// Tradewind follows the tag on its own endpoints; elsewhere whoever stops machines by it does.
fn apply(subject: &str) -> Apply {
    let hours = format!("weekdays-{:02}-{:02}", WORKING.start, WORKING.end);
    if subject.starts_with("endpoint/")
        && let Some((workspace, endpoint, _)) = place(subject)
    {
        let action = Action::ScheduleEndpoint {
            workspace,
            endpoint,
            hours,
        };
        return Apply::Tradewind { action };
    }
    Apply::Owner {
        command: format!(
            "aws resourcegroupstaggingapi tag-resources --resource-arn-list {} \
             --tags {SHUTDOWN_TAG}={hours}",
            quoted(subject)
        ),
    }
}
