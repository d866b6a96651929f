//! `PUT /functions/{name}`: makes a function or changes what `$LATEST` of it is.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use control::functions::Presence;
use domain::FunctionName;
use domain::function::{Function, FunctionSpec};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "put_function",
    method: "put",
    path: "/api/v1/functions/{name}",
    summary: "makes a function or changes what `$LATEST` of it is",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<FunctionSpec>),
    gives: Some(SchemaGenerator::subschema_for::<Function>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<FunctionName>,
    Json(spec): Json<FunctionSpec>,
) -> Result<Json<Function>, Fault> {
    let made = native
        .control
        .put_function(&caller, &name, &spec, Presence::Any);
    Ok(Json(made.await?))
}
