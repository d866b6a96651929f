//! What the command line asks of a plan, read and checked.

use crate::arguments::{Aim, PlanArguments};
use crate::failure::Failure;
use domain::nearest::nearest_names;
use domain::pipeline::PipelineSpec;
use domain::{ByteSize, Money, Span};
use planner::Objective;
use planner::pipeline::Wishes;

/// Providers whose egress has a price list.
const PRICED: [&str; 3] = ["aws", "google", "azure"];

/// Reads the arguments; steps that they name must be there.
pub(super) fn wishes(wanted: &PlanArguments, spec: &PipelineSpec) -> Result<Wishes, Failure> {
    let deadline = match &wanted.deadline {
        Some(text) => Some(time("--deadline", text)?),
        None => spec.policy.deadline,
    };
    let mut wishes = Wishes {
        objective: objective(wanted.objective, deadline)?,
        front: wanted.pareto,
        any_provider: wanted.any_provider,
        local_rate: rate(&wanted.local_rate)?,
        ..Wishes::default()
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
    for text in &wanted.egress_used {
        let (provider, bytes) = egress(text)?;
        wishes.egress_used.insert(provider, bytes);
    }
    Ok(wishes)
}

fn egress(text: &str) -> Result<(String, u64), Failure> {
    let (provider, size) = text.split_once('=').unwrap_or((text, ""));
    if !PRICED.contains(&provider) {
        let hint = match nearest_names(provider, PRICED.into_iter()).first() {
            Some(near) => format!("; did you mean `{near}`?"),
            None => format!("; they are {}", PRICED.join(", ")),
        };
        return Err(Failure::usage(format!(
            "`--egress-used {text}`: `{provider}` is no provider whose egress has a price{hint}"
        )));
    }
    let bytes = match size {
        "0" => Some(0),
        size => ByteSize::parse(size).map(|size| size.0),
    };
    let bytes = bytes.ok_or_else(|| {
        Failure::usage(format!(
            "`--egress-used {text}` is no volume of a provider: write `aws=0` or `aws=40GiB`"
        ))
    })?;
    Ok((provider.to_owned(), bytes))
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
