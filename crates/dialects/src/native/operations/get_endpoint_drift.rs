//! `GET /endpoints/{name}/drift`: how far what an endpoint is asked has moved from its baseline.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::{EndpointName, Refusal};
use schemars::SchemaGenerator;
use serving::EndpointKey;
use serving::drift::{DriftError, DriftReport, drift};

pub(super) const DESCRIBED: Described = Described {
    id: "get_endpoint_drift",
    method: "get",
    path: "/api/v1/endpoints/{name}/drift",
    summary: "how far what an endpoint is asked has moved from its baseline, feature by feature",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<DriftReport>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<EndpointName>,
) -> Result<Json<DriftReport>, Fault> {
    let endpoint = native.control.endpoint(&caller, &name).await?;
    let key = EndpointKey {
        workspace: caller.workspace.clone(),
        name,
    };
    let report = drift(&native.endpoints, &key, endpoint.spec.capture.as_ref()).await;
    report.map(Json).map_err(|error| Fault(refusal(error)))
}

fn refusal(error: DriftError) -> Refusal {
    match error {
        DriftError::Objects(error) => control::error::of_objects(error),
        DriftError::TooFew { .. } => Refusal::conflict(error.to_string()),
        DriftError::NoCapture(_) | DriftError::Baseline { .. } => {
            Refusal::invalid(error.to_string())
        }
    }
}
