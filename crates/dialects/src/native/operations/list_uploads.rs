//! `GET /buckets/{bucket}/uploads`: lists the multipart uploads that are under way.

use super::upload_facts::UploadFacts;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::object_fault::refused;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use objects::ListUploads;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

pub(super) const DESCRIBED: Described = Described {
    id: "list_uploads",
    method: "get",
    path: "/api/v1/buckets/{bucket}/uploads",
    summary: "lists the multipart uploads that are under way",
    query: &["prefix", "after", "after_upload", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<UploadPage>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    prefix: String,
    after: Option<String>,
    after_upload: Option<String>,
    #[serde(default)]
    limit: u32,
}

/// A page of uploads.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UploadPage {
    items: Vec<UploadFacts>,
    /// The key for `after` of the next page; absent when this was the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// For `after_upload` of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_upload: Option<String>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(bucket): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<UploadPage>, Fault> {
    caller.may_read()?;
    let list = ListUploads {
        prefix: which.prefix,
        delimiter: None,
        after_key: which.after,
        after_upload: which.after_upload,
        limit: which.limit.min(1_000),
    };
    let found = native
        .objects
        .list_uploads(&caller.workspace, &bucket, &list)
        .await;
    let found = found.map_err(refused)?;
    let (next, next_upload) = found.next.unzip();
    Ok(Json(UploadPage {
        items: found.uploads.into_iter().map(Into::into).collect(),
        next,
        next_upload,
    }))
}
