//! What the command line asks of a plan, read and checked.

use crate::arguments::{Aim, PlanArguments};
use crate::failure::Failure;
use domain::nearest::nearest_names;
use domain::pipeline::PipelineSpec;
use domain::{ByteSize, Money, Span};
use planner::Objective;
use std::collections::BTreeMap;

/// What is asked of a plan.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    /// What is made small.
    pub(super) objective: Objective,
    /// Whether the front of cost against time is wanted.
    pub(super) front: bool,
    /// Whether every provider may be used.
    pub(super) any_provider: bool,
    /// What an hour of this machine costs.
    pub(super) local_rate: Money,
    every: Option<Span>,
    run_times: BTreeMap<String, Span>,
    output_sizes: BTreeMap<String, u64>,
}

impl Wishes {
    /// Reads the arguments; steps that they name must be there.
    pub(super) fn of(wanted: &PlanArguments, spec: &PipelineSpec) -> Result<Self, Failure> {
        let deadline = match &wanted.deadline {
            Some(text) => Some(time("--deadline", text)?),
            None => spec.policy.deadline,
        };
        let mut wishes = Self {
            objective: objective(wanted.objective, deadline)?,
            front: wanted.pareto,
            any_provider: wanted.any_provider,
            local_rate: rate(&wanted.local_rate)?,
            ..Self::default()
        };
        for text in &wanted.run_time {
            match text.split_once('=') {
                None => wishes.every = Some(time("--run-time", text)?),
                Some((step, text)) => {
                    let time = time("--run-time", text)?;
                    wishes.run_times.insert(known(spec, step)?, time);
                }
            }
        }
        for text in &wanted.output_size {
            let read = text
                .split_once('=')
                .and_then(|(step, size)| Some((step, ByteSize::parse(size)?)));
            let (step, size) = read.ok_or_else(|| {
                Failure::usage(format!(
                    "`--output-size {text}` is no size of a step: write `train=20GiB`"
                ))
            })?;
            wishes.output_sizes.insert(known(spec, step)?, size.0);
        }
        Ok(wishes)
    }

    /// Declared run time of a step.
    pub(super) fn run_time(&self, step: &str) -> Option<Span> {
        self.run_times.get(step).copied().or(self.every)
    }

    /// Bytes that a step hands on.
    pub(super) fn output_size(&self, step: &str) -> Option<u64> {
        self.output_sizes.get(step).copied()
    }
}

fn objective(aim: Option<Aim>, deadline: Option<Span>) -> Result<Objective, Failure> {
    Ok(match (aim, deadline) {
        (Some(Aim::Time), _) => Objective::Time,
        (Some(Aim::Cost), _) | (None, None) => Objective::Cost,
        (Some(Aim::CostByDeadline) | None, Some(deadline)) => Objective::CostWithin { deadline },
        (Some(Aim::CostByDeadline), None) => {
            return Err(Failure::usage(
                "`--objective cost-by-deadline` needs `--deadline 6h`, or a `deadline` in the \
                 file's `policy`",
            ));
        }
    })
}

fn time(option: &str, text: &str) -> Result<Span, Failure> {
    Span::parse(text).filter(|it| it.0 > 0).ok_or_else(|| {
        Failure::usage(format!(
            "`{option} {text}` is no time: write `90s`, `10m` or `2h`"
        ))
    })
}

fn rate(text: &str) -> Result<Money, Failure> {
    let nothing = ["", "0", "0 USD"].contains(&text);
    let read = if nothing {
        Some(Money::ZERO)
    } else {
        Money::parse(text)
    };
    read.filter(|it| it.micros >= 0).ok_or_else(|| {
        Failure::usage(format!(
            "`--local-rate {text}` is no amount of dollars: write `0.40 USD`"
        ))
    })
}

fn known(spec: &PipelineSpec, step: &str) -> Result<String, Failure> {
    let names = || spec.steps.iter().map(|it| it.name.as_str());
    if names().any(|it| it == step) {
        return Ok(step.to_owned());
    }
    let hint = match nearest_names(step, names()).first() {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; its steps are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(Failure::usage(format!(
        "`{}` has no step `{step}`{hint}",
        spec.name
    )))
}
