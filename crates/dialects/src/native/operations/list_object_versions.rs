//! `GET /buckets/{bucket}/versions`: lists versions and delete markers by key, the newest of each
//! first.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::object_fault::refused;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use contracts::objects::ListObjects;
use domain::{Refusal, Timestamp};
use objects::Object;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

pub(super) const DESCRIBED: Described = Described {
    id: "list_object_versions",
    method: "get",
    path: "/api/v1/buckets/{bucket}/versions",
    summary: "lists versions and delete markers by key, the newest of each first",
    query: &["prefix", "after", "after_version", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<VersionPage>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    prefix: String,
    after: Option<String>,
    after_version: Option<String>,
    #[serde(default)]
    limit: u32,
}

/// A page of versions.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct VersionPage {
    items: Vec<VersionFacts>,
    /// For `after` of the next page; absent when this was the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// For `after_version` of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_version: Option<String>,
}

/// A version of an object, or a delete marker.
#[derive(Debug, Serialize, JsonSchema)]
struct VersionFacts {
    key: String,
    version: String,
    /// Whether it is the newest of its key.
    latest: bool,
    /// Whether it says that the object was deleted; then it has no bytes.
    delete_marker: bool,
    bytes: u64,
    etag: String,
    sha256: String,
    modified: Timestamp,
}

impl From<(Object, bool)> for VersionFacts {
    fn from((object, latest): (Object, bool)) -> Self {
        Self {
            latest,
            delete_marker: object.is_delete_marker(),
            key: object.key,
            version: object.version,
            bytes: object.bytes,
            etag: object.etag,
            sha256: object.sha256,
            modified: object.modified,
        }
    }
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(bucket): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<VersionPage>, Fault> {
    caller.may_read()?;
    if which.after_version.is_some() && which.after.is_none() {
        let text = "`after_version` needs `after`, the key that it is a version of";
        return Err(Fault(Refusal::invalid(text)));
    }
    let list = ListObjects {
        prefix: which.prefix,
        delimiter: None,
        after: which.after,
        limit: which.limit.min(1_000),
    };
    let version = which.after_version.as_deref();
    let listing = native
        .objects
        .list_versions(&caller.workspace, &bucket, &list, version)
        .await;
    let listing = listing.map_err(refused)?;
    let (next, next_version) = listing.next.unzip();
    Ok(Json(VersionPage {
        items: listing.versions.into_iter().map(Into::into).collect(),
        next,
        next_version,
    }))
}
