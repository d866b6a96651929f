//! `POST /models/{name}/versions/{version}/approval`: sets whether a version may be used.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::ModelName;
use domain::model::{Approval, ModelReference, ModelVersion};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "approve_model_version",
    method: "post",
    path: "/api/v1/models/{name}/versions/{version}/approval",
    summary: "sets whether a version may be used",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<Decision>),
    gives: Some(SchemaGenerator::subschema_for::<ModelVersion>),
};

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(super) struct Decision {
    approval: Approval,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((name, version)): Path<(ModelName, u32)>,
    Json(decision): Json<Decision>,
) -> Result<Json<ModelVersion>, Fault> {
    let reference = ModelReference::Version(name, version);
    Ok(Json(
        native
            .control
            .approve_version(&caller, &reference, decision.approval)
            .await?,
    ))
}
