//! `DELETE /models/{name}/aliases/{alias}`: removes an alias.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::model::Model;
use domain::{ModelName, Name};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_model_alias",
    method: "delete",
    path: "/api/v1/models/{name}/aliases/{alias}",
    summary: "removes an alias",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Model>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((name, alias)): Path<(ModelName, Name)>,
) -> Result<Json<Model>, Fault> {
    Ok(Json(
        native
            .control
            .set_alias(&caller, &name, &alias, None)
            .await?,
    ))
}
