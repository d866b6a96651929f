//! Writing an object.

use crate::ObjectStore;
use crate::blob::{Ownership, Written};
use crate::checksum::{Algorithm, Expected, Trailer};
use crate::conditions::check_write;
use crate::error::Error;
use crate::history::Wish;
use crate::keys::{CustomerKey, DataKey};
use crate::names::check_key;
use crate::record::{Bucket, Description, Encryption, Object};
use contracts::objects::{ByteStream, Precondition};
use domain::{Timestamp, Workspace};
use std::path::Path;
use tokio::task::spawn_blocking;

/// Most bytes of an object's own metadata, names and values together (Amazon S3 allows 2 KiB).
const MOST_METADATA: usize = 8 * 1024;

/// What comes with a write.
#[derive(Default)]
pub struct Put {
    /// What describes the object.
    pub description: Description,
    /// What must be there.
    pub precondition: Precondition,
    /// What was promised about the bytes.
    pub expected: Expected,
    /// Checksums that follow the body.
    pub trailer: Option<Trailer>,
    /// Encryption; unset for the bucket's.
    pub encryption: Option<Encryption>,
    /// A key that the caller brought, instead.
    pub customer: Option<CustomerKey>,
}

/// Refuses descriptions that would make rows and headers too large.
pub(crate) fn check_description(description: &Description) -> Result<(), Error> {
    let size: usize = description
        .metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if size > MOST_METADATA {
        return Err(Error::Invalid(format!(
            "the metadata has {size} bytes; at most {MOST_METADATA} are allowed"
        )));
    }
    crate::operations::check_tags(&description.tags)
}

impl ObjectStore {
    /// Writes an object atomically: it is there as a whole or not at all.
    pub async fn put_object(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        body: ByteStream,
        mut put: Put,
    ) -> Result<Object, Error> {
        let data_key = self.prepare(workspace, bucket, key, &put).await?;
        let written = self
            .blobs
            .write(body, &put.expected, put.trailer.take(), data_key)
            .await?;
        self.commit_written(workspace, (bucket, key), written, put)
            .await
    }

    /// Takes a local file in as an object.
    pub async fn put_local_file(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        file: &Path,
        ownership: Ownership,
        put: Put,
    ) -> Result<Object, Error> {
        let data_key = self.prepare(workspace, bucket, key, &put).await?;
        let written = self
            .blobs
            .write_file(file, ownership, &put.expected, data_key)
            .await?;
        self.commit_written(workspace, (bucket, key), written, put)
            .await
    }

    /// All that can be refused before the first byte is read.
    async fn prepare(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        put: &Put,
    ) -> Result<Option<DataKey>, Error> {
        check_key(key)?;
        check_description(&put.description)?;
        let owner = self.bucket(workspace, bucket).await?;
        if put.precondition != Precondition::default() {
            let present = self.present(workspace, bucket, key).await?;
            let present = present.as_ref().map(|stored| &stored.value);
            check_write(&put.precondition, bucket, key, present)?;
        }
        let asked = (put.encryption.as_ref(), put.customer.as_ref());
        self.data_key(&owner.value, asked).await
    }

    /// A fresh data key when the bucket or the caller wants encryption.
    pub(crate) async fn data_key(
        &self,
        bucket: &Bucket,
        (asked, customer): (Option<&Encryption>, Option<&CustomerKey>),
    ) -> Result<Option<DataKey>, Error> {
        if let Some(customer) = customer {
            return self.keys.data_key_of(customer).map(Some);
        }
        let Some(encryption) = asked.or(bucket.settings.encryption.as_ref()).cloned() else {
            return Ok(None);
        };
        let keys = self.keys.clone();
        spawn_blocking(move || keys.data_key(encryption.key.as_deref()).map(Some))
            .await
            .map_err(Error::task)?
    }

    /// A written content as an object.
    pub(crate) fn drafted(
        (bucket, key): (&str, &str),
        written: Written,
        put: Put,
        now: Timestamp,
    ) -> Object {
        Object {
            bytes: written.bytes,
            etag: written.computed.hex(Algorithm::Md5),
            sha256: written.computed.hex(Algorithm::Sha256),
            checksums: written.computed.kept(&put.expected.algorithms()),
            headers: put.description.headers,
            metadata: put.description.metadata,
            tags: put.description.tags,
            extra: put.description.extra,
            lock: put.description.lock,
            content: Some(written.content),
            ..Object::blank(bucket, key, now)
        }
    }

    /// Gives a written content its row; a content that gets none is thrown away.
    async fn commit_written(
        &self,
        workspace: &Workspace,
        (bucket, key): (&str, &str),
        written: Written,
        put: Put,
    ) -> Result<Object, Error> {
        let content = written.content.clone();
        let precondition = put.precondition.clone();
        let object = Self::drafted((bucket, key), written, put, self.world.now());
        let changed = self
            .change(workspace, bucket, key, |_, present| {
                check_write(&precondition, bucket, key, present)?;
                Ok(Wish::Write(Box::new(object.clone())))
            })
            .await;
        self.made(changed, &content, bucket, key)
    }

    /// The outcome of a change that was to make a version of this content.
    pub(crate) fn made(
        &self,
        changed: Result<Option<Object>, Error>,
        content: &crate::record::Content,
        bucket: &str,
        key: &str,
    ) -> Result<Object, Error> {
        match changed {
            Ok(Some(object)) => Ok(object),
            Ok(None) => Err(Error::no_such_object(bucket, key)),
            Err(error) => {
                // After a failure of the database nobody knows whether the commit happened; then
                // the sweep decides.
                if !matches!(error, Error::Store(_)) {
                    self.blobs.discard(content);
                }
                Err(error)
            }
        }
    }
}
