//! `DELETE /buckets/{bucket}/objects/{*key}`: deletes an object.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use control::error::of_objects;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_object",
    method: "delete",
    path: "/api/v1/buckets/{bucket}/objects/{*key}",
    summary: "deletes an object",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((bucket, key)): Path<(String, String)>,
) -> Result<Json<Done>, Fault> {
    caller.may_edit().map_err(Fault)?;
    let deleted = native
        .control
        .objects
        .delete(&caller.workspace, &bucket, &key)
        .await;
    deleted.map_err(|error| Fault(of_objects(error)))?;
    Ok(Json(Done {}))
}
