//! What the command line asks of a plan, read and checked.

use crate::arguments::{Aim, PlanArguments};
use crate::failure::Failure;
use domain::nearest::nearest_names;
use domain::pipeline::PipelineSpec;
use domain::{ByteSize, Money, Span};
use planner::Objective;
use planner::pipeline::{Given, Wishes};
use planner::question::{Bounds, Near};
use std::path::Path;

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
        bounds: bounds(wanted)?,
        given: given(wanted.accounts.as_deref())?,
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
    for text in &wanted.service {
        let (provider, service) = text.split_once('=').ok_or_else(|| {
            Failure::usage(format!(
                "`--service {text}` is no service of a provider: write `aws=sagemaker`"
            ))
        })?;
        let service = service.to_owned();
        wishes.services.insert(provider.to_owned(), service);
    }
    for text in &wanted.egress_used {
        let (provider, bytes) = egress(text)?;
        wishes.egress_used.insert(provider, bytes);
    }
    Ok(wishes)
}

/// Limits on the place that hold for every step.
fn bounds(wanted: &PlanArguments) -> Result<Bounds, Failure> {
    let carbon = match wanted.max_carbon {
        None => None,
        Some(grams) => Some(grams.checked_mul(1_000).ok_or_else(|| {
            Failure::usage(format!(
                "`--max-carbon {grams}` is more than any grid carries"
            ))
        })?),
    };
    Ok(Bounds {
        regions: wanted.region.clone(),
        certifications: wanted.certification.clone(),
        near: wanted.near.as_deref().map(near).transpose()?,
        carbon,
        ..Bounds::default()
    })
}

fn near(text: &str) -> Result<Near, Failure> {
    let read = || {
        let (place, distance) = text.split_once('=')?;
        let (provider, region) = place.split_once('/')?;
        let kilometres = distance.strip_suffix("km").unwrap_or(distance);
        Some(Near {
            provider: provider.to_owned(),
            region: region.to_owned(),
            kilometres: kilometres.trim().parse().ok()?,
        })
    };
    read().ok_or_else(|| {
        Failure::usage(format!(
            "`--near {text}` is no distance from a region: write `aws/eu-central-1=500km`"
        ))
    })
}

/// What is known of the accounts.
fn given(file: Option<&Path>) -> Result<Given, Failure> {
    let Some(file) = file else {
        return Ok(Given::default());
    };
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("`{name}` cannot be read: {error}")))?;
    let given: Given = serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "{name}:{}:{}: {error}",
            error.line(),
            error.column()
        ))
    })?;
    Ok(given)
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
