//! `POST /keys`: makes an API key; its secret is shown only now.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use control::access::{NewKey, Role};
use domain::{Name, Workspace};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "make_key",
    method: "post",
    path: "/api/v1/keys",
    summary: "makes an API key; its secret is shown only now",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<Wanted>),
    gives: Some(SchemaGenerator::subschema_for::<NewKey>),
};

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(super) struct Wanted {
    name: Name,
    role: Role,
    #[serde(default)]
    workspace: Option<Workspace>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Json(wanted): Json<Wanted>,
) -> Result<Json<NewKey>, Fault> {
    let workspace = wanted.workspace.unwrap_or_else(|| caller.workspace.clone());
    Ok(Json(
        native
            .control
            .make_key(&caller, wanted.name, workspace, wanted.role)
            .await?,
    ))
}
