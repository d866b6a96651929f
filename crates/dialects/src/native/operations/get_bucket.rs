//! `GET /buckets/{bucket}`: shows a bucket.

use super::bucket_facts::BucketFacts;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::object_fault::refused;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "get_bucket",
    method: "get",
    path: "/api/v1/buckets/{bucket}",
    summary: "shows a bucket",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<BucketFacts>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(bucket): Path<String>,
) -> Result<Json<BucketFacts>, Fault> {
    caller.may_read()?;
    let found = native.objects.get_bucket(&caller.workspace, &bucket).await;
    Ok(Json(found.map_err(refused)?.into()))
}
