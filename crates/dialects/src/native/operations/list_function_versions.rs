//! `GET /functions/{name}/versions`: lists the published versions of a function.

use super::Page;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::FunctionName;
use domain::function::FunctionVersion;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_function_versions",
    method: "get",
    path: "/api/v1/functions/{name}/versions",
    summary: "lists the published versions of a function",
    query: &["after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<FunctionVersion>>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    after: Option<String>,
    #[serde(default)]
    limit: u32,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<FunctionName>,
    Query(which): Query<Which>,
) -> Result<Json<Page<FunctionVersion>>, Fault> {
    let control = &native.control;
    let listed = control.function_versions(&caller, &name, which.after, which.limit);
    let (items, next) = listed.await?;
    Ok(Json(Page { items, next }))
}
