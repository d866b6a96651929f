//! `POST /functions/{name}/versions`: makes a version that never changes of what `$LATEST` is.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::FunctionName;
use domain::function::FunctionVersion;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "publish_function_version",
    method: "post",
    path: "/api/v1/functions/{name}/versions",
    summary: "makes a version that never changes of what `$LATEST` is",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<NewFunctionVersion>),
    gives: Some(SchemaGenerator::subschema_for::<FunctionVersion>),
};

/// What a version is published with.
#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(super) struct NewFunctionVersion {
    /// For people.
    #[serde(default)]
    description: String,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<FunctionName>,
    Json(new): Json<NewFunctionVersion>,
) -> Result<Json<FunctionVersion>, Fault> {
    let control = &native.control;
    let made = control.publish_function_version(&caller, &name, &new.description);
    Ok(Json(made.await?))
}
