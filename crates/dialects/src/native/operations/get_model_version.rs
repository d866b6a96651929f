//! `GET /models/{name}/versions/{version}`: reads a version.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::ModelName;
use domain::model::{ModelReference, ModelVersion};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "get_model_version",
    method: "get",
    path: "/api/v1/models/{name}/versions/{version}",
    summary: "reads a version",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<ModelVersion>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((name, version)): Path<(ModelName, u32)>,
) -> Result<Json<ModelVersion>, Fault> {
    let reference = ModelReference::Version(name, version);
    Ok(Json(
        native.control.model_version(&caller, &reference).await?,
    ))
}
