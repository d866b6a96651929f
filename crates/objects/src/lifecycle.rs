//! Rules by which objects expire (Amazon S3, "Managing the lifecycle of objects"). Transitions to
//! other storage classes are not among them: this store has one class.

use crate::record::Object;
use domain::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One rule of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// Its name in the bucket.
    pub id: String,
    /// A rule that is off does nothing.
    pub enabled: bool,
    /// Only keys that begin so.
    pub prefix: String,
    /// Only objects with all of these tags.
    pub tags: BTreeMap<String, String>,
    /// Only objects longer than this, in bytes.
    pub longer_than: Option<u64>,
    /// Only objects shorter than this, in bytes.
    pub shorter_than: Option<u64>,
    /// Present versions expire this many days after they were written.
    pub days: Option<u32>,
    /// Present versions expire at this time.
    pub date: Option<Timestamp>,
    /// Delete markers with no version behind them are removed.
    pub lone_markers: bool,
    /// Earlier versions are deleted this many days after the next one replaced them.
    pub earlier_days: Option<u32>,
    /// So many of the newest earlier versions stay nevertheless.
    pub earlier_kept: u32,
    /// Uploads that are this many days old are aborted.
    pub abort_upload_days: Option<u32>,
}

fn days(count: u32) -> Span {
    Span::hours(24 * i64::from(count))
}

impl Rule {
    /// Whether the rule speaks of that object.
    pub fn covers(&self, object: &Object) -> bool {
        self.enabled
            && object.key.starts_with(&self.prefix)
            && self.longer_than.is_none_or(|least| object.bytes > least)
            && self.shorter_than.is_none_or(|most| object.bytes < most)
            && self
                .tags
                .iter()
                .all(|(name, value)| object.tags.get(name) == Some(value))
    }

    /// Whether the present version has expired.
    pub fn expired(&self, object: &Object, now: Timestamp) -> bool {
        let by_age = self
            .days
            .is_some_and(|count| now >= object.modified + days(count));
        let by_date = self.date.is_some_and(|date| now >= date);
        !object.is_delete_marker() && self.covers(object) && (by_age || by_date)
    }

    /// Whether an earlier version has expired, of which `newer` earlier ones are newer and which
    /// was replaced at that time.
    pub fn earlier_expired(
        &self,
        object: &Object,
        newer: u32,
        replaced: Timestamp,
        now: Timestamp,
    ) -> bool {
        self.covers(object)
            && newer >= self.earlier_kept
            && self
                .earlier_days
                .is_some_and(|count| now >= replaced + days(count))
    }

    /// Whether an upload of that key is too old.
    pub fn aborts(&self, key: &str, begun: Timestamp, now: Timestamp) -> bool {
        self.enabled
            && key.starts_with(&self.prefix)
            && self
                .abort_upload_days
                .is_some_and(|count| now >= begun + days(count))
    }
}
