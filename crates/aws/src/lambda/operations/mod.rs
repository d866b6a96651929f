//! One group of operations a file.

mod address;
mod aliases;
mod asynchronous;
mod concurrency;
mod functions;
mod invoke;
mod permissions;
mod tags;
mod versions;

pub(super) use address::{delete_url, get_url, list_urls, put_url};
pub(super) use aliases::{create_alias, delete_alias, get_alias, list_aliases, update_alias};
pub(super) use asynchronous::{
    delete_event_invoke, get_event_invoke, list_event_invoke, put_event_invoke, update_event_invoke,
};
pub(super) use concurrency::{delete_concurrency, get_concurrency, put_concurrency};
pub(super) use functions::{
    create_function, delete_function, get_configuration, get_function, list_functions, update_code,
    update_configuration,
};
pub(super) use invoke::{invoke, invoke_async};
pub(super) use permissions::{add_permission, get_policy, remove_permission};
pub(super) use tags::{list_tags, tag, untag};
pub(super) use versions::{list_versions, publish_version};

use super::Asked;
use super::fault::of;
use crate::fault::Fault;
use control::functions::Presence;
use domain::FunctionName;
use domain::function::{Function, FunctionSpec};

/// The function as it is.
async fn present(asked: &Asked<'_>, name: &FunctionName) -> Result<Function, Fault> {
    let found = asked
        .call
        .aws
        .control
        .function(&asked.call.caller(), name)
        .await;
    found.map_err(of)
}

/// Writes a function that is there.
async fn write(
    asked: &Asked<'_>,
    name: &FunctionName,
    spec: &FunctionSpec,
) -> Result<Function, Fault> {
    let caller = asked.call.caller();
    let control = &asked.call.aws.control;
    let written = control.put_function(&caller, name, spec, Presence::Present);
    written.await.map_err(of)
}

/// The page that was asked for: after which, and how many.
fn page(asked: &Asked<'_>) -> (Option<String>, u32) {
    let most = asked
        .query
        .get("MaxItems")
        .and_then(|text| text.parse().ok());
    (
        asked.query.get("Marker").cloned(),
        most.unwrap_or(50).clamp(1, 1_000),
    )
}
