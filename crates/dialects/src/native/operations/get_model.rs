//! `GET /models/{name}`: reads a model.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::ModelName;
use domain::model::Model;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "get_model",
    method: "get",
    path: "/api/v1/models/{name}",
    summary: "reads a model",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Model>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<ModelName>,
) -> Result<Json<Model>, Fault> {
    let answer = native.control.model(&caller, &name).await?;
    Ok(Json(answer))
}
