//! `CreateFunction`, `GetFunction`, `GetFunctionConfiguration`, `UpdateFunctionCode`,
//! `UpdateFunctionConfiguration`, `ListFunctions`, `DeleteFunction`.

use super::{page, present, write};
use crate::fault::Fault;
use crate::lambda::fault::{of, parameter};
use crate::lambda::{Answered, Asked, credentials, names, render, spec};
use control::functions::Presence;
use domain::FunctionName;
use domain::function::{Function, Qualifier};
use http::StatusCode;
use serde_json::{Value, json};

/// `CreateFunction`.
pub(in crate::lambda) async fn create_function(asked: &Asked<'_>) -> Answered {
    let members = asked.members()?;
    let name = members
        .get("FunctionName")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let (name, _) = names::function(name)?;
    let code = members.get("Code").cloned().unwrap_or_default();
    let code = spec::code(asked, &code).await?;
    let mut wanted = spec::created(asked, &members, code).await?;
    credentials::check_role(asked, &name, &wanted).await?;
    credentials::sign(asked, &name, &mut wanted)?;
    let control = &asked.call.aws.control;
    let caller = asked.call.caller();
    let made = control
        .put_function(&caller, &name, &wanted, Presence::Absent)
        .await;
    let made = made.map_err(|refusal| match refusal {
        domain::Refusal::AlreadyExists { .. } => of(domain::Refusal::conflict(format!(
            "Function already exist: {name}"
        ))),
        other => of(other),
    })?;
    let value = published(asked, &members, &made).await?;
    Ok((StatusCode::CREATED, value))
}

/// The function, or the version that the request wants published of it.
async fn published(asked: &Asked<'_>, members: &Value, made: &Function) -> Result<Value, Fault> {
    if members.get("Publish").and_then(Value::as_bool) != Some(true) {
        return Ok(render::latest(asked, made, false).await);
    }
    let control = &asked.call.aws.control;
    let version = control
        .publish_function_version(&asked.call.caller(), &made.name, "")
        .await;
    Ok(render::version(asked, &version.map_err(of)?).await)
}

async fn configuration(asked: &Asked<'_>, part: &str) -> Result<(Value, FunctionName), Fault> {
    let (name, qualifier) = asked.function(part)?;
    let control = &asked.call.aws.control;
    let caller = asked.call.caller();
    let number = match &qualifier {
        Qualifier::Latest => None,
        Qualifier::Version(number) => Some(*number),
        Qualifier::Alias(alias) => {
            let alias = control
                .function_alias(&caller, &name, alias)
                .await
                .map_err(of)?;
            alias.version
        }
    };
    let value = match number {
        None => {
            let qualified = asked.query.contains_key("Qualifier");
            render::latest(asked, &present(asked, &name).await?, qualified).await
        }
        Some(number) => {
            let version = control.function_version(&caller, &name, number).await;
            render::version(asked, &version.map_err(of)?).await
        }
    };
    Ok((value, name))
}

/// `GetFunction`.
pub(in crate::lambda) async fn get_function(asked: &Asked<'_>, part: &str) -> Answered {
    let (configuration, name) = configuration(asked, part).await?;
    let function = present(asked, &name).await?;
    let mut value = json!({
        "Configuration": configuration,
        "Code": {"RepositoryType": "S3", "Location": function.spec.code.location},
    });
    if !function.spec.tags.is_empty() {
        value["Tags"] = json!(function.spec.tags);
    }
    if let Some(reserved) = function.spec.foreign.get("ReservedConcurrentExecutions") {
        value["Concurrency"] = json!({"ReservedConcurrentExecutions": reserved});
    }
    Ok((StatusCode::OK, value))
}

/// `GetFunctionConfiguration`.
pub(in crate::lambda) async fn get_configuration(asked: &Asked<'_>, part: &str) -> Answered {
    Ok((StatusCode::OK, configuration(asked, part).await?.0))
}

/// `ListFunctions`.
pub(in crate::lambda) async fn list_functions(asked: &Asked<'_>) -> Answered {
    let (after, most) = page(asked);
    let listed = asked
        .call
        .aws
        .control
        .functions(&asked.call.caller(), after, most)
        .await;
    let (functions, next) = listed.map_err(of)?;
    let mut rendered = Vec::new();
    for function in &functions {
        let mut value = render::latest(asked, function, false).await;
        if let Some(members) = value.as_object_mut() {
            for absent in [
                "State",
                "StateReason",
                "StateReasonCode",
                "LastUpdateStatus",
            ] {
                members.remove(absent);
            }
        }
        rendered.push(value);
    }
    let mut value = json!({"Functions": rendered});
    if let Some(next) = next {
        value["NextMarker"] = json!(next);
    }
    Ok((StatusCode::OK, value))
}

/// `UpdateFunctionCode`.
pub(in crate::lambda) async fn update_code(asked: &Asked<'_>, part: &str) -> Answered {
    let members = asked.members()?;
    let (name, _) = names::function(part)?;
    let mut wanted = present(asked, &name).await?.spec;
    wanted.code.location = spec::code(asked, &members).await?;
    credentials::sign(asked, &name, &mut wanted)?;
    if members.get("DryRun").and_then(Value::as_bool) == Some(true) {
        let function = present(asked, &name).await?;
        return Ok((
            StatusCode::OK,
            render::latest(asked, &function, false).await,
        ));
    }
    let made = write(asked, &name, &wanted).await?;
    Ok((StatusCode::OK, published(asked, &members, &made).await?))
}

/// `UpdateFunctionConfiguration`.
pub(in crate::lambda) async fn update_configuration(asked: &Asked<'_>, part: &str) -> Answered {
    let members = asked.members()?;
    let (name, _) = names::function(part)?;
    let mut wanted = present(asked, &name).await?.spec;
    let before = credentials::role(&wanted).map(str::to_owned);
    spec::changed(asked, &members, &mut wanted).await?;
    let passes = credentials::role(&wanted) != before.as_deref();
    if passes {
        credentials::check_role(asked, &name, &wanted).await?;
    }
    credentials::sign(asked, &name, &mut wanted)?;
    let made = write(asked, &name, &wanted).await?;
    if passes {
        // Instances that have keys of the role before are not called any more.
        let (control, workspace) = (&asked.call.aws.control, &asked.call.principal.workspace);
        control.function_plane.retire(workspace, &name, &[]).await;
    }
    Ok((StatusCode::OK, render::latest(asked, &made, false).await))
}

/// `DeleteFunction`: the function, or one version of it.
pub(in crate::lambda) async fn delete_function(asked: &Asked<'_>, part: &str) -> Answered {
    let (name, qualifier) = asked.function(part)?;
    let control = &asked.call.aws.control;
    let caller = asked.call.caller();
    let deleted = match qualifier {
        Qualifier::Latest if asked.query.contains_key("Qualifier") => {
            return Err(parameter(
                "$LATEST version cannot be deleted without deleting the function.",
            ));
        }
        Qualifier::Latest => control.delete_function(&caller, &name).await,
        Qualifier::Version(number) => {
            control
                .delete_function_version(&caller, &name, number)
                .await
        }
        Qualifier::Alias(_) => {
            return Err(parameter("an alias is deleted by DeleteAlias"));
        }
    };
    deleted.map_err(of)?;
    Ok((StatusCode::NO_CONTENT, Value::Null))
}
