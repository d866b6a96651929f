//! Conditional headers in the store's form.

use contracts::objects::Precondition;
use domain::Timestamp;
use objects::{EntityTags, ReadConditions};
use s3s::dto::ETagCondition;
use s3s::{S3Result, s3_error};

fn tags(condition: &ETagCondition) -> EntityTags {
    match condition {
        ETagCondition::Any => EntityTags::Any,
        ETagCondition::ETag(tag) => EntityTags::OneOf(vec![tag.value().to_owned()]),
    }
}

/// Conditions of a read.
pub(crate) fn read(
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
    if_modified_since: Option<s3s::dto::Timestamp>,
    if_unmodified_since: Option<s3s::dto::Timestamp>,
) -> ReadConditions {
    let time =
        |time: Option<s3s::dto::Timestamp>| -> Option<Timestamp> { time.map(crate::times::read) };
    ReadConditions {
        if_match: if_match.map(tags),
        if_none_match: if_none_match.map(tags),
        if_modified_since: time(if_modified_since),
        if_unmodified_since: time(if_unmodified_since),
    }
}

/// Conditions of a write (Amazon S3, "Conditional requests"): `If-None-Match` takes only `*`.
pub(crate) fn write(
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<Precondition> {
    let absent = match if_none_match {
        None => false,
        Some(ETagCondition::Any) => true,
        Some(ETagCondition::ETag(_)) => {
            return Err(s3_error!(
                NotImplemented,
                "A header you provided implies functionality that is not implemented: If-None-Match"
            ));
        }
    };
    let etag_is = if_match.map(|condition| match condition {
        ETagCondition::Any => "*".to_owned(),
        ETagCondition::ETag(tag) => tag.value().to_owned(),
    });
    Ok(Precondition { etag_is, absent })
}
