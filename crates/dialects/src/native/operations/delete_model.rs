//! `DELETE /models/{name}`: deletes a model with its versions; refused while an endpoint uses one.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::ModelName;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_model",
    method: "delete",
    path: "/api/v1/models/{name}",
    summary: "deletes a model with its versions; refused while an endpoint uses one",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<ModelName>,
) -> Result<Json<Done>, Fault> {
    native.control.delete_model(&caller, &name).await?;
    Ok(Json(Done {}))
}
