//! Copying an object inside the store, without its bytes passing through the caller.

use crate::ObjectStore;
use crate::blob::Written;
use crate::checksum::{Algorithm, Expected};
use crate::conditions::{ReadConditions, check_write};
use crate::error::Error;
use crate::history::Wish;
use crate::keys::CustomerKey;
use crate::lock::Lock;
use crate::names::check_key;
use crate::record::{Bucket, Content, Description, Encryption, Object};
use contracts::objects::Precondition;
use domain::Workspace;
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::spawn_blocking;

/// What is copied, and how the copy differs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copy {
    /// Bucket of the source.
    pub bucket: String,
    /// Key of the source.
    pub key: String,
    /// Version of the source; unset for the present one.
    pub version: Option<String>,
    /// Conditions on the source.
    pub conditions: ReadConditions,
    /// Headers, metadata and facts of the copy; unset to keep the source's.
    pub description: Option<Description>,
    /// Facts of the copy; unset to keep the source's, or those of the description.
    pub extra: Option<BTreeMap<String, String>>,
    /// What keeps the copy from being removed; the source's lock stays its own.
    pub lock: Lock,
    /// Tags of the copy; unset to keep the source's. Tags in the description are not looked at.
    pub tags: Option<BTreeMap<String, String>>,
    /// Encryption of the copy; unset for the target bucket's.
    pub encryption: Option<Encryption>,
    /// A key that the caller brought for the copy, instead.
    pub customer: Option<CustomerKey>,
    /// The key that the caller brought for the source.
    pub source_customer: Option<CustomerKey>,
    /// A checksum that the copy must have.
    pub algorithm: Option<Algorithm>,
    /// What must be at the target.
    pub precondition: Precondition,
}

impl ObjectStore {
    /// Copies an object. Returns the copy and the source.
    pub async fn copy_object(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        copy: &Copy,
    ) -> Result<(Object, Object), Error> {
        check_key(key)?;
        let owner = self.bucket(workspace, bucket).await?;
        self.bucket(workspace, &copy.bucket).await?;
        let source = self
            .head_object(workspace, &copy.bucket, &copy.key, copy.version.as_deref())
            .await?;
        source.opens_with(copy.source_customer.as_ref())?;
        copy.conditions.check(&source)?;
        let mut object = described(&source, copy)?;
        object.bucket = bucket.to_owned();
        object.key = key.to_owned();
        object.modified = self.world.now();
        let content = if self.can_link(&owner.value, &source, copy)? {
            self.linked(&source).await?
        } else {
            let written = self.rewritten(&owner.value, &source, copy).await?;
            if let Some(algorithm) = copy.algorithm {
                object.checksums = written.computed.kept(&BTreeSet::from([algorithm]));
                object.checksum_scope = Default::default();
            }
            written.content
        };
        object.content = Some(content.clone());
        let changed = self
            .change(workspace, bucket, key, |_, present| {
                check_write(&copy.precondition, bucket, key, present)?;
                Ok(Wish::Write(Box::new(object.clone())))
            })
            .await;
        let made = self.made(changed, &content, bucket, key)?;
        Ok((made, source))
    }

    /// Whether the copy can be another name for the source's bytes as they are stored.
    fn can_link(&self, owner: &Bucket, source: &Object, copy: &Copy) -> Result<bool, Error> {
        if copy
            .algorithm
            .is_some_and(|algorithm| !source.checksums.contains_key(&algorithm))
        {
            return Ok(false);
        }
        if copy.customer.is_some() || copy.source_customer.is_some() {
            return Ok(false);
        }
        let wanted = copy
            .encryption
            .as_ref()
            .or(owner.settings.encryption.as_ref());
        let wanted = match wanted {
            None => None,
            Some(Encryption { key: Some(key) }) => Some(self.keys.get(key)?.id),
            Some(Encryption { key: None }) => Some(self.keys.default_key()?.id),
        };
        Ok(wanted.as_ref() == source.sealed().map(|sealed| &sealed.key))
    }

    async fn linked(&self, source: &Object) -> Result<Content, Error> {
        let missing = || Error::no_such_object(&source.bucket, &source.key);
        let content = source.content.clone().ok_or_else(missing)?;
        let blobs = self.blobs.clone();
        spawn_blocking(move || blobs.duplicate(&content))
            .await
            .map_err(Error::task)?
    }

    async fn rewritten(
        &self,
        owner: &Bucket,
        source: &Object,
        copy: &Copy,
    ) -> Result<Written, Error> {
        let asked = (copy.encryption.as_ref(), copy.customer.as_ref());
        let data_key = self.data_key(owner, asked).await?;
        let customer = copy.source_customer.as_ref();
        let body = self.blobs.read(source, 0..source.bytes, customer).await?;
        let expected = Expected {
            bytes: Some(source.bytes),
            compute: copy.algorithm.into_iter().collect(),
            ..Expected::default()
        };
        let written = self.blobs.write(body, &expected, None, data_key).await?;
        if written.computed.hex(Algorithm::Sha256) != source.sha256 {
            self.blobs.discard(&written.content);
            return Err(Error::Damaged {
                bucket: source.bucket.clone(),
                key: source.key.clone(),
                reason: "its SHA-256 is not the recorded one".to_owned(),
            });
        }
        Ok(written)
    }
}

fn described(source: &Object, copy: &Copy) -> Result<Object, Error> {
    let mut object = source.clone();
    object.lock = copy.lock;
    if let Some(description) = &copy.description {
        crate::operations::check_description(description)?;
        object.headers = description.headers.clone();
        object.metadata = description.metadata.clone();
        object.extra = description.extra.clone();
    }
    if let Some(extra) = &copy.extra {
        object.extra = extra.clone();
    }
    if let Some(tags) = &copy.tags {
        crate::operations::check_tags(tags)?;
        object.tags = tags.clone();
    }
    Ok(object)
}
