//! `DELETE /functions/{name}`: forgets a function with its versions and aliases.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::FunctionName;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_function",
    method: "delete",
    path: "/api/v1/functions/{name}",
    summary: "forgets a function with its versions and aliases",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<FunctionName>,
) -> Result<Json<Done>, Fault> {
    native.control.delete_function(&caller, &name).await?;
    Ok(Json(Done {}))
}
