//! `GET /buckets`: lists buckets by name.

use super::Page;
use super::bucket_facts::BucketFacts;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Query};
use crate::native::object_fault::refused;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_buckets",
    method: "get",
    path: "/api/v1/buckets",
    summary: "lists buckets by name",
    query: &["prefix", "after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<BucketFacts>>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    prefix: String,
    after: Option<String>,
    #[serde(default)]
    limit: u32,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Query(which): Query<Which>,
) -> Result<Json<Page<BucketFacts>>, Fault> {
    caller.may_read()?;
    let limit = which.limit.min(1_000);
    let after = which.after.as_deref();
    let found = native
        .objects
        .list_buckets(&caller.workspace, &which.prefix, after, limit)
        .await;
    let (buckets, next) = found.map_err(refused)?;
    let items = buckets.into_iter().map(Into::into).collect();
    Ok(Json(Page { items, next }))
}
