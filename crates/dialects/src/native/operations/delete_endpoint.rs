//! `DELETE /endpoints/{name}`: takes an endpoint down.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::EndpointName;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_endpoint",
    method: "delete",
    path: "/api/v1/endpoints/{name}",
    summary: "takes an endpoint down",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<EndpointName>,
) -> Result<Json<Done>, Fault> {
    native.control.delete_endpoint(&caller, &name).await?;
    Ok(Json(Done {}))
}
