//! `PublishVersion`, `ListVersionsByFunction`.

use super::{page, present};
use crate::lambda::fault::{of, parameter};
use crate::lambda::{Answered, Asked, names, render};
use http::StatusCode;
use serde_json::{Value, json};

/// `PublishVersion`.
pub(in crate::lambda) async fn publish_version(asked: &Asked<'_>, part: &str) -> Answered {
    let members = asked.members()?;
    let (name, _) = names::function(part)?;
    let text = |member: &str| members.get(member).and_then(Value::as_str);
    if let Some(expected) = text("CodeSha256").or(text("RevisionId")) {
        let latest = render::latest(asked, &present(asked, &name).await?, false).await;
        let found = if text("CodeSha256").is_some() {
            "CodeSha256"
        } else {
            "RevisionId"
        };
        if latest[found] != expected {
            return Err(parameter(format!(
                "{found} ({expected}) is different from current {found}"
            )));
        }
    }
    let description = text("Description").unwrap_or_default();
    let control = &asked.call.aws.control;
    let made = control
        .publish_function_version(&asked.call.caller(), &name, description)
        .await;
    Ok((
        StatusCode::CREATED,
        render::version(asked, &made.map_err(of)?).await,
    ))
}

/// `ListVersionsByFunction`.
pub(in crate::lambda) async fn list_versions(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, _) = names::function(part)?;
    let function = present(asked, &name).await?;
    let (after, most) = page(asked);
    let mut versions = Vec::new();
    if after.is_none() {
        versions.push(render::latest(asked, &function, true).await);
    }
    let control = &asked.call.aws.control;
    let listed = control
        .function_versions(&asked.call.caller(), &name, after, most)
        .await;
    let (found, next) = listed.map_err(of)?;
    for version in &found {
        versions.push(render::version(asked, version).await);
    }
    let mut value = json!({"Versions": versions});
    if let Some(next) = next {
        value["NextMarker"] = json!(next);
    }
    Ok((StatusCode::OK, value))
}
