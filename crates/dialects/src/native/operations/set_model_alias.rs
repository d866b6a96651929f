//! `PUT /models/{name}/aliases/{alias}`: points an alias to a version.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::model::Model;
use domain::{ModelName, Name};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "set_model_alias",
    method: "put",
    path: "/api/v1/models/{name}/aliases/{alias}",
    summary: "points an alias to a version",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<Target>),
    gives: Some(SchemaGenerator::subschema_for::<Model>),
};

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(super) struct Target {
    version: u32,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((name, alias)): Path<(ModelName, Name)>,
    Json(target): Json<Target>,
) -> Result<Json<Model>, Fault> {
    Ok(Json(
        native
            .control
            .set_alias(&caller, &name, &alias, Some(target.version))
            .await?,
    ))
}
