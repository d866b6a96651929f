//! How the versions of a key follow each other, by the bucket's versioning.
//!
//! The `object` row of a key is its present version (perhaps a delete marker), the `version` rows
//! are the earlier ones; a key with any version has an `object` row. Every change expects the
//! bucket and the present version to be as they were read, so two writers of one key are always
//! one after the other, whichever server they talk to.

use crate::ObjectStore;
use crate::error::Error;
use crate::lock::Lock;
use crate::multipart::closed_row;
use crate::record::{Bucket, Content, NULL_VERSION, Object, Upload, Versioning};
use crate::rows::{self, Stored};
use contracts::store::{Commit, Expect, Order, Query, StoreError};
use domain::Workspace;
use std::collections::BTreeMap;

/// How often a change is tried again when somebody else was first.
const ATTEMPTS: u32 = 100;

/// What a change wants.
pub(crate) enum Wish {
    /// A new present version; its version id and order are given here.
    Write(Box<Object>),
    /// The same version with other facts; nothing becomes an earlier version.
    Amend(Box<Object>),
    /// A deletion without a version.
    Delete,
}

/// Rows and expectations of one change, and what must be touched before it is committed.
#[derive(Default)]
pub(crate) struct Change {
    pub(crate) commit: Commit,
    pub(crate) touched: Vec<Content>,
}

impl ObjectStore {
    /// The bucket, unless it is being deleted.
    pub(crate) async fn bucket(
        &self,
        workspace: &Workspace,
        bucket: &str,
    ) -> Result<Stored<Bucket>, Error> {
        let missing = || Error::NoSuchBucket(bucket.chars().take(100).collect());
        crate::names::bucket_or_missing(bucket)?;
        let row = self.rows.get(&rows::bucket_key(workspace, bucket)).await?;
        let stored = rows::read_bucket(row.ok_or_else(missing)?)?;
        if stored.value.is_deleting(self.world.now()) {
            return Err(missing());
        }
        Ok(stored)
    }

    /// The present version of a key, which may be a delete marker.
    pub(crate) async fn present(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<Option<Stored<Object>>, Error> {
        let row = self
            .rows
            .get(&rows::object_key(workspace, bucket, key))
            .await?;
        row.map(rows::read_object).transpose()
    }

    /// An earlier version of a key by its id.
    pub(crate) async fn earlier(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        version: &str,
    ) -> Result<Option<Stored<Object>>, Error> {
        let row = if version == NULL_VERSION {
            let query = Query {
                labels: BTreeMap::from([(rows::NULL_LABEL.to_owned(), "1".to_owned())]),
                ..versions_of(workspace, bucket, key, 1)
            };
            self.rows.list(&query).await?.rows.into_iter().next()
        } else {
            let Some(order) = rows::order_of(version) else {
                return Ok(None);
            };
            let id = rows::version_key(workspace, bucket, key, order);
            self.rows.get(&id).await?
        };
        let found = row.map(rows::read_object).transpose()?;
        Ok(found.filter(|stored| stored.value.version == version))
    }

    /// Changes a key: asks what is wished given the bucket and the present version, commits it,
    /// and asks again when somebody else was first. Returns the version that was made.
    pub(crate) async fn change<F>(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        wish: F,
    ) -> Result<Option<Object>, Error>
    where
        F: FnMut(&Bucket, Option<&Object>) -> Result<Wish, Error> + Send,
    {
        self.change_with(workspace, bucket, key, None, wish).await
    }

    /// As [`ObjectStore::change`], closing an upload in the same commit; somebody else having ended
    /// it is an error.
    pub(crate) async fn change_with<F>(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        upload: Option<&Stored<Upload>>,
        mut wish: F,
    ) -> Result<Option<Object>, Error>
    where
        F: FnMut(&Bucket, Option<&Object>) -> Result<Wish, Error> + Send,
    {
        let _held = self.locks.hold(bucket, key).await;
        for _ in 0..ATTEMPTS {
            let owner = self.bucket(workspace, bucket).await?;
            let present = self.present(workspace, bucket, key).await?;
            let wish = wish(&owner.value, present.as_ref().map(|stored| &stored.value))?;
            let writes = matches!(wish, Wish::Write(_));
            let mut change = Change::default();
            change.commit.expect.push(owner.unchanged());
            if let Some(upload) = upload {
                self.upload(workspace, bucket, key, &upload.value.id)
                    .await?;
                let closed = closed_row(workspace, &upload.value, self.world.now())?;
                change.commit.expect.push(upload.unchanged());
                change.commit.put.push(closed);
            }
            let made = self
                .plan(
                    workspace,
                    (bucket, key),
                    &owner.value,
                    present,
                    wish,
                    &mut change,
                )
                .await?;
            match self.carry_out(change).await {
                Err(error) if error.is_stale() => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    if let (true, Some(object), Some(hears)) = (writes, &made, self.created.get()) {
                        // Whoever heard may have gone with the server.
                        let _ = hears.send((workspace.clone(), object.head()));
                    }
                    return Ok(made);
                }
            }
        }
        Err(Error::Contended(format!("{bucket}/{key}")))
    }

    /// Touches what loses or changes its row, then commits.
    pub(crate) async fn carry_out(&self, mut change: Change) -> Result<(), Error> {
        let files: Vec<_> = change
            .touched
            .into_iter()
            .filter(|content| content.file().is_some())
            .collect();
        if !files.is_empty() {
            let blobs = self.blobs.clone();
            tokio::task::spawn_blocking(move || {
                files
                    .iter()
                    .try_for_each(|content| blobs.touch(Some(content)))
            })
            .await
            .map_err(Error::task)??;
        }
        change.commit.now = self.world.now();
        self.rows.commit(change.commit).await?;
        Ok(())
    }

