//! `DELETE /buckets/{bucket}/uploads/{upload}`: gives a multipart upload up and throws its parts away.

use super::Done;
use super::upload_facts::Target;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::object_fault::refused;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "abort_upload",
    method: "delete",
    path: "/api/v1/buckets/{bucket}/uploads/{upload}",
    summary: "gives a multipart upload up and throws its parts away",
    query: &["key"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((bucket, upload)): Path<(String, String)>,
    Query(Target { key }): Query<Target>,
) -> Result<Json<Done>, Fault> {
    caller.may_edit()?;
    let aborted = native
        .objects
        .abort_upload(&caller.workspace, &bucket, &key, &upload)
        .await;
    aborted.map_err(refused)?;
    Ok(Json(Done {}))
}
