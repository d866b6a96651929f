//! `TagResource`: puts tags on a key.

use crate::fault::Fault;
use crate::kms::keys::find;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use control::documents::NewDocument;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) struct TagResource;

/// The documents' kind.
const TAGS: &str = "kms/tags";

/// A tag as it is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) tag_key: String,
    pub(crate) tag_value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
    tags: Vec<Tag>,
}

/// The tags of a key.
pub(crate) async fn of(call: &Call<'_>, key: &str) -> Result<BTreeMap<String, String>, Fault> {
    let found = call
        .aws
        .control
        .find_document(&call.caller(), TAGS, key)
        .await?;
    match found {
        Some(known) => crate::operation::read(known.document.body),
        None => Ok(BTreeMap::new()),
    }
}

/// Puts tags on a key.
pub(crate) async fn add(call: &Call<'_>, key: &str, tags: &[Tag]) -> Result<(), Fault> {
    if tags.is_empty() {
        return Ok(());
    }
    let mut all = of(call, key).await?;
    all.extend(
        tags.iter()
            .map(|tag| (tag.tag_key.clone(), tag.tag_value.clone())),
    );
    put(call, key, &all).await
}

/// Replaces the tags of a key.
pub(crate) async fn put(
    call: &Call<'_>,
    key: &str,
    tags: &BTreeMap<String, String>,
) -> Result<(), Fault> {
    let new = NewDocument {
        kind: TAGS.to_owned(),
        id: key.to_owned(),
        phase: "kept".to_owned(),
        body: json!(tags),
        ..NewDocument::default()
    };
    call.aws
        .control
        .put_document(&call.caller(), &new, None)
        .await?;
    Ok(())
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let key = find(call, &input.key_id)?;
        add(call, &key.id, &input.tags).await?;
        Ok(Nothing {})
    }
}
