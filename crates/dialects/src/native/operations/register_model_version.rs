//! `POST /models/{name}/versions`: registers a version of a model.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use control::models::NewVersion;
use domain::ModelName;
use domain::model::ModelVersion;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "register_model_version",
    method: "post",
    path: "/api/v1/models/{name}/versions",
    summary: "registers a version of a model",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<NewVersion>),
    gives: Some(SchemaGenerator::subschema_for::<ModelVersion>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<ModelName>,
    Json(new): Json<NewVersion>,
) -> Result<Json<ModelVersion>, Fault> {
    let answer = native
        .control
        .register_version(&caller, &name, &new)
        .await?;
    Ok(Json(answer))
}
