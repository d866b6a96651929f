//! Deleting an object or a version.

use crate::ObjectStore;
use crate::error::Error;
use crate::history::Wish;
use crate::names::check_key;
use domain::Workspace;

/// What a deletion did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deleted {
    /// There was nothing of that name.
    Nothing,
    /// The object is gone for good.
    Object,
    /// A marker was made; earlier versions are still there.
    Marked {
        /// Version id of the marker.
        version: String,
    },
    /// A version is gone for good.
    Version {
        /// Its id.
        version: String,
        /// Whether it was a delete marker, so that an earlier version is back.
        was_marker: bool,
    },
}

impl ObjectStore {
    /// Deletes the present version (with a marker, where the bucket has versions) or one version
    /// for good. What is not there is no error.
    pub async fn delete_object(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Deleted, Error> {
        self.delete_bypassing(workspace, (bucket, key), version, false)
            .await
    }

    /// The same, for somebody who may end a governance where `bypass` is set.
    pub async fn delete_bypassing(
        &self,
        workspace: &Workspace,
        (bucket, key): (&str, &str),
        version: Option<&str>,
        bypass: bool,
    ) -> Result<Deleted, Error> {
        check_key(key)?;
        if let Some(version) = version {
            let removed = self
                .remove_version(workspace, bucket, key, version, bypass)
                .await?;
            if removed.is_none() {
                self.bucket(workspace, bucket).await?;
            }
            return Ok(removed.map_or(Deleted::Nothing, |object| Deleted::Version {
                was_marker: object.is_delete_marker(),
                version: object.version,
            }));
        }
        let mut was_there = false;
        let made = self
            .change(workspace, bucket, key, |_, present| {
                was_there = present.is_some();
                Ok(Wish::Delete)
            })
            .await?;
        Ok(match made {
            Some(marker) => Deleted::Marked {
                version: marker.version,
            },
            None if was_there => Deleted::Object,
            None => Deleted::Nothing,
        })
    }
}
