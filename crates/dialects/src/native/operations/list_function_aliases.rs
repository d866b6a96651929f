//! `GET /functions/{name}/aliases`: lists the aliases of a function.

use super::Page;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Paging, Path, Query};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::FunctionName;
use domain::function::Alias;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_function_aliases",
    method: "get",
    path: "/api/v1/functions/{name}/aliases",
    summary: "lists the aliases of a function",
    query: &["after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<Alias>>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<FunctionName>,
    Query(page): Query<Paging>,
) -> Result<Json<Page<Alias>>, Fault> {
    let control = &native.control;
    let listed = control.function_aliases(&caller, &name, page.after, page.limit);
    let (items, next) = listed.await?;
    Ok(Json(Page { items, next }))
}
