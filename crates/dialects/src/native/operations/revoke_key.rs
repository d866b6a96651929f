//! `DELETE /keys/{name}`: revokes the API keys of a name.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::Name;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "revoke_key",
    method: "delete",
    path: "/api/v1/keys/{name}",
    summary: "revokes the API keys of a name",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<Name>,
) -> Result<Json<Done>, Fault> {
    native.control.revoke_key(&caller, &name).await?;
    Ok(Json(Done {}))
}
