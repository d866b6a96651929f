//! `POST /buckets/{bucket}/uploads`: begins a multipart upload; the bucket is made when it is not
//! there.

use super::upload_facts::UploadFacts;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::object_fault::refused;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use contracts::objects::Objects;
use control::error::of_objects;
use objects::{ContentHeaders, Description, NewUpload};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;
use std::collections::BTreeMap;

pub(super) const DESCRIBED: Described = Described {
    id: "begin_upload",
    method: "post",
    path: "/api/v1/buckets/{bucket}/uploads",
    summary: "begins a multipart upload; the bucket is made when it is not there",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<Wanted>),
    gives: Some(SchemaGenerator::subschema_for::<UploadFacts>),
};

/// The object that is to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    key: String,
    /// Media type.
    content_type: Option<String>,
    /// The caller's own metadata.
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(bucket): Path<String>,
    Json(wanted): Json<Wanted>,
) -> Result<Json<UploadFacts>, Fault> {
    caller.may_edit()?;
    let (workspace, objects) = (&caller.workspace, &native.objects);
    let ensured = objects.ensure_bucket(workspace, &bucket).await;
    ensured.map_err(|error| Fault(of_objects(error)))?;
    let new = NewUpload {
        description: Description {
            headers: ContentHeaders {
                content_type: wanted.content_type,
                ..ContentHeaders::default()
            },
            metadata: wanted.metadata,
            ..Description::default()
        },
        ..NewUpload::default()
    };
    let begun = objects
        .begin_upload(workspace, &bucket, &wanted.key, new)
        .await;
    Ok(Json(begun.map_err(refused)?.into()))
}
