//! `PutFunctionEventInvokeConfig`, `UpdateFunctionEventInvokeConfig`, `GetFunctionEventInvokeConfig`,
//! `ListFunctionEventInvokeConfigs`, `DeleteFunctionEventInvokeConfig`: what becomes of asynchronous
//! calls of a function, of a version or of an alias
//! (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html>).
//!
//! What was sent is kept by qualifier and comes back; beside it the neutral form of each, which is
//! what calls go by.

use super::{present, write};
use crate::fault::Fault;
use crate::lambda::fault::{of, parameter};
use crate::lambda::{Answered, Asked, destinations, render};
use domain::function::{Destination, FunctionSpec, Qualifier, Retries};
use domain::{FunctionName, Refusal, Span};
use http::StatusCode;
use serde_json::{Map, Value, json};

/// The member of what is kept beside a function; its members are qualifiers.
const KEPT: &str = "EventInvokeConfig";
const MEMBERS: [&str; 3] = [
    "MaximumRetryAttempts",
    "MaximumEventAgeInSeconds",
    "DestinationConfig",
];

/// Whether members that are not sent are forgotten or stay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Whole,
    Part,
}

/// `PutFunctionEventInvokeConfig`.
pub(in crate::lambda) async fn put_event_invoke(asked: &Asked<'_>, part: &str) -> Answered {
    change(asked, part, Change::Whole).await
}

/// `UpdateFunctionEventInvokeConfig`.
pub(in crate::lambda) async fn update_event_invoke(asked: &Asked<'_>, part: &str) -> Answered {
    change(asked, part, Change::Part).await
}

async fn change(asked: &Asked<'_>, part: &str, change: Change) -> Answered {
    let members = asked.members()?;
    let (name, qualifier) = asked.function(part)?;
    let mut spec = present(asked, &name).await?.spec;
    known(asked, &name, &qualifier).await?;
    let mut all = configurations(&spec);
    let mut kept = match (change, all.get(&qualifier.to_string())) {
        (Change::Whole, _) => json!({}),
        (Change::Part, Some(kept)) => kept.clone(),
        (Change::Part, None) => return Err(absent(asked, &name, &qualifier)),
    };
    for member in MEMBERS {
        if let Some(value) = members.get(member).filter(|value| !value.is_null()) {
            kept[member] = value.clone();
        }
    }
    kept["LastModified"] = json!(asked.call.aws.control.world.now().0);
    let wanted = retries(&kept)?;
    destinations::check(asked, &spec, &wanted).await?;
    set(&mut spec, &qualifier, Some(wanted));
    all.insert(qualifier.to_string(), kept.clone());
    spec.foreign.insert(KEPT.to_owned(), Value::Object(all));
    write(asked, &name, &spec).await?;
    let shown = rendered(asked, &name, &qualifier.to_string(), &kept);
    Ok((StatusCode::OK, shown))
}

/// `GetFunctionEventInvokeConfig`.
pub(in crate::lambda) async fn get_event_invoke(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, qualifier) = asked.function(part)?;
    let spec = present(asked, &name).await?.spec;
    let kept = configurations(&spec).remove(&qualifier.to_string());
    let kept = kept.ok_or_else(|| absent(asked, &name, &qualifier))?;
    let shown = rendered(asked, &name, &qualifier.to_string(), &kept);
    Ok((StatusCode::OK, shown))
}

/// `ListFunctionEventInvokeConfigs`.
pub(in crate::lambda) async fn list_event_invoke(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, _) = asked.function(part)?;
    let spec = present(asked, &name).await?.spec;
    let (after, most) = super::page(asked);
    let all = configurations(&spec);
    let mut rest = all
        .iter()
        .filter(|(qualifier, _)| after.as_ref().is_none_or(|after| *qualifier > after));
    let page: Vec<_> = rest.by_ref().take(most as usize).collect();
    let shown: Vec<Value> = page
        .iter()
        .map(|(qualifier, kept)| rendered(asked, &name, qualifier, kept))
        .collect();
    let mut answer = json!({"FunctionEventInvokeConfigs": shown});
    if let (Some((last, _)), Some(_)) = (page.last(), rest.next()) {
        answer["NextMarker"] = json!(last);
    }
    Ok((StatusCode::OK, answer))
}

/// `DeleteFunctionEventInvokeConfig`.
pub(in crate::lambda) async fn delete_event_invoke(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, qualifier) = asked.function(part)?;
    let mut spec = present(asked, &name).await?.spec;
    let mut all = configurations(&spec);
    if all.remove(&qualifier.to_string()).is_none() {
        return Err(absent(asked, &name, &qualifier));
    }
    set(&mut spec, &qualifier, None);
    spec.foreign.insert(KEPT.to_owned(), Value::Object(all));
    write(asked, &name, &spec).await?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}

