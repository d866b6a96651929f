//! The neutral seam, on the embedded store.

use crate::ObjectStore;
use crate::blob::Ownership;
use crate::checksum::{Algorithm, Expected, encode, unhex};
use crate::error::Error;
use crate::operations::{Get, Put};
use crate::range::ByteRange;
use crate::record::{BucketSettings, ContentHeaders, Description, Encryption};
use contracts::objects::{
    ByteStream, ListObjects, Listing, ObjectError, ObjectHead, Objects, PutOptions,
};
use domain::Workspace;
use std::path::{Path, PathBuf};

impl TryFrom<PutOptions> for Put {
    type Error = Error;

    fn try_from(options: PutOptions) -> Result<Self, Error> {
        let mut expected = Expected::default();
        if let Some(hex) = &options.sha256 {
            let bytes = unhex(hex)
                .filter(|bytes| bytes.len() == 32)
                .ok_or_else(|| {
                    Error::Invalid("the expected SHA-256 is not 64 hexadecimal digits".to_owned())
                })?;
            expected.values.insert(Algorithm::Sha256, encode(&bytes));
        }
        Ok(Self {
            description: Description {
                headers: ContentHeaders {
                    content_type: options.content_type,
                    ..ContentHeaders::default()
                },
                metadata: options.metadata,
                ..Description::default()
            },
            precondition: options.precondition,
            encryption: options.key.map(|key| Encryption { key: Some(key) }),
            expected,
            ..Self::default()
        })
    }
}

#[async_trait::async_trait]
impl Objects for ObjectStore {
    async fn ensure_bucket(&self, workspace: &Workspace, bucket: &str) -> Result<(), ObjectError> {
        let made = self
            .create_bucket(workspace, bucket, BucketSettings::default())
            .await;
        match made {
            Ok(_) | Err(Error::BucketExists(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn put(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        body: ByteStream,
        options: PutOptions,
    ) -> Result<ObjectHead, ObjectError> {
        let put = Put::try_from(options)?;
        let object = self.put_object(workspace, bucket, key, body, put).await?;
        Ok(object.head())
    }

    async fn head(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<ObjectHead, ObjectError> {
        let object = self.head_object(workspace, bucket, key, None).await?;
        Ok(object.head())
    }

    async fn get(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<(ObjectHead, ByteStream), ObjectError> {
        let range = match range {
            None => None,
            Some((from, to)) if from < to => Some(ByteRange::FromTo(from, to - 1)),
            Some((from, to)) => {
                let text = format!("the range from {from} up to {to} has no bytes");
                return Err(ObjectError::Invalid(text));
            }
        };
        let get = Get {
            range,
            ..Get::default()
        };
        let contents = self.get_object(workspace, bucket, key, &get).await?;
        Ok((contents.object.head(), contents.body))
    }

    async fn list(
        &self,
        workspace: &Workspace,
        bucket: &str,
        list: &ListObjects,
    ) -> Result<Listing, ObjectError> {
        Ok(self.list_objects(workspace, bucket, list).await?)
    }

    async fn delete(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<(), ObjectError> {
        self.delete_object(workspace, bucket, key, None).await?;
        Ok(())
    }

    async fn file(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<(ObjectHead, PathBuf), ObjectError> {
        let (object, path) = self.object_file(workspace, bucket, key).await?;
        Ok((object.head(), path))
    }

    async fn put_file(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        file: &Path,
        options: PutOptions,
    ) -> Result<ObjectHead, ObjectError> {
        let put = Put::try_from(options)?;
        let object = self
            .put_local_file(workspace, bucket, key, file, Ownership::Kept, put)
            .await?;
        Ok(object.head())
    }
}
