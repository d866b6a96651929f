//! `CreateFunctionUrlConfig`, `UpdateFunctionUrlConfig`, `GetFunctionUrlConfig`,
//! `DeleteFunctionUrlConfig`. The address is this server's own.

use super::{present, write};
use crate::fault::Fault;
use crate::lambda::fault::{of, parameter};
use crate::lambda::{Answered, Asked, names, render};
use domain::Refusal;
use domain::function::{Function, HttpAccess};
use http::StatusCode;
use serde_json::{Value, json};

const URL: &str = "FunctionUrlConfig";

fn described(asked: &Asked<'_>, function: &Function) -> Result<Value, Fault> {
    let name = &function.name;
    let Some(kept) = function.spec.foreign.get(URL) else {
        return Err(of(Refusal::not_found("function URL", name)));
    };
    let host = asked.header("host").unwrap_or("127.0.0.1");
    Ok(json!({
        "FunctionUrl": format!("http://{host}/functions/{name}/"),
        "FunctionArn": render::arn(asked, name, None),
        "AuthType": kept["AuthType"],
        "InvokeMode": "BUFFERED",
        "CreationTime": kept["CreationTime"],
        "LastModifiedTime": kept["LastModifiedTime"],
    }))
}

/// `CreateFunctionUrlConfig` and `UpdateFunctionUrlConfig`.
pub(in crate::lambda) async fn put_url(asked: &Asked<'_>, part: &str) -> Answered {
    let members = asked.members()?;
    let (name, _) = names::function(part)?;
    if members.get("Cors").is_some() {
        return Err(parameter(
            "`Cors` of function URLs is not served; answer the headers yourself",
        ));
    }
    if members.get("InvokeMode").and_then(Value::as_str) == Some("RESPONSE_STREAM") {
        return Err(parameter("`RESPONSE_STREAM` is not served"));
    }
    let mut spec = present(asked, &name).await?.spec;
    let kept = spec.foreign.get(URL).cloned();
    let told = members
        .get("AuthType")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let before = kept
        .as_ref()
        .and_then(|kept| kept["AuthType"].as_str().map(str::to_owned));
    let auth = told.or(before).unwrap_or_default();
    spec.address = match auth.as_str() {
        "NONE" => HttpAccess::Public,
        "AWS_IAM" => HttpAccess::Key,
        _ => return Err(parameter("AuthType is `NONE` or `AWS_IAM`")),
    };
    let time = jiff::Timestamp::from_millisecond(asked.call.aws.control.world.now().0);
    let now = json!(
        time.unwrap_or_default()
            .strftime("%Y-%m-%dT%H:%M:%S.%6fZ")
            .to_string()
    );
    let created = kept
        .as_ref()
        .map_or(now.clone(), |kept| kept["CreationTime"].clone());
    let status = if kept.is_some() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    spec.foreign.insert(
        URL.to_owned(),
        json!({"AuthType": auth, "CreationTime": created, "LastModifiedTime": now}),
    );
    let function = write(asked, &name, &spec).await?;
    let mut answer = described(asked, &function)?;
    if status == StatusCode::CREATED
        && let Some(members) = answer.as_object_mut()
    {
        // An address that was just made has not been changed; its answer has no such member.
        members.remove("LastModifiedTime");
    }
    Ok((status, answer))
}

/// `GetFunctionUrlConfig`.
pub(in crate::lambda) async fn get_url(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, _) = names::function(part)?;
    let function = present(asked, &name).await?;
    Ok((StatusCode::OK, described(asked, &function)?))
}

/// `ListFunctionUrlConfigs`: one at most, for only `$LATEST` has an address of its own here.
pub(in crate::lambda) async fn list_urls(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, _) = names::function(part)?;
    let function = present(asked, &name).await?;
    let found = function.spec.foreign.contains_key(URL);
    let shown = found.then(|| described(asked, &function)).transpose()?;
    let all: Vec<Value> = shown.into_iter().collect();
    Ok((StatusCode::OK, json!({"FunctionUrlConfigs": all})))
}

/// `DeleteFunctionUrlConfig`: the address then needs a key of this installation.
pub(in crate::lambda) async fn delete_url(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, _) = names::function(part)?;
    let mut spec = present(asked, &name).await?.spec;
    if spec.foreign.remove(URL).is_none() {
        return Err(of(Refusal::not_found("function URL", &name)));
    }
    spec.address = HttpAccess::Key;
    write(asked, &name, &spec).await?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}
