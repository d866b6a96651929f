//! `POST /costs/advice/applied/{id}/undo`: sets what was there before advice was applied.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native, advice};
use axum::extract::State;
use costs::rules::Applied;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "undo_advice",
    method: "post",
    path: "/api/v1/costs/advice/applied/{id}/undo",
    summary: "sets what was there before advice was applied",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Applied>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Json<Applied>, Fault> {
    Ok(Json(advice::undo(&native, &caller, &id).await?))
}
