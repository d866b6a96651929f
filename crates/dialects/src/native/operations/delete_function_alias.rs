//! `DELETE /functions/{name}/aliases/{alias}`: forgets an alias of a function.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::{FunctionName, Name};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_function_alias",
    method: "delete",
    path: "/api/v1/functions/{name}/aliases/{alias}",
    summary: "forgets an alias of a function",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((name, alias)): Path<(FunctionName, Name)>,
) -> Result<Json<Done>, Fault> {
    native.control.delete_alias(&caller, &name, &alias).await?;
    Ok(Json(Done {}))
}
