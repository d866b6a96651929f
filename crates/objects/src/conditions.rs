//! Conditional requests (RFC 9110 §13) on reads and writes.

use crate::error::Error;
use crate::record::Object;
use contracts::objects::Precondition;
use domain::Timestamp;

/// Entity tags of `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`.
    Any,
    /// A list, without quotes and without `W/`.
    OneOf(Vec<String>),
}

impl EntityTags {
    /// Reads a header's value: `*`, or tags with or without quotes between commas.
    pub fn parse(value: &str) -> Self {
        if value.trim() == "*" {
            return Self::Any;
        }
        let tags = value.split(',').map(|tag| {
            let tag = tag.trim();
            tag.strip_prefix("W/")
                .unwrap_or(tag)
                .trim_matches('"')
                .to_owned()
        });
        Self::OneOf(tags.filter(|tag| !tag.is_empty()).collect())
    }

    fn has(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| tag == etag),
        }
    }
}

/// Conditions of a read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadConditions {
    /// `If-Match`.
    pub if_match: Option<EntityTags>,
    /// `If-None-Match`.
    pub if_none_match: Option<EntityTags>,
    /// `If-Modified-Since`; compared in whole seconds, as HTTP dates have no more.
    pub if_modified_since: Option<Timestamp>,
    /// `If-Unmodified-Since`; compared in whole seconds.
    pub if_unmodified_since: Option<Timestamp>,
}

fn seconds(time: Timestamp) -> i64 {
    time.0.div_euclid(1_000)
}

impl ReadConditions {
    /// Checks in the order of RFC 9110 §13.2.2: a tag makes the date beside it meaningless.
    pub fn check(&self, object: &Object) -> Result<(), Error> {
        let failed = |condition| Error::PreconditionFailed {
            condition,
            key: object.key.clone(),
        };
        match (&self.if_match, self.if_unmodified_since) {
            (Some(tags), _) if !tags.has(&object.etag) => return Err(failed("If-Match")),
            (None, Some(time)) if seconds(object.modified) > seconds(time) => {
                return Err(failed("If-Unmodified-Since"));
            }
            _ => {}
        }
        let unchanged = match (&self.if_none_match, self.if_modified_since) {
            (Some(tags), _) => tags.has(&object.etag),
            (None, Some(time)) => seconds(object.modified) <= seconds(time),
            (None, None) => false,
        };
        if unchanged {
            return Err(Error::NotModified {
                etag: object.etag.clone(),
                modified: object.modified,
            });
        }
        Ok(())
    }
}

/// Checks what a write demands of the present version; a delete marker counts as absence.
pub(crate) fn check_write(
    demand: &Precondition,
    bucket: &str,
    key: &str,
    present: Option<&Object>,
) -> Result<(), Error> {
    let present = present.filter(|object| !object.is_delete_marker());
    let failed = |condition| {
        Err(Error::PreconditionFailed {
            condition,
            key: key.to_owned(),
        })
    };
    if demand.absent && present.is_some() {
        return failed("If-None-Match");
    }
    if let Some(etag) = &demand.etag_is {
        let Some(object) = present else {
            return Err(Error::no_such_object(bucket, key));
        };
        if !EntityTags::parse(etag).has(&object.etag) {
            return failed("If-Match");
        }
    }
    Ok(())
}
