//! Short ways to documents, for operations that look at all of a kind.

use crate::operation::Call;
use control::documents::{Document, DocumentFilter};
use domain::Refusal;
use std::collections::BTreeMap;

/// Rows that are read at once.
const PAGE: u32 = 500;

/// Which documents.
#[derive(Debug, Clone, Default)]
pub(crate) struct Which {
    /// Only those of this parent.
    pub(crate) parent: Option<String>,
    /// Only those with all of these labels.
    pub(crate) labels: BTreeMap<String, String>,
}

impl Which {
    /// Those of a parent.
    pub(crate) fn of(parent: &str) -> Self {
        Self {
            parent: Some(parent.to_owned()),
            ..Self::default()
        }
    }

    /// Those with a label.
    pub(crate) fn with(name: &str, value: &str) -> Self {
        Self {
            labels: BTreeMap::from([(name.to_owned(), value.to_owned())]),
            ..Self::default()
        }
    }
}

/// All documents of a kind.
pub(crate) async fn all(
    call: &Call<'_>,
    kind: &str,
    which: &Which,
) -> Result<Vec<Document>, Refusal> {
    let caller = call.caller();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let filter = DocumentFilter {
            kind: kind.to_owned(),
            parent: which.parent.clone(),
            labels: which.labels.clone(),
            after,
            limit: PAGE,
            ..DocumentFilter::default()
        };
        let (page, next) = call.aws.control.documents(&caller, &filter).await?;
        found.extend(page);
        after = next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
