//! Carries lifecycle rules out.

use crate::ObjectStore;
use crate::error::Error;
use crate::lifecycle::Rule;
use crate::operations::Deleted;
use crate::record::{Bucket, Object, Versioning};
use crate::rows::{self, Stored};
use contracts::objects::ListObjects;
use contracts::store::{Order, Query};
use domain::{Timestamp, Workspace};

/// What rules removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// Present versions that were deleted or got a marker.
    pub objects: u64,
    /// Earlier versions and lone markers that were deleted for good.
    pub versions: u64,
    /// Uploads that were aborted.
    pub uploads: u64,
}

impl ObjectStore {
    /// Applies the rules of all buckets; to be run every hour or so. A bucket whose rules cannot
    /// be carried out is logged and does not keep others from theirs.
    pub async fn expire(&self) -> Result<Expired, Error> {
        let mut expired = Expired::default();
        let mut after = None;
        loop {
            let query = Query {
                kind: rows::BUCKET.to_owned(),
                order: Order::Id,
                after,
                limit: 1_000,
                ..Query::default()
            };
            let page = self.rows.list(&query).await?;
            for row in page.rows {
                let stored: Stored<Bucket> = rows::read(row)?;
                let workspace = &stored.key.workspace;
                let bucket = &stored.value;
                if bucket.is_deleting(self.world.now()) || bucket.settings.lifecycle.is_empty() {
                    continue;
                }
                if let Err(error) = self.expire_bucket(workspace, bucket, &mut expired).await {
                    tracing::warn!(bucket = bucket.name, %error, "lifecycle rules failed");
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(expired);
            }
        }
    }

    async fn expire_bucket(
        &self,
        workspace: &Workspace,
        bucket: &Bucket,
        expired: &mut Expired,
    ) -> Result<(), Error> {
        let now = self.world.now();
        let rules = &bucket.settings.lifecycle;
        let mut list = ListObjects {
            limit: 1_000,
            ..ListObjects::default()
        };
        let mut version: Option<String> = None;
        // The version after which the present one of the page came, and how many earlier ones of
        // its key were seen.
        let mut walk = Walk::default();
        loop {
            let page = self
                .list_versions(workspace, &bucket.name, &list, version.as_deref())
                .await?;
            for (object, is_present) in &page.versions {
                let verdict = walk.next(rules, object, *is_present, now);
                self.carry_out_rule(workspace, bucket, object, verdict, expired)
                    .await?;
            }
            let Some((key, last)) = page.next else {
                break;
            };
            list.after = Some(key);
            version = Some(last);
        }
        self.expire_uploads(workspace, bucket, now, expired).await
    }

    async fn carry_out_rule(
        &self,
        workspace: &Workspace,
        bucket: &Bucket,
        object: &Object,
        verdict: Verdict,
        expired: &mut Expired,
    ) -> Result<(), Error> {
        let (name, key) = (bucket.name.as_str(), object.key.as_str());
        match verdict {
            Verdict::Delete => {
                // Only the version that was judged: without versions it is named, with them a
                // marker on a newer version would be wrong.
                let present = self.present(workspace, name, key).await?;
                if present.is_none_or(|present| present.value.order != object.order) {
                    return Ok(());
                }
                let deleted = self.delete_object(workspace, name, key, None).await?;
                expired.objects += u64::from(deleted != Deleted::Nothing);
            }
            Verdict::Remove => {
                let version = Some(object.version.as_str());
                let deleted = match self.delete_object(workspace, name, key, version).await {
                    // A rule waits for the lock's end.
                    Err(Error::Locked { .. }) => return Ok(()),
                    deleted => deleted?,
                };
                expired.versions += u64::from(deleted != Deleted::Nothing);
            }
            Verdict::LoneMarker if bucket.settings.versioning != Versioning::Off => {
                let earlier = self.earlier_of(workspace, name, key, None, 1).await?;
                if earlier.is_empty() {
                    let version = Some(object.version.as_str());
                    let deleted = self.delete_object(workspace, name, key, version).await?;
                    expired.versions += u64::from(deleted != Deleted::Nothing);
                }
            }
            Verdict::Stay | Verdict::LoneMarker => {}
        }
        Ok(())
    }

    async fn expire_uploads(
        &self,
        workspace: &Workspace,
        bucket: &Bucket,
        now: Timestamp,
        expired: &mut Expired,
    ) -> Result<(), Error> {
        let rules = &bucket.settings.lifecycle;
        let mut list = crate::multipart::ListUploads::default();
        loop {
            let page = self.list_uploads(workspace, &bucket.name, &list).await?;
            for upload in page.uploads {
                let is_old = rules
                    .iter()
                    .any(|rule| rule.aborts(&upload.key, upload.begun, now));
                if !is_old {
                    continue;
                }
                let aborted = self
                    .abort_upload(workspace, &bucket.name, &upload.key, &upload.id)
                    .await;
                match aborted {
                    Ok(()) => expired.uploads += 1,
                    Err(Error::NoSuchUpload(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            let Some((key, upload)) = page.next else {
                return Ok(());
            };
            list.after_key = Some(key);
            list.after_upload = Some(upload);
        }
    }
}

/// What a rule says of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Stay,
    /// The present version is to be deleted as a caller would.
    Delete,
    /// An earlier version is to be removed for good.
    Remove,
    /// A marker is to be removed if nothing is behind it.
    LoneMarker,
}

/// Goes through versions in the order of a listing.
#[derive(Default)]
struct Walk {
    key: String,
    /// Earlier versions of the key that were seen.
    seen: u32,
    /// When the version before this one in the listing, which replaced it, was written.
    replaced: Option<Timestamp>,
}

impl Walk {
    fn next(
        &mut self,
        rules: &[Rule],
        object: &Object,
        is_present: bool,
        now: Timestamp,
    ) -> Verdict {
        if object.key != self.key {
            self.key.clone_from(&object.key);
            self.seen = 0;
            self.replaced = None;
        }
        let replaced = self.replaced.replace(object.modified);
        if is_present {
            if rules.iter().any(|rule| rule.expired(object, now)) {
                return Verdict::Delete;
            }
            let removes = |rule: &Rule| rule.lone_markers && rule.covers(object);
            if object.is_delete_marker() && rules.iter().any(removes) {
                return Verdict::LoneMarker;
            }
            return Verdict::Stay;
        }
        let newer = self.seen;
        self.seen += 1;
        let is_over = replaced.is_some_and(|replaced| {
            rules
                .iter()
                .any(|rule| rule.earlier_expired(object, newer, replaced, now))
        });
        if is_over {
            Verdict::Remove
        } else {
            Verdict::Stay
        }
    }
}
