//! One request on a predictor.

use super::decode::decode;
use super::encode::{datatype, encode, kind};
use super::media::{MediaType, choose};
use crate::call::Answer;
use bytes::Bytes;
use http::StatusCode;
use predictors::Predictor;

/// The answer that the Python worker would give, byte for byte; none when it must be asked.
pub(super) fn answer(
    predictor: &Predictor,
    content_type: &str,
    accept: &str,
    body: &[u8],
) -> Option<Answer> {
    let media = MediaType::parse(content_type);
    let written = choose(accept)?;
    let table = decode(body, &media)?;
    let batch = table.batch(predictor, media.parameter("datatype"))?;
    let prediction = predictor.predict(&batch).ok()?;
    let body = encode(&prediction, written)?;
    Some(Answer {
        status: StatusCode::OK,
        content_type: written.word().to_owned(),
        headers: Vec::new(),
        datatype: datatype(kind(&prediction)).map(str::to_owned),
        body: Bytes::from(body),
    })
}
