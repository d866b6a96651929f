//! Request bodies into tables, by media type. What is not understood to the last detail is none:
//! Python reads it then, or says what is wrong with it.

mod csv;
mod json;
mod npy;

use super::media::MediaType;
use super::table::Table;

/// The rows of a body.
pub(super) fn decode(body: &[u8], media: &MediaType) -> Option<Table> {
    if media.is_json() {
        return json::decode(body);
    }
    match media.name.as_str() {
        "text/csv" => csv::decode(body, media.parameter("header")),
        "application/x-npy" => npy::decode(body),
        _ => None,
    }
}
