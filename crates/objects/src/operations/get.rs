//! Reading an object.

use crate::ObjectStore;
use crate::conditions::ReadConditions;
use crate::error::{Error, Named};
use crate::keys::CustomerKey;
use crate::names::{bucket_or_missing, check_key};
use crate::range::ByteRange;
use crate::record::Object;
use contracts::objects::ByteStream;
use domain::Workspace;
use std::ops::Range;
use std::path::PathBuf;
use tokio::task::spawn_blocking;

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Get {
    /// Which version; unset for the present one.
    pub version: Option<String>,
    /// Which bytes; unset for all.
    pub range: Option<ByteRange>,
    /// Which part of a multipart upload, from 1, instead of a range.
    pub part: Option<u32>,
    /// Conditions.
    pub conditions: ReadConditions,
    /// The key that the caller brought for it.
    pub customer: Option<CustomerKey>,
}

/// An object and the bytes that were asked for.
pub struct Contents {
    /// The object.
    pub object: Object,
    /// Offsets of the bytes.
    pub range: Range<u64>,
    /// The bytes.
    pub body: ByteStream,
}

impl ObjectStore {
    /// The object without its bytes, present or of a version.
    pub async fn head_object(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Object, Error> {
        check_key(key)?;
        bucket_or_missing(bucket)?;
        let present = self.present(workspace, bucket, key).await?;
        let found = match (present, version) {
            (Some(present), None) => Some(present),
            (Some(present), Some(version)) if present.value.version == version => Some(present),
            (Some(_), Some(version)) => self.earlier(workspace, bucket, key, version).await?,
            (None, _) => None,
        };
        let Some(found) = found else {
            self.bucket(workspace, bucket).await?;
            return Err(match version {
                Some(version) => Error::NoSuchVersion {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                    version: version.chars().take(100).collect(),
                },
                None => Error::no_such_object(bucket, key),
            });
        };
        let object = found.value;
        if object.is_delete_marker() {
            return Err(Error::DeleteMarker {
                bucket: object.bucket,
                key: object.key,
                version: object.version,
                modified: object.modified,
                named: version.map_or(Named::Current, |_| Named::Version),
            });
        }
        Ok(object)
    }

    /// The object and its bytes as a stream of checked pieces.
    pub async fn get_object(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        get: &Get,
    ) -> Result<Contents, Error> {
        let object = self
            .head_object(workspace, bucket, key, get.version.as_deref())
            .await?;
        object.opens_with(get.customer.as_ref())?;
        get.conditions.check(&object)?;
        let range = match (get.range, get.part) {
            (Some(_), Some(_)) => {
                return Err(Error::Invalid(
                    "a range and a part number cannot be asked for together".to_owned(),
                ));
            }
            (Some(range), None) => range.of(object.bytes)?,
            (None, Some(part)) => part_range(&object, part)?,
            (None, None) => 0..object.bytes,
        };
        let customer = get.customer.as_ref();
        let body = self.blobs.read(&object, range.clone(), customer).await?;
        Ok(Contents {
            object,
            range,
            body,
        })
    }

    /// A file of this machine with the present version's bytes, checked once by each process. It
    /// must not be written to. It stays until the object is deleted or overwritten and an hour has
    /// passed; the plain copy that an encrypted or very small object needs stays for a day after
    /// it was last asked for.
    pub async fn object_file(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<(Object, PathBuf), Error> {
        let object = self.head_object(workspace, bucket, key, None).await?;
        let path = self.file_of(&object).await?;
        Ok((object, path))
    }

    /// As [`ObjectStore::object_file`], for an object that was read already.
    pub(crate) async fn file_of(&self, object: &Object) -> Result<PathBuf, Error> {
        let (blobs, object) = (self.blobs.clone(), object.clone());
        spawn_blocking(move || blobs.plain_file(&object))
            .await
            .map_err(Error::task)?
    }
}

/// The offsets of a part of a multipart upload; any other object has one part.
fn part_range(object: &Object, part: u32) -> Result<Range<u64>, Error> {
    let missing = Error::InvalidRange {
        bytes: object.bytes,
    };
    let Some(index) = (part as usize).checked_sub(1) else {
        return Err(missing);
    };
    if object.parts.is_empty() && index == 0 {
        return Ok(0..object.bytes);
    }
    let Some(&length) = object.parts.get(index) else {
        return Err(missing);
    };
    let start: u64 = object.parts[..index].iter().sum();
    Ok(start..start + length)
}
