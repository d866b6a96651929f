//! Buckets: made, configured, listed, deleted.

use crate::error::Error;
use crate::lifecycle::Rule;
use crate::names::check_bucket;
use crate::operations::check_tags;
use crate::record::{Bucket, BucketSettings, DELETION, Versioning};
use crate::rows::{self, Stored};
use crate::{ObjectStore, history};
use contracts::store::{Commit, Expect, Query};
use domain::{Span, Workspace};

/// Most rules of one bucket (Amazon S3, "PutBucketLifecycleConfiguration").
const MOST_RULES: usize = 1_000;
/// Most bytes of a kept document; S3 policies have at most 20 KiB, CORS 64 KiB.
const LONGEST_DOCUMENT: usize = 256 * 1024;
/// How often a change is tried again when somebody else was first.
const ATTEMPTS: u32 = 20;

impl ObjectStore {
    /// Makes a bucket; one of that name is an error.
    pub async fn create_bucket(
        &self,
        workspace: &Workspace,
        name: &str,
        settings: BucketSettings,
    ) -> Result<Bucket, Error> {
        check_bucket(name)?;
        self.check_settings(&settings)?;
        let bucket = Bucket {
            name: name.to_owned(),
            created: self.world.now(),
            settings,
            deleting: None,
        };
        let commit = Commit {
            now: self.world.now(),
            expect: vec![Expect::Absent(rows::bucket_key(workspace, name))],
            put: vec![rows::bucket_row(workspace, &bucket)?],
            ..Commit::default()
        };
        match self.rows.commit(commit).await {
            Ok(_) => Ok(bucket),
            Err(error) if history::is_stale(&error) => Err(Error::BucketExists(name.to_owned())),
            Err(error) => Err(error.into()),
        }
    }

    /// The bucket.
    pub async fn get_bucket(&self, workspace: &Workspace, name: &str) -> Result<Bucket, Error> {
        Ok(self.bucket(workspace, name).await?.value)
    }

    /// A page of buckets by name, those that begin with `prefix` and come after `after`.
    pub async fn list_buckets(
        &self,
        workspace: &Workspace,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<Bucket>, Option<String>), Error> {
        let query = Query {
            kind: rows::BUCKET.to_owned(),
            workspace: Some(workspace.clone()),
            prefix: Some(prefix.to_owned()),
            after_id: after.map(str::to_owned),
            limit: if limit == 0 { 1_000 } else { limit.min(1_000) },
            ..Query::default()
        };
        let found = self.rows.list(&query).await?;
        let next = match (&found.next, found.rows.last()) {
            (Some(_), Some(row)) => Some(row.row.key.id.clone()),
            _ => None,
        };
        let mut buckets = Vec::with_capacity(found.rows.len());
        for row in found.rows {
            let bucket: Stored<Bucket> = rows::read(row)?;
            if !bucket.value.is_deleting(self.world.now()) {
                buckets.push(bucket.value);
            }
        }
        Ok((buckets, next))
    }

    /// Changes a bucket's settings; the function may be called again when somebody else changed
    /// them at the same moment.
    pub async fn update_bucket(
        &self,
        workspace: &Workspace,
        name: &str,
        mut update: impl FnMut(&mut BucketSettings) -> Result<(), Error> + Send,
    ) -> Result<Bucket, Error> {
        for _ in 0..ATTEMPTS {
            let stored = self.bucket(workspace, name).await?;
            let expect = stored.unchanged();
            let mut bucket = stored.value;
            bucket.deleting = None;
            let before = bucket.settings.clone();
            update(&mut bucket.settings)?;
            if before.versioning != Versioning::Off && bucket.settings.versioning == Versioning::Off
            {
                return Err(Error::Invalid(format!(
                    "bucket `{name}` had versions once; they can be suspended, not turned off"
                )));
            }
            self.check_settings(&bucket.settings)?;
            match self.commit_bucket(workspace, expect, &bucket).await {
                Err(error) if error.is_stale() => {}
                result => return result.map(|()| bucket),
            }
        }
        Err(Error::Contended(name.to_owned()))
    }

