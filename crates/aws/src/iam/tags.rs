//! Tags of roles and users.

use super::names::invalid;
use crate::fault::Fault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A tag as it is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// Tags by key; fifty at most.
pub(crate) fn read(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, Fault> {
    let too_long = |tag: &Tag| tag.key.is_empty() || tag.key.len() > 128 || tag.value.len() > 256;
    if tags.len() > 50 || tags.iter().any(too_long) {
        return Err(invalid(
            "at most 50 tags, with keys of 1 to 128 and values of at most 256 characters",
        ));
    }
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Tags as they are answered.
pub(crate) fn written(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag {
        key: key.clone(),
        value: value.clone(),
    };
    tags.iter().map(tag).collect()
}

/// Checks how many there are.
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), Fault> {
    if tags.len() <= 50 {
        return Ok(());
    }
    Err(invalid("at most 50 tags"))
}
