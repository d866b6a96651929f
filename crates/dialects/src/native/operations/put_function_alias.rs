//! `PUT /functions/{name}/aliases/{alias}`: points an alias of a function to a version, or to two by shares.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use control::functions::{NewAlias, Presence};
use domain::function::Alias;
use domain::{FunctionName, Name};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "put_function_alias",
    method: "put",
    path: "/api/v1/functions/{name}/aliases/{alias}",
    summary: "points an alias of a function to a version, or to two by shares",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<NewAlias>),
    gives: Some(SchemaGenerator::subschema_for::<Alias>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((name, alias)): Path<(FunctionName, Name)>,
    Json(new): Json<NewAlias>,
) -> Result<Json<Alias>, Fault> {
    let made = native
        .control
        .put_alias(&caller, &name, &alias, &new, Presence::Any);
    Ok(Json(made.await?))
}
