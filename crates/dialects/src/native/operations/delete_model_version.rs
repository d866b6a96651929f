//! `DELETE /models/{name}/versions/{version}`: deletes a version; refused while an endpoint uses it.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::ModelName;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_model_version",
    method: "delete",
    path: "/api/v1/models/{name}/versions/{version}",
    summary: "deletes a version; refused while an endpoint uses it",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((name, version)): Path<(ModelName, u32)>,
) -> Result<Json<Done>, Fault> {
    native
        .control
        .delete_version(&caller, &name, version)
        .await?;
    Ok(Json(Done {}))
}
