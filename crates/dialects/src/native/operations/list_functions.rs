//! `GET /functions`: lists functions by name.

use super::Page;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Paging, Query};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::function::Function;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_functions",
    method: "get",
    path: "/api/v1/functions",
    summary: "lists functions by name",
    query: &["after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<Function>>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Query(page): Query<Paging>,
) -> Result<Json<Page<Function>>, Fault> {
    let listed = native.control.functions(&caller, page.after, page.limit);
    let (items, next) = listed.await?;
    Ok(Json(Page { items, next }))
}
