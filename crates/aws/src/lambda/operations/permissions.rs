//! `AddPermission`, `RemovePermission`, `GetPolicy`: kept and given back; who may call is decided by
//! the keys of this installation.

use super::{present, write};
use crate::lambda::fault::{of, parameter};
use crate::lambda::{Answered, Asked, names, render};
use domain::Refusal;
use http::StatusCode;
use serde_json::{Value, json};

const POLICY: &str = "Policy";

fn statements(kept: Option<&Value>) -> Vec<Value> {
    kept.and_then(Value::as_array).cloned().unwrap_or_default()
}

/// `AddPermission`.
pub(in crate::lambda) async fn add_permission(asked: &Asked<'_>, part: &str) -> Answered {
    let members = asked.members()?;
    let (name, _) = names::function(part)?;
    let text = |member: &str| members.get(member).and_then(Value::as_str);
    let (Some(id), Some(action), Some(principal)) =
        (text("StatementId"), text("Action"), text("Principal"))
    else {
        return Err(parameter("StatementId, Action and Principal are needed"));
    };
    let principal = if principal.ends_with(".amazonaws.com") {
        json!({"Service": principal})
    } else {
        json!({"AWS": principal})
    };
    let mut statement = json!({
        "Sid": id, "Effect": "Allow", "Principal": principal, "Action": action,
        "Resource": render::arn(asked, &name, None),
    });
    if let Some(source) = text("SourceArn") {
        statement["Condition"] = json!({"ArnLike": {"AWS:SourceArn": source}});
    }
    let mut spec = present(asked, &name).await?.spec;
    let mut all = statements(spec.foreign.get(POLICY));
    if all.iter().any(|one| one["Sid"] == id) {
        let message = format!(
            "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing statement."
        );
        return Err(of(Refusal::conflict(message)));
    }
    all.push(statement.clone());
    spec.foreign.insert(POLICY.to_owned(), Value::from(all));
    write(asked, &name, &spec).await?;
    Ok((
        StatusCode::CREATED,
        json!({"Statement": statement.to_string()}),
    ))
}

/// `GetPolicy`.
pub(in crate::lambda) async fn get_policy(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, _) = names::function(part)?;
    let function = present(asked, &name).await?;
    let all = statements(function.spec.foreign.get(POLICY));
    if all.is_empty() {
        return Err(of(Refusal::not_found("resource policy", &name)));
    }
    let policy = json!({"Version": "2012-10-17", "Id": "default", "Statement": all});
    Ok((StatusCode::OK, json!({"Policy": policy.to_string()})))
}

/// `RemovePermission`.
pub(in crate::lambda) async fn remove_permission(
    asked: &Asked<'_>,
    part: &str,
    id: &str,
) -> Answered {
    let (name, _) = names::function(part)?;
    let mut spec = present(asked, &name).await?.spec;
    let mut all = statements(spec.foreign.get(POLICY));
    let before = all.len();
    all.retain(|one| one["Sid"] != id);
    if all.len() == before {
        return Err(of(Refusal::not_found("statement", id)));
    }
    spec.foreign.insert(POLICY.to_owned(), Value::from(all));
    write(asked, &name, &spec).await?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}
