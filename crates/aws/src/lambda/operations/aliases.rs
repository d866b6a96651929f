//! `CreateAlias`, `GetAlias`, `ListAliases`, `UpdateAlias`, `DeleteAlias`.

use super::page;
use crate::fault::Fault;
use crate::lambda::fault::{of, parameter};
use crate::lambda::{Answered, Asked, names, render};
use control::functions::{NewAlias, Presence};
use domain::function::Weighted;
use domain::{Name, Refusal, Share};
use http::StatusCode;
use serde_json::{Value, json};

fn alias_name(text: &str) -> Result<Name, Fault> {
    Name::new(text).map_err(|error| parameter(error.to_string()))
}

fn number(text: &str) -> Result<Option<u32>, Fault> {
    match text {
        "$LATEST" => Ok(None),
        digits => digits
            .parse()
            .map(Some)
            .map_err(|_| parameter(format!("`{digits}` is not a version"))),
    }
}

/// The alias by the members that are there, over what was.
fn changed(members: &Value, mut alias: NewAlias) -> Result<NewAlias, Fault> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if let Some(version) = text("FunctionVersion") {
        alias.version = number(version)?;
    }
    if let Some(description) = text("Description") {
        description.clone_into(&mut alias.description);
    }
    if let Some(routing) = members.get("RoutingConfig") {
        let weights = routing
            .get("AdditionalVersionWeights")
            .and_then(Value::as_object);
        let mut weights = weights.into_iter().flatten();
        alias.weighted = match weights.next() {
            None => None,
            Some((version, weight)) => {
                let weight = weight
                    .as_f64()
                    .filter(|weight| (0.0..=1.0).contains(weight));
                let points = weight.map(|weight| (weight * 10_000.0).round() as u16);
                let share = points.and_then(|points| Share::try_from(points).ok());
                let version = number(version)?;
                match (version, share) {
                    (Some(version), Some(share)) => Some(Weighted { version, share }),
                    _ => {
                        return Err(parameter(
                            "a weight is a number between 0 and 1 for a version",
                        ));
                    }
                }
            }
        };
        if weights.next().is_some() {
            return Err(parameter("an alias has at most one additional version"));
        }
    }
    Ok(alias)
}

/// `CreateAlias`.
pub(in crate::lambda) async fn create_alias(asked: &Asked<'_>, part: &str) -> Answered {
    let members = asked.members()?;
    let (name, _) = names::function(part)?;
    let alias = alias_name(
        members
            .get("Name")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    )?;
    if members.get("FunctionVersion").is_none() {
        return Err(parameter(
            "Value null at 'functionVersion' failed to satisfy constraint",
        ));
    }
    let new = NewAlias {
        version: None,
        weighted: None,
        description: String::new(),
    };
    let new = changed(&members, new)?;
    let control = &asked.call.aws.control;
    let caller = asked.call.caller();
    let made = control
        .put_alias(&caller, &name, &alias, &new, Presence::Absent)
        .await;
    Ok((
        StatusCode::CREATED,
        render::alias(asked, &made.map_err(of)?),
    ))
}

/// `UpdateAlias`.
pub(in crate::lambda) async fn update_alias(
    asked: &Asked<'_>,
    part: &str,
    alias: &str,
) -> Answered {
    let members = asked.members()?;
    let (name, _) = names::function(part)?;
    let alias = alias_name(alias)?;
    let control = &asked.call.aws.control;
    let caller = asked.call.caller();
    let before = control
        .function_alias(&caller, &name, &alias)
        .await
        .map_err(of)?;
    let new = NewAlias {
        version: before.version,
        weighted: before.weighted,
        description: before.description,
    };
    let new = changed(&members, new)?;
    let made = control
        .put_alias(&caller, &name, &alias, &new, Presence::Present)
        .await;
    Ok((StatusCode::OK, render::alias(asked, &made.map_err(of)?)))
}

/// `GetAlias`.
pub(in crate::lambda) async fn get_alias(asked: &Asked<'_>, part: &str, alias: &str) -> Answered {
    let (name, _) = names::function(part)?;
    let control = &asked.call.aws.control;
    let found = control
        .function_alias(&asked.call.caller(), &name, &alias_name(alias)?)
        .await;
    Ok((StatusCode::OK, render::alias(asked, &found.map_err(of)?)))
}

/// `ListAliases`.
pub(in crate::lambda) async fn list_aliases(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, _) = names::function(part)?;
    let (after, most) = page(asked);
    let control = &asked.call.aws.control;
    let listed = control
        .function_aliases(&asked.call.caller(), &name, after, most)
        .await;
    let (found, next) = listed.map_err(of)?;
    let aliases: Vec<Value> = found
        .iter()
        .map(|alias| render::alias(asked, alias))
        .collect();
    let mut value = json!({"Aliases": aliases});
    if let Some(next) = next {
        value["NextMarker"] = json!(next);
    }
    Ok((StatusCode::OK, value))
}

/// `DeleteAlias`.
pub(in crate::lambda) async fn delete_alias(
    asked: &Asked<'_>,
    part: &str,
    alias: &str,
) -> Answered {
    let (name, _) = names::function(part)?;
    let control = &asked.call.aws.control;
    match control
        .delete_alias(&asked.call.caller(), &name, &alias_name(alias)?)
        .await
    {
        // One that is not there is no error.
        Ok(()) | Err(Refusal::NotFound { .. }) => Ok((StatusCode::NO_CONTENT, Value::Null)),
        Err(refusal) => Err(of(refusal)),
    }
}