    async fn plan(
        &self,
        workspace: &Workspace,
        (bucket, key): (&str, &str),
        owner: &Bucket,
        present: Option<Stored<Object>>,
        wish: Wish,
        change: &mut Change,
    ) -> Result<Option<Object>, Error> {
        let address = rows::object_key(workspace, bucket, key);
        change.commit.expect.push(
            present
                .as_ref()
                .map_or_else(|| Expect::Absent(address.clone()), Stored::unchanged),
        );
        let versioning = owner.settings.versioning;
        let mut made = match wish {
            Wish::Amend(object) => {
                change
                    .commit
                    .put
                    .push(rows::object_row(workspace, &object)?);
                return Ok(Some(*object));
            }
            Wish::Delete if versioning == Versioning::Off => {
                if let Some(present) = present {
                    change.commit.delete.push(present.key.clone());
                    change.touched.extend(present.value.content);
                }
                return Ok(None);
            }
            Wish::Delete => Object::blank(bucket, key, self.world.now()),
            Wish::Write(object) => *object,
        };
        let before = present.as_ref().map_or(0, |stored| stored.value.order);
        made.lock = self.new_lock(owner, &made)?;
        made.order = self.world.now().0.max(before.saturating_add(1)).max(1);
        made.version = match versioning {
            Versioning::Enabled => rows::version_id(made.order, &self.blobs.fresh_id()[..16]),
            Versioning::Off | Versioning::Suspended => NULL_VERSION.to_owned(),
        };
        if versioning == Versioning::Suspended
            && let Some(null) = self.earlier(workspace, bucket, key, NULL_VERSION).await?
        {
            change.commit.expect.push(null.unchanged());
            change.commit.delete.push(null.key.clone());
            change.touched.extend(null.value.content);
        }
        if let Some(present) = present {
            if present.value.version != made.version {
                change
                    .commit
                    .put
                    .push(rows::version_row(workspace, &present.value)?);
            }
            change.touched.extend(present.value.content);
        }
        change.commit.put.push(rows::object_row(workspace, &made)?);
        Ok(Some(made))
    }

    /// The lock of a new version: its own, or what the bucket gives.
    fn new_lock(&self, owner: &Bucket, made: &Object) -> Result<Lock, Error> {
        let mut lock = made.lock;
        match owner.settings.lock {
            Some(rules) if !made.is_delete_marker() => {
                let now = self.world.now();
                if lock
                    .retention
                    .is_some_and(|retention| retention.until <= now)
                {
                    return Err(Error::Invalid(
                        "The retain until date must be in the future!".to_owned(),
                    ));
                }
                let usual = rules.usual.map(|usual| usual.starting(now));
                lock.retention = lock.retention.or(usual);
            }
            // A marker is no version that somebody could miss.
            Some(_) => lock = Lock::default(),
            None if lock.is_none() => {}
            None => {
                return Err(Error::Unlockable(owner.name.clone()));
            }
        }
        Ok(lock)
    }

    /// Removes one version for good, unless it is locked; what was before it becomes present when
    /// it was the newest. `None` when there is no such version.
    pub(crate) async fn remove_version(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        version: &str,
        bypass: bool,
    ) -> Result<Option<Object>, Error> {
        let _held = self.locks.hold(bucket, key).await;
        for _ in 0..ATTEMPTS {
            self.bucket(workspace, bucket).await?;
            let Some(present) = self.present(workspace, bucket, key).await? else {
                return Ok(None);
            };
            let mut change = Change::default();
            change.commit.expect.push(present.unchanged());
            let removed = if present.value.version == version {
                let query = versions_of(workspace, bucket, key, 1);
                match self.rows.list(&query).await?.rows.into_iter().next() {
                    None => change.commit.delete.push(present.key.clone()),
                    Some(row) => {
                        let next = rows::read_object(row)?;
                        change.commit.expect.push(next.unchanged());
                        change.commit.delete.push(next.key.clone());
                        change
                            .commit
                            .put
                            .push(rows::object_row(workspace, &next.value)?);
                        change.touched.extend(next.value.content);
                    }
                }
                present.value
            } else {
                let Some(found) = self.earlier(workspace, bucket, key, version).await? else {
                    return Ok(None);
                };
                change.commit.expect.push(found.unchanged());
                change.commit.delete.push(found.key.clone());
                found.value
            };
            if removed.lock.holds(self.world.now(), bypass) {
                return Err(Error::Locked {
                    key: key.to_owned(),
                    version: version.to_owned(),
                });
            }
            change.touched.extend(removed.content.clone());
            match self.carry_out(change).await {
                Err(error) if error.is_stale() => {}
                result => return result.map(|()| Some(removed)),
            }
        }
        Err(Error::Contended(format!("{bucket}/{key}")))
    }
}

fn versions_of(workspace: &Workspace, bucket: &str, key: &str, limit: u32) -> Query {
    Query {
        kind: rows::VERSION.to_owned(),
        workspace: Some(workspace.clone()),
        prefix: Some(rows::version_prefix(bucket, key)),
        order: Order::Id,
        limit,
        ..Query::default()
    }
}

/// Whether a store's error only says that somebody else was first.
pub(crate) fn is_stale(error: &StoreError) -> bool {
    matches!(error, StoreError::Stale(_))
}
