//! `GET /buckets/{bucket}/objects`: lists the objects of a bucket in the order of their keys.

use super::ObjectPage;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use contracts::objects::ListObjects;
use control::error::of_objects;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_objects",
    method: "get",
    path: "/api/v1/buckets/{bucket}/objects",
    summary: "lists the objects of a bucket in the order of their keys",
    query: &["prefix", "delimiter", "after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<ObjectPage>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    prefix: String,
    delimiter: Option<String>,
    after: Option<String>,
    #[serde(default)]
    limit: u32,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(bucket): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<ObjectPage>, Fault> {
    caller.may_read().map_err(Fault)?;
    let list = ListObjects {
        prefix: which.prefix,
        delimiter: which.delimiter,
        after: which.after,
        limit: which.limit.min(1_000),
    };
    let listing = native
        .control
        .objects
        .list(&caller.workspace, &bucket, &list)
        .await;
    let listing = listing.map_err(|error| Fault(of_objects(error)))?;
    let items = listing.objects.into_iter().map(Into::into).collect();
    Ok(Json(ObjectPage {
        items,
        prefixes: listing.prefixes,
        next: listing.next,
    }))
}
