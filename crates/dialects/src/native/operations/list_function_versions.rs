//! `GET /functions/{name}/versions`: lists the published versions of a function.

use super::Page;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Paging, Path, Query};
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

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<FunctionName>,
    Query(page): Query<Paging>,
) -> Result<Json<Page<FunctionVersion>>, Fault> {
    let control = &native.control;
    let listed = control.function_versions(&caller, &name, page.after, page.limit);
    let (items, next) = listed.await?;
    Ok(Json(Page { items, next }))
}
