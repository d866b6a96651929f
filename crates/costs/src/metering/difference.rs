//! Why a run cost something else than its plan: every part of the difference has a name, and the
//! parts add up to it exactly.

use super::{HOUR, Rates};
use crate::amount::Amount;
use crate::focus::Column;
use crate::query::{Filter, Key, Metric, Question, Test};
use crate::{Error, Ledger};
use domain::Span;
use domain::job::{Ending, Job};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A job without a limit on its time is planned for this long.
pub const UNLIMITED_JOB: Span = Span::hours(1);

/// One attempt, as the store and the ledger know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AttemptFacts {
    /// Its ticket.
    pub ticket: String,
    /// Where it ran.
    pub host: String,
    /// On which type of machine.
    pub machine: String,
    /// How it ended: `completed`, `failed`, `stopped`.
    pub ended: String,
    /// How long it ran.
    pub wall: Span,
    /// Its line in the ledger; unset while it is not metered.
    pub cost: Option<Amount>,
}

/// What made a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Attempts before the last one.
    Retries,
    /// The last attempt ran longer or shorter than planned.
    RunTime,
    /// An hour of it cost more or less than planned: another place, or less used than allowed.
    Rate,
    /// Lines that are no attempts: transfer, storage, a cloud's own bill.
    Others,
}

/// A job's estimate beside its lines, with what made the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Explained {
    /// The job.
    pub job: String,
    /// In which currency.
    pub currency: String,
    /// What its plan allowed for: the limit on its time at the price of an hour.
    pub estimate: Amount,
    /// The time that was planned.
    pub planned: Span,
    /// What an hour was planned at.
    pub planned_hour: Amount,
    /// Its lines in the ledger.
    pub actual: Amount,
    /// Actual less estimate; the causes add up to it.
    pub difference: Amount,
    /// What made it, the largest first.
    pub causes: Vec<(Cause, Amount)>,
    /// Its attempts.
    pub attempts: Vec<AttemptFacts>,
    /// The same in one sentence.
    pub sentence: String,
}

/// Holds a job's plan against its lines.
///
/// # Errors
/// When the ledger cannot be read, or has the job's lines in several currencies.
pub fn explain(ledger: &Ledger, job: &Job) -> Result<Explained, Error> {
    let rates = ledger.rates()?;
    let lines = lines(ledger, job)?;
    let attempts: Vec<AttemptFacts> = job
        .attempts
        .iter()
        .map(|attempt| AttemptFacts {
            ticket: attempt.ticket.to_string(),
            host: attempt.placement.provider.clone(),
            machine: attempt.placement.machine_type.clone(),
            ended: word(&attempt.exit.ending).to_owned(),
            wall: attempt.exit.usage.wall,
            cost: lines.by_resource.get(attempt.ticket.as_str()).copied(),
        })
        .collect();
    let planned = job.spec.limits.wall_clock.unwrap_or(UNLIMITED_JOB);
    let placement = job.attempts.first().map(|attempt| &attempt.placement);
    let elsewhere = placement.filter(|placement| placement.provider != "local");
    let planned_hour = match elsewhere {
        Some(placement) => Amount::from(placement.hourly_price),
        None => hour_here(job, &rates),
    };
    let estimate = planned_hour.part(i128::from(planned.0.max(0)), HOUR);
    let currency = lines.currency.unwrap_or(rates.currency);
    let costs = attempts
        .iter()
        .map(|attempt| attempt.cost.unwrap_or_default());
    let of_attempts: Amount = costs.sum();
    let last = attempts.last().and_then(|attempt| attempt.cost);
    let causes = causes(
        estimate,
        planned_hour,
        planned,
        &attempts,
        lines.actual - of_attempts,
        last,
    );
    let difference = lines.actual - estimate;
    let sentence = sentence(&causes, difference, &currency, &attempts);
    Ok(Explained {
        job: job.id.to_string(),
        currency,
        estimate,
        planned,
        planned_hour,
        actual: lines.actual,
        difference,
        causes,
        attempts,
        sentence,
    })
}

