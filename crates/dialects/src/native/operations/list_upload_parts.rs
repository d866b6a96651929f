//! `GET /buckets/{bucket}/uploads/{upload}/parts`: lists the parts of a multipart upload.

use super::Page;
use super::upload_facts::PartFacts;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::object_fault::refused;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_upload_parts",
    method: "get",
    path: "/api/v1/buckets/{bucket}/uploads/{upload}/parts",
    summary: "lists the parts of a multipart upload",
    query: &["key", "after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<PartFacts>>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    key: String,
    /// A part's number.
    #[serde(default)]
    after: u32,
    #[serde(default)]
    limit: u32,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((bucket, upload)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Json<Page<PartFacts>>, Fault> {
    caller.may_read()?;
    let target = (bucket.as_str(), which.key.as_str());
    let found = native
        .objects
        .list_parts(
            &caller.workspace,
            target,
            &upload,
            which.after,
            which.limit.min(1_000),
        )
        .await;
    let found = found.map_err(refused)?;
    Ok(Json(Page {
        items: found.parts.into_iter().map(Into::into).collect(),
        next: found.next.map(|number| number.to_string()),
    }))
}
