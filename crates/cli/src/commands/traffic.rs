//! The rules of an endpoint's traffic, from words of the command line.

use super::deploy::share;
use crate::arguments::TrafficArguments;
use crate::failure::Failure;
use crate::output::Output;
use domain::Name;
use domain::endpoint::EndpointSpec;
use domain::traffic::{Canary, Capture, Kept, Shadow, Sticky, Traffic};

/// The rules; `shadows` are the deployments that were made for copies.
pub(super) fn traffic(wanted: &TrafficArguments, shadows: Vec<Shadow>) -> Result<Traffic, Failure> {
    Ok(Traffic {
        sticky: wanted.sticky.as_deref().map(sticky).transpose()?,
        shadows,
        canary: wanted
            .canary
            .as_deref()
            .map(|name| canary(wanted, name))
            .transpose()?,
    })
}

fn canary(wanted: &TrafficArguments, name: &str) -> Result<Canary, Failure> {
    let deployment = Name::new(name).map_err(|error| Failure::usage(error.to_string()))?;
    let steps = wanted.canary_steps.iter();
    Ok(Canary {
        deployment,
        steps: steps
            .map(|step| share(step, step))
            .collect::<Result<_, _>>()?,
        step_seconds: wanted.canary_seconds,
        answers: wanted.canary_answers,
        most_errors: share(&wanted.canary_errors, &wanted.canary_errors)?,
        most_latency_percent: wanted.canary_latency,
    })
}

fn sticky(text: &str) -> Result<Sticky, Failure> {
    let name = |name: &str| name.to_owned();
    match text.split_once(':') {
        Some(("header", rest)) => Ok(Sticky::Header(name(rest))),
        Some(("cookie", rest)) => Ok(Sticky::Cookie(name(rest))),
        Some(("field", rest)) => Ok(Sticky::Field(name(rest))),
        _ => Err(Failure::usage(format!(
            "`{text}`: callers are told apart by `header:NAME`, `cookie:NAME` or `field:NAME`"
        ))),
    }
}

/// What is captured, if anything.
pub(super) fn capture(wanted: &TrafficArguments) -> Result<Option<Capture>, Failure> {
    let Some(text) = &wanted.capture else {
        return Ok(None);
    };
    let (location, percent) = text.rsplit_once('=').unwrap_or((text.as_str(), "100"));
    Ok(Some(Capture {
        share: share(text, percent)?,
        location: location.to_owned(),
        baseline: wanted.baseline.clone(),
        keeps: Kept::Both,
    }))
}

/// Says which rules an endpoint has.
pub(super) fn show(spec: &EndpointSpec, output: Output) {
    if let Some(canary) = &spec.traffic.canary {
        let latency = match canary.most_latency_percent {
            Some(most) => format!(", p99 at most {most} % of the others'"),
            None => String::new(),
        };
        output.say(format!(
            "  canary {}: at most {} of its requests may fail beyond the others'{latency}; a step \
             takes {} s and {} answers",
            canary.deployment, canary.most_errors, canary.step_seconds, canary.answers
        ));
    }
    for shadow in &spec.traffic.shadows {
        let (name, share) = (&shadow.deployment, shadow.share);
        output.say(format!(
            "  shadow {name}: copies of {share} of the requests"
        ));
    }
    if let Some(sticky) = &spec.traffic.sticky {
        output.say(format!("  sticky by {sticky}"));
    }
    if let Some(capture) = &spec.capture {
        let (share, location) = (capture.share, &capture.location);
        output.say(format!("  captures {share} of the requests to {location}"));
    }
}