/// What an hour of this machine costs when the job uses all that it may.
fn hour_here(job: &Job, rates: &Rates) -> Amount {
    let asked = job.spec.resources.milli_cpus.map(|cpus| cpus.least());
    let milli_cpus = job.spec.limits.milli_cpus.or(asked).unwrap_or(1_000);
    let milli_cpus = i128::from(milli_cpus);
    let asked = job.spec.resources.memory.map(|memory| memory.least());
    let memory = job.spec.limits.memory.or(asked);
    let cpu = rates.cpu_hour.part(milli_cpus, 1_000);
    let memory = memory.map_or(Amount::ZERO, |memory| {
        rates.memory_gib_hour.part(i128::from(memory.0), super::GIB)
    });
    cpu + memory
}

fn causes(
    estimate: Amount,
    planned_hour: Amount,
    planned: Span,
    attempts: &[AttemptFacts],
    others: Amount,
    last: Option<Amount>,
) -> Vec<(Cause, Amount)> {
    let before = attempts.len().saturating_sub(1);
    let retries: Amount = attempts[..before]
        .iter()
        .filter_map(|attempt| attempt.cost)
        .sum();
    let wall = attempts.last().map_or(Span::ZERO, |attempt| attempt.wall);
    let time = planned_hour.part(i128::from(wall.0 - planned.0), HOUR);
    // What is left of the last attempt is its rate, so that nothing is lost to rounding.
    let rate = last.unwrap_or_default() - estimate - time;
    let mut causes = vec![
        (Cause::Retries, retries),
        (Cause::RunTime, time),
        (Cause::Rate, rate),
        (Cause::Others, others),
    ];
    causes.retain(|(_, amount)| *amount != Amount::ZERO);
    causes.sort_by_key(|(_, amount)| std::cmp::Reverse(amount.abs()));
    causes
}

fn sentence(
    causes: &[(Cause, Amount)],
    difference: Amount,
    currency: &str,
    attempts: &[AttemptFacts],
) -> String {
    if attempts.is_empty() {
        return "no attempt of it has ended yet".to_owned();
    }
    let missing = attempts
        .iter()
        .filter(|attempt| attempt.cost.is_none())
        .count();
    let mut text = match difference.cmp(&Amount::ZERO) {
        std::cmp::Ordering::Equal => "it cost what was planned".to_owned(),
        std::cmp::Ordering::Greater => format!(
            "it cost {} {currency} more than planned",
            difference.for_people()
        ),
        std::cmp::Ordering::Less => format!(
            "it cost {} {currency} less than planned",
            difference.abs().for_people()
        ),
    };
    for (at, (cause, amount)) in causes.iter().enumerate() {
        text += if at == 0 { ": " } else { ", " };
        let sign = if *amount < Amount::ZERO { "" } else { "+" };
        text += &format!("{sign}{} by ", amount.for_people());
        text += &match cause {
            Cause::Retries => format!("{} attempts before the last one", attempts.len() - 1),
            Cause::RunTime => "the time it ran".to_owned(),
            Cause::Rate => "what an hour of it cost".to_owned(),
            Cause::Others => "lines that are no attempts, such as transfer".to_owned(),
        };
    }
    if missing > 0 {
        text += &format!("; {missing} attempts are not metered yet");
    }
    text
}

fn word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Completed => "completed",
        Ending::Failed { .. } => "failed",
        Ending::Stopped => "stopped",
    }
}

struct Lines {
    by_resource: BTreeMap<String, Amount>,
    actual: Amount,
    currency: Option<String>,
}

fn lines(ledger: &Ledger, job: &Job) -> Result<Lines, Error> {
    let is = |tag: &str, value: &str| Filter {
        key: Key::Tag(tag.to_owned()),
        test: Test::Is(vec![value.to_owned()]),
    };
    let workspace = job.workspace.to_string();
    let answer = ledger.ask(&Question {
        by: vec![Key::Column(Column::ResourceId)],
        metrics: vec![Metric::Effective],
        filters: vec![
            is("tradewind:job", job.id.as_str()),
            is("tradewind:workspace", &workspace),
        ],
        ..Question::default()
    })?;
    let currency = answer.one_currency()?.map(str::to_owned);
    let actual = answer.totals.iter().map(|total| total.values[0]).sum();
    let by_resource = answer.groups.into_iter().filter_map(|group| {
        let resource = group.keys.into_iter().next().flatten()?;
        Some((resource, group.values[0]))
    });
    Ok(Lines {
        by_resource: by_resource.collect(),
        actual,
        currency,
    })
}
