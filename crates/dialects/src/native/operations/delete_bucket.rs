//! `DELETE /buckets/{bucket}`: deletes an empty bucket.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::object_fault::refused;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_bucket",
    method: "delete",
    path: "/api/v1/buckets/{bucket}",
    summary: "deletes an empty bucket",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(bucket): Path<String>,
) -> Result<Json<Done>, Fault> {
    caller.may_edit()?;
    let deleted = native
        .objects
        .delete_bucket(&caller.workspace, &bucket)
        .await;
    deleted.map_err(refused)?;
    Ok(Json(Done {}))
}
