//! `GET /endpoints/{name}/traces`: where the time of an endpoint's slowest requests went.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::{EndpointName, Refusal};
use schemars::SchemaGenerator;
use serving::EndpointKey;
use serving::traces::Trace;

pub(super) const DESCRIBED: Described = Described {
    id: "get_endpoint_traces",
    method: "get",
    path: "/api/v1/endpoints/{name}/traces",
    summary: "where the time of an endpoint's slowest requests of the last minutes on this server went",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Vec<Trace>>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<EndpointName>,
) -> Result<Json<Vec<Trace>>, Fault> {
    caller.may_read()?;
    let key = EndpointKey {
        workspace: caller.workspace.clone(),
        name: name.clone(),
    };
    let traces = native.endpoints.traces(&key);
    let traces = traces.ok_or_else(|| Refusal::not_found("endpoint", name))?;
    Ok(Json(traces))
}
