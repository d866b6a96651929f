//! The rows of a request for whoever looks at them without predicting.

use super::decode::decode;
use super::media::MediaType;

/// Rows of one width.
pub(crate) struct Rows {
    /// Cells of a row.
    pub(crate) width: usize,
    /// Their names, if they were sent.
    pub(crate) columns: Option<Vec<String>>,
    /// Row by row; a missing value is NaN, and the number of a text means nothing.
    pub(crate) numbers: Vec<f64>,
    /// The texts with the places of their cells, ascending.
    pub(crate) texts: Vec<(usize, String)>,
}

/// The rows of a body; none where they are not understood here.
pub(crate) fn rows(content_type: &str, body: &[u8]) -> Option<Rows> {
    let mut table = decode(body, &MediaType::parse(content_type))?;
    table.texts.sort_by_key(|(place, _)| *place);
    Some(Rows {
        width: table.kinds.len(),
        columns: table.columns,
        numbers: table.numbers,
        texts: table.texts,
    })
}
