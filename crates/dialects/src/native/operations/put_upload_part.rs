//! `PUT /buckets/{bucket}/uploads/{upload}/parts/{number}`: uploads a part; one of the same number is
//! replaced.

use super::upload_facts::{PartFacts, Target};
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::object_fault::{pieces, refused, text};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::body::Body;
use axum::extract::State;
use contracts::objects::PutOptions;
use http::HeaderMap;
use objects::{Put, UploadPart};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "put_upload_part",
    method: "put",
    path: "/api/v1/buckets/{bucket}/uploads/{upload}/parts/{number}",
    summary: "uploads a part; one of the same number is replaced",
    query: &["key"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<PartFacts>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path((bucket, upload, number)): Path<(String, String, u32)>,
    Query(Target { key }): Query<Target>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<PartFacts>, Fault> {
    caller.may_edit()?;
    let promised = PutOptions {
        sha256: text(&headers, "tradewind-sha256"),
        ..PutOptions::default()
    };
    let part = UploadPart {
        expected: Put::try_from(promised).map_err(refused)?.expected,
        ..UploadPart::default()
    };
    let uploaded = native
        .objects
        .upload_part(
            &caller.workspace,
            (&bucket, &key),
            &upload,
            number,
            pieces(body),
            part,
        )
        .await;
    Ok(Json(uploaded.map_err(refused)?.into()))
}
