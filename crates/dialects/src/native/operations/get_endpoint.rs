//! `GET /endpoints/{name}`: reads an endpoint.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::EndpointName;
use domain::endpoint::Endpoint;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "get_endpoint",
    method: "get",
    path: "/api/v1/endpoints/{name}",
    summary: "reads an endpoint",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Endpoint>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<EndpointName>,
) -> Result<Json<Endpoint>, Fault> {
    let answer = native.control.endpoint(&caller, &name).await?;
    Ok(Json(answer))
}
