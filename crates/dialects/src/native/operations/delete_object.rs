//! `DELETE /buckets/{bucket}/objects/{*key}`: deletes an object, or one version of it for good.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::object_fault::refused;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use objects::Deleted;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_object",
    method: "delete",
    path: "/api/v1/buckets/{bucket}/objects/{*key}",
    summary: "deletes an object (with a marker where the bucket keeps versions), or one version for good",
    query: &["version"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Deletion>),
};

/// One version of an object; unset is the present one.
#[derive(serde::Deserialize)]
pub(super) struct Which {
    pub(super) version: Option<String>,
}

/// What a deletion did; what is not there is no error.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Deletion {
    /// Whether there was anything of that name.
    found: bool,
    /// The delete marker that was made; the earlier versions are still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
    /// Whether a delete marker was taken away, so that an earlier version is back.
    restored: bool,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((bucket, key)): Path<(String, String)>,
    Query(Which { version }): Query<Which>,
) -> Result<Json<Deletion>, Fault> {
    caller.may_edit()?;
    let deleted = native
        .objects
        .delete_object(&caller.workspace, &bucket, &key, version.as_deref())
        .await;
    let (found, marker, restored) = match deleted.map_err(refused)? {
        Deleted::Nothing => (false, None, false),
        Deleted::Object => (true, None, false),
        Deleted::Marked { version } => (true, Some(version), false),
        Deleted::Version { was_marker, .. } => (true, None, was_marker),
    };
    Ok(Json(Deletion {
        found,
        marker,
        restored,
    }))
}
