//! Changing what describes a version without writing its bytes again: tags, headers, metadata.

use crate::error::Error;
use crate::history::{Change, Wish};
use crate::lock::Retention;
use crate::names::check_key;
use crate::record::{ContentHeaders, Object};
use crate::{ObjectStore, rows};
use domain::{Timestamp, Workspace};
use std::collections::BTreeMap;

/// Tags of an object or bucket, by name.
pub type Tags = BTreeMap<String, String>;

/// Most tags of one object (Amazon S3, "Categorizing your storage using tags").
const MOST_TAGS: usize = 50;

/// What is to be different; unset fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redescribe {
    /// Tags, all of them.
    pub tags: Option<Tags>,
    /// Headers, all of them.
    pub headers: Option<ContentHeaders>,
    /// The caller's own metadata, all of it.
    pub metadata: Option<BTreeMap<String, String>>,
    /// What keeps the version from being removed.
    pub lock: Option<Relock>,
}

/// What is to be different of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relock {
    /// Another time, or none.
    Retain {
        /// Until when.
        retention: Option<Retention>,
        /// Whether the caller may end a governance.
        bypass: bool,
    },
    /// Held, or let go.
    Hold(bool),
}

/// Checks names (1 to 128 characters), values (at most 256) and number (at most 50) of tags.
pub fn check_tags(tags: &Tags) -> Result<(), Error> {
    if tags.len() > MOST_TAGS {
        return Err(Error::Invalid(format!(
            "{} tags are too many; at most {MOST_TAGS} are allowed",
            tags.len()
        )));
    }
    for (name, value) in tags {
        if !(1..=128).contains(&name.chars().count()) || value.chars().count() > 256 {
            return Err(Error::Invalid(format!(
                "the tag `{}` is too long: names have 1 to 128 characters, values at most 256",
                name.chars().take(60).collect::<String>()
            )));
        }
    }
    Ok(())
}

impl Redescribe {
    fn apply(&self, object: &Object, now: Timestamp) -> Result<Object, Error> {
        let mut object = object.clone();
        if let Some(tags) = &self.tags {
            object.tags = tags.clone();
        }
        if let Some(headers) = &self.headers {
            object.headers = headers.clone();
        }
        if let Some(metadata) = &self.metadata {
            object.metadata = metadata.clone();
        }
        match self.lock {
            None => {}
            Some(Relock::Hold(hold)) => object.lock.hold = Some(hold),
            Some(Relock::Retain { retention, bypass }) => {
                if !object.lock.may_become(retention, now, bypass) {
                    return Err(Error::Locked {
                        key: object.key.clone(),
                        version: object.version.clone(),
                    });
                }
                object.lock.retention = retention;
            }
        }
        Ok(object)
    }
}

impl ObjectStore {
    /// Changes what describes a version, the present one unless it is named.
    pub async fn redescribe(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        redescribe: &Redescribe,
    ) -> Result<Object, Error> {
        check_key(key)?;
        if let Some(tags) = &redescribe.tags {
            check_tags(tags)?;
        }
        // Says the right error when there is no such object, version or bucket.
        let found = self.head_object(workspace, bucket, key, version).await?;
        let now = self.world.now();
        if redescribe.lock.is_some() {
            let owner = self.bucket(workspace, bucket).await?.value;
            if owner.settings.lock.is_none() {
                return Err(Error::Unlockable(owner.name));
            }
        }
        if let Some(version) = version
            && let Some(earlier) = self.earlier(workspace, bucket, key, version).await?
        {
            let object = redescribe.apply(&earlier.value, now)?;
            let mut change = Change::default();
            change.commit.expect.push(earlier.unchanged());
            change
                .commit
                .put
                .push(rows::version_row(workspace, &object)?);
            return self.carry_out(change).await.map(|()| object);
        }
        let changed = self
            .change(workspace, bucket, key, |_, present| {
                let same = |object: &&Object| {
                    !object.is_delete_marker()
                        && version.is_none_or(|version| version == object.version)
                };
                let present = present
                    .filter(same)
                    .ok_or_else(|| Error::no_such_object(bucket, key))?;
                Ok(Wish::Amend(Box::new(redescribe.apply(present, now)?)))
            })
            .await?;
        Ok(changed.unwrap_or(found))
    }
}
