//! `POST /buckets/{bucket}/uploads/{upload}/complete`: makes the listed parts one object.

use super::ObjectFacts;
use super::upload_facts::Target;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::object_fault::{precondition, refused};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use contracts::objects::PutOptions;
use http::HeaderMap;
use objects::{Complete, CompletedPart, Put};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;

pub(super) const DESCRIBED: Described = Described {
    id: "complete_upload",
    method: "post",
    path: "/api/v1/buckets/{bucket}/uploads/{upload}/complete",
    summary: "makes the listed parts one object, or nothing when one is not as it was said",
    query: &["key"],
    takes: Some(SchemaGenerator::subschema_for::<Wanted>),
    gives: Some(SchemaGenerator::subschema_for::<ObjectFacts>),
};

/// The object as it shall be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// By ascending number; parts that are not named are thrown away.
    parts: Vec<WantedPart>,
    /// SHA-256 in hexadecimal that the object must have.
    sha256: Option<String>,
    /// Length that the object must have.
    bytes: Option<u64>,
}

/// A part as it was uploaded.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedPart {
    number: u32,
    /// As the upload of the part answered it; unset takes what is there.
    etag: Option<String>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((bucket, upload)): Path<(String, String)>,
    Query(Target { key }): Query<Target>,
    headers: HeaderMap,
    Json(wanted): Json<Wanted>,
) -> Result<Json<ObjectFacts>, Fault> {
    caller.may_edit()?;
    let promised = PutOptions {
        sha256: wanted.sha256,
        ..PutOptions::default()
    };
    let parts = wanted.parts.into_iter().map(|part| CompletedPart {
        number: part.number,
        etag: part.etag,
        ..CompletedPart::default()
    });
    let complete = Complete {
        parts: parts.collect(),
        precondition: precondition(&headers)?,
        checksums: Put::try_from(promised).map_err(refused)?.expected.values,
        bytes: wanted.bytes,
    };
    let object = native
        .objects
        .complete_upload(&caller.workspace, (&bucket, &key), &upload, &complete)
        .await;
    Ok(Json(object.map_err(refused)?.head().into()))
}