/// All that is kept, in the order of qualifiers.
fn configurations(spec: &FunctionSpec) -> Map<String, Value> {
    let kept = spec.foreign.get(KEPT).and_then(Value::as_object);
    let mut all: Vec<_> = kept.cloned().unwrap_or_default().into_iter().collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all.into_iter().collect()
}

/// A qualifier must be there.
async fn known(asked: &Asked<'_>, name: &FunctionName, qualifier: &Qualifier) -> Result<(), Fault> {
    let control = &asked.call.aws.control;
    let caller = asked.call.caller();
    match qualifier {
        Qualifier::Latest => Ok(()),
        Qualifier::Version(number) => {
            let found = control.function_version(&caller, name, *number).await;
            found.map(drop).map_err(of)
        }
        Qualifier::Alias(alias) => {
            let found = control.function_alias(&caller, name, alias).await;
            found.map(drop).map_err(of)
        }
    }
}

fn absent(asked: &Asked<'_>, name: &FunctionName, qualifier: &Qualifier) -> Fault {
    let arn = render::arn(asked, name, Some(&qualifier.to_string()));
    let mut fault = of(Refusal::not_found("function", name));
    fault.message = format!("The function {arn} doesn't have an EventInvokeConfig");
    fault
}

fn set(spec: &mut FunctionSpec, qualifier: &Qualifier, retries: Option<Retries>) {
    match (qualifier, retries) {
        (Qualifier::Latest, retries) => spec.retries = retries.unwrap_or_default(),
        (other, Some(retries)) => {
            spec.qualified_retries.insert(other.to_string(), retries);
        }
        (other, None) => {
            spec.qualified_retries.remove(&other.to_string());
        }
    }
}

/// The neutral form of what was sent.
fn retries(kept: &Value) -> Result<Retries, Fault> {
    let number = |member: &str, least: u64, most: u64| match kept.get(member) {
        None => Ok(None),
        Some(value) => match value.as_u64().filter(|n| (least..=most).contains(n)) {
            Some(number) => Ok(Some(number)),
            None => Err(parameter(format!(
                "Value {value} at '{}{}' failed to satisfy constraint: Member must have value \
                 between {least} and {most}",
                member[..1].to_lowercase(),
                &member[1..]
            ))),
        },
    };
    let mut retries = Retries::default();
    if let Some(attempts) = number("MaximumRetryAttempts", 0, 2)? {
        retries.attempts = attempts as u32;
    }
    if let Some(seconds) = number("MaximumEventAgeInSeconds", 60, 21_600)? {
        retries.longest_wait = Span::seconds(seconds as i64);
    }
    let destination = |pointer: &str| {
        let arn = kept.pointer(pointer).and_then(Value::as_str);
        arn.filter(|arn| !arn.is_empty())
            .map(destination)
            .transpose()
    };
    retries.on_failure = destination("/DestinationConfig/OnFailure/Destination")?;
    retries.on_success = destination("/DestinationConfig/OnSuccess/Destination")?;
    Ok(retries)
}

fn destination(arn: &str) -> Result<Destination, Fault> {
    if let Some(bucket) = arn.strip_prefix("arn:aws:s3:::") {
        return Ok(Destination::Bucket {
            bucket: bucket.to_owned(),
            // Where Lambda puts them (Lambda, "Retaining records of asynchronous invocations").
            prefix: "aws/lambda/async/".to_owned(),
        });
    }
    let name = arn
        .starts_with("arn:aws:lambda:")
        .then(|| arn.split_once(":function:"))
        .flatten()
        .map(|(_, name)| name);
    match name.map(FunctionName::new) {
        Some(Ok(function)) => Ok(Destination::Function { function }),
        _ => Err(parameter(format!(
            "The destination {arn} is not served here: a function without a qualifier and a \
             bucket are; queues, topics and buses are not"
        ))),
    }
}

fn rendered(asked: &Asked<'_>, name: &FunctionName, qualifier: &str, kept: &Value) -> Value {
    let seconds = kept["LastModified"].as_i64().unwrap_or_default() as f64 / 1_000.0;
    let mut shown = json!({
        "FunctionArn": render::arn(asked, name, Some(qualifier)),
        "LastModified": seconds,
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {}},
    });
    for member in &MEMBERS[..2] {
        if let Some(value) = kept.get(*member) {
            shown[*member] = value.clone();
        }
    }
    for side in ["OnSuccess", "OnFailure"] {
        if let Some(value) = kept.get("DestinationConfig").and_then(|all| all.get(side)) {
            shown["DestinationConfig"][side] = value.clone();
        }
    }
    shown
}
