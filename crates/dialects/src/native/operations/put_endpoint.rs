//! `PUT /endpoints/{name}`: makes an endpoint or changes what answers behind it.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::EndpointName;
use domain::endpoint::{Endpoint, EndpointSpec};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "put_endpoint",
    method: "put",
    path: "/api/v1/endpoints/{name}",
    summary: "makes an endpoint or changes what answers behind it",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<EndpointSpec>),
    gives: Some(SchemaGenerator::subschema_for::<Endpoint>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<EndpointName>,
    Json(spec): Json<EndpointSpec>,
) -> Result<Json<Endpoint>, Fault> {
    let answer = native.control.put_endpoint(&caller, &name, &spec).await?;
    Ok(Json(answer))
}