    async fn commit_bucket(
        &self,
        workspace: &Workspace,
        expect: Expect,
        bucket: &Bucket,
    ) -> Result<(), Error> {
        let commit = Commit {
            now: self.world.now(),
            expect: vec![expect],
            put: vec![rows::bucket_row(workspace, bucket)?],
            ..Commit::default()
        };
        self.rows.commit(commit).await?;
        Ok(())
    }

    fn check_settings(&self, settings: &BucketSettings) -> Result<(), Error> {
        check_tags(&settings.tags)?;
        check_rules(&settings.lifecycle)?;
        if let Some(key) = settings.encryption.as_ref().and_then(|e| e.key.as_deref()) {
            self.keys.get(key)?;
        }
        for (name, text) in &settings.documents {
            if text.len() > LONGEST_DOCUMENT {
                return Err(Error::Invalid(format!(
                    "the bucket's `{name}` has {} bytes; at most {LONGEST_DOCUMENT} are kept",
                    text.len()
                )));
            }
        }
        Ok(())
    }

    /// Deletes an empty bucket. While it is looked at, nothing can be written into it.
    pub async fn delete_bucket(&self, workspace: &Workspace, name: &str) -> Result<(), Error> {
        let mut stored = self.bucket(workspace, name).await?;
        let began = self.world.now();
        stored.value.deleting = Some(began);
        self.commit_bucket(workspace, stored.unchanged(), &stored.value)
            .await
            .map_err(|error| match error {
                stale if stale.is_stale() => Error::Contended(name.to_owned()),
                other => other,
            })?;
        let content = self.content_of(workspace, name).await;
        let key = rows::bucket_key(workspace, name);
        let still_ours = vec![Expect::Revision(key.clone(), stored.revision + 1)];
        let is_in_time = self.world.now().since(began) < Span::milliseconds(DELETION.0 / 2);
        if matches!(content, Ok(None)) && is_in_time {
            let commit = Commit {
                now: self.world.now(),
                expect: still_ours,
                delete: vec![key],
                ..Commit::default()
            };
            self.rows.commit(commit).await?;
            return Ok(());
        }
        stored.value.deleting = None;
        let commit = Commit {
            now: self.world.now(),
            expect: still_ours,
            put: vec![rows::bucket_row(workspace, &stored.value)?],
            ..Commit::default()
        };
        self.rows.commit(commit).await?;
        match content? {
            Some(what) => Err(Error::BucketNotEmpty {
                bucket: name.to_owned(),
                what,
            }),
            None => Err(Error::Contended(name.to_owned())),
        }
    }

    async fn content_of(
        &self,
        workspace: &Workspace,
        name: &str,
    ) -> Result<Option<&'static str>, Error> {
        for (kind, what) in [
            (rows::OBJECT, "objects, versions or delete markers"),
            (rows::UPLOAD, "unfinished multipart uploads"),
        ] {
            let query = Query {
                kind: kind.to_owned(),
                workspace: Some(workspace.clone()),
                phases: vec![rows::LIVE.to_owned(), rows::MARKER.to_owned()],
                prefix: Some(format!("{name}/")),
                limit: 1,
                ..Query::default()
            };
            if !self.rows.list(&query).await?.rows.is_empty() {
                return Ok(Some(what));
            }
        }
        Ok(None)
    }
}

fn check_rules(rules: &[Rule]) -> Result<(), Error> {
    if rules.len() > MOST_RULES {
        return Err(Error::Invalid(format!(
            "{} lifecycle rules are too many; at most {MOST_RULES} are allowed",
            rules.len()
        )));
    }
    for rule in rules {
        let counts = [rule.days, rule.earlier_days, rule.abort_upload_days];
        if counts.contains(&Some(0)) {
            return Err(Error::Invalid(format!(
                "the lifecycle rule `{}` has 0 days; at least 1 is needed",
                rule.id
            )));
        }
    }
    Ok(())
}
