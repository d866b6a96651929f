//! `GET /functions/{name}`: reads a function.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::FunctionName;
use domain::function::Function;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "get_function",
    method: "get",
    path: "/api/v1/functions/{name}",
    summary: "reads a function",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Function>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<FunctionName>,
) -> Result<Json<Function>, Fault> {
    Ok(Json(native.control.function(&caller, &name).await?))
}
