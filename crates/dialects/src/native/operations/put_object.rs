//! `PUT /buckets/{bucket}/objects/{*key}`: writes an object; the bucket is made when it is not there.

use super::ObjectFacts;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::object_fault::{pieces, precondition, text};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::body::Body;
use axum::extract::State;
use contracts::objects::PutOptions;
use control::error::of_objects;
use http::HeaderMap;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "put_object",
    method: "put",
    path: "/api/v1/buckets/{bucket}/objects/{*key}",
    summary: "writes an object; the bucket is made when it is not there",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<ObjectFacts>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((bucket, key)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<ObjectFacts>, Fault> {
    caller.may_edit().map_err(Fault)?;
    let refuse = |error| Fault(of_objects(error));
    let options = PutOptions {
        content_type: text(&headers, "content-type"),
        precondition: precondition(&headers)?,
        sha256: text(&headers, "tradewind-sha256"),
        ..PutOptions::default()
    };
    let objects = &native.control.objects;
    objects
        .ensure_bucket(&caller.workspace, &bucket)
        .await
        .map_err(refuse)?;
    let head = objects
        .put(&caller.workspace, &bucket, &key, pieces(body), options)
        .await;
    Ok(Json(head.map_err(refuse)?.into()))
}
