//! `PUT /buckets/{bucket}`: makes a bucket, or changes whether it keeps versions.

use super::bucket_facts::{BucketFacts, Versions};
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::object_fault::refused;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use objects::{BucketSettings, Error};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;

pub(super) const DESCRIBED: Described = Described {
    id: "put_bucket",
    method: "put",
    path: "/api/v1/buckets/{bucket}",
    summary: "makes a bucket, or changes whether it keeps versions",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<Wanted>),
    gives: Some(SchemaGenerator::subschema_for::<BucketFacts>),
};

/// What a bucket shall be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Unset leaves it as it is; a new bucket has no versions.
    versioning: Option<Versions>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(bucket): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<BucketFacts>, Fault> {
    caller.may_edit()?;
    let (workspace, objects) = (&caller.workspace, &native.objects);
    let mut settings = BucketSettings::default();
    if let Some(versioning) = wanted.versioning {
        settings.versioning = versioning.into();
    }
    let made = objects.create_bucket(workspace, &bucket, settings).await;
    let bucket = match (made, wanted.versioning) {
        (Err(Error::BucketExists(_)), None) => objects.get_bucket(workspace, &bucket).await,
        (Err(Error::BucketExists(_)), Some(versioning)) => {
            let change = |settings: &mut BucketSettings| {
                settings.versioning = versioning.into();
                Ok(())
            };
            objects.update_bucket(workspace, &bucket, change).await
        }
        (made, _) => made,
    };
    Ok(Json(bucket.map_err(refused)?.into()))
}
