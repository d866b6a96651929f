//! `GET /models`: lists models by name.

use super::Page;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Paging, Query};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::model::Model;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_models",
    method: "get",
    path: "/api/v1/models",
    summary: "lists models by name",
    query: &["after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<Model>>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Query(page): Query<Paging>,
) -> Result<Json<Page<Model>>, Fault> {
    let (items, next) = native
        .control
        .models(&caller, page.after, page.limit)
        .await?;
    Ok(Json(Page { items, next }))
}
