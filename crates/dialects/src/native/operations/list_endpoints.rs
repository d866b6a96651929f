//! `GET /endpoints`: lists endpoints by name.

use super::Page;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Paging, Query};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::endpoint::Endpoint;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_endpoints",
    method: "get",
    path: "/api/v1/endpoints",
    summary: "lists endpoints by name",
    query: &["after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<Endpoint>>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Query(page): Query<Paging>,
) -> Result<Json<Page<Endpoint>>, Fault> {
    let (items, next) = native
        .control
        .endpoints(&caller, page.after, page.limit)
        .await?;
    Ok(Json(Page { items, next }))
}
