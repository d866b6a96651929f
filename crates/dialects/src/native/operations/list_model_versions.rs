//! `GET /models/{name}/versions`: lists the versions of a model, the oldest first.

use super::Page;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Paging, Path, Query};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::ModelName;
use domain::model::ModelVersion;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_model_versions",
    method: "get",
    path: "/api/v1/models/{name}/versions",
    summary: "lists the versions of a model, the oldest first",
    query: &["after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<ModelVersion>>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<ModelName>,
    Query(page): Query<Paging>,
) -> Result<Json<Page<ModelVersion>>, Fault> {
    let (items, next) = native
        .control
        .model_versions(&caller, &name, page.after, page.limit)
        .await?;
    Ok(Json(Page { items, next }))
}
