//! Takes local files in.

use super::write::{Scrap, settle};
use super::{Blobs, Written};
use crate::checksum::{BlockSums, Expected, Hashers};
use crate::error::Error;
use crate::keys::DataKey;
use crate::record::Content;
use bytes::Bytes;
use contracts::objects::{ByteStream, ObjectError};
use futures::{StreamExt as _, stream};
use std::fs::{self, File, Permissions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// Whose a file is after it was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// It stays the caller's; its bytes are copied.
    Kept,
    /// It is given up: its name is gone afterwards, and where the file system allows it the file
    /// itself becomes the object. Nobody may have it open for writing any more.
    Given,
}

impl Blobs {
    /// Takes the bytes of a file in.
    pub(crate) async fn write_file(
        self: &Arc<Self>,
        file: &Path,
        ownership: Ownership,
        expected: &Expected,
        key: Option<DataKey>,
    ) -> Result<Written, Error> {
        let path = file.to_owned();
        if ownership == Ownership::Given && key.is_none() {
            let (blobs, expected) = (Arc::clone(self), expected.clone());
            let taken = spawn_blocking(move || blobs.adopt(&path, &expected))
                .await
                .map_err(Error::task)??;
            if let Some(written) = taken {
                return Ok(written);
            }
        }
        let body = file_stream(file)?;
        let written = self.write(body, expected, None, key).await?;
        if ownership == Ownership::Given {
            // The bytes are kept already; a name that stays is the caller's to clean up.
            let _ = fs::remove_file(file);
        }
        Ok(written)
    }

    /// Makes the file itself the object; `None` when it must be copied instead: it is small, has
    /// other names, or is on another file system.
    fn adopt(&self, path: &Path, expected: &Expected) -> Result<Option<Written>, Error> {
        let failed = |error| Error::io(format!("cannot take in `{}`", path.display()), error);
        let metadata = fs::symlink_metadata(path).map_err(failed)?;
        if !metadata.is_file() || metadata.nlink() != 1 || metadata.len() <= super::INLINE as u64 {
            return Ok(None);
        }
        let id = self.fresh_id();
        let scrap = Scrap(self.temporary(&id));
        if fs::rename(path, &scrap.0).is_err() {
            return Ok(None);
        }
        let give_back = |error: Error| {
            let _ = fs::set_permissions(&scrap.0, metadata.permissions());
            let _ = fs::rename(&scrap.0, path);
            error
        };
        self.hash_and_settle(&scrap, &id, expected)
            .map(Some)
            .map_err(give_back)
    }

    fn hash_and_settle(
        &self,
        scrap: &Scrap,
        id: &str,
        expected: &Expected,
    ) -> Result<Written, Error> {
        let failed = |error| Error::io("cannot read a file that is taken in", error);
        fs::set_permissions(&scrap.0, Permissions::from_mode(0o400)).map_err(failed)?;
        let mut file = File::open(&scrap.0).map_err(failed)?;
        let mut hashers = Hashers::new(&expected.algorithms(), &expected.name);
        let mut blocks = BlockSums::new();
        let mut buffer = vec![0; 1 << 20];
        let mut bytes = 0_u64;
        loop {
            let read = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error)),
            };
            hashers.update(&buffer[..read]);
            blocks.update(&buffer[..read]);
            bytes += read as u64;
        }
        let computed = hashers.finish();
        computed.verify(&expected.values)?;
        settle(self, &file, scrap, id)?;
        Ok(Written {
            bytes,
            computed,
            content: Content {
                id: id.to_owned(),
                inline: None,
                blocks: Some(blocks.finish()),
                sealed: None,
            },
        })
    }
}

/// The bytes of a regular file, read on blocking threads.
fn file_stream(path: &Path) -> Result<ByteStream, Error> {
    let failed = |error| Error::io(format!("cannot read `{}`", path.display()), error);
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(Error::Invalid(format!(
            "`{}` is not a regular file",
            path.display()
        )));
    }
    let file = File::open(path).map_err(failed)?;
    Ok(stream::unfold(Some(file), |file| async move {
        let file = file?;
        let read = spawn_blocking(move || {
            let mut file = file;
            let mut buffer = Vec::new();
            (&mut file).take(1 << 20).read_to_end(&mut buffer)?;
            io::Result::Ok((file, buffer))
        })
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)));
        match read {
            Ok((_, buffer)) if buffer.is_empty() => None,
            Ok((file, buffer)) => Some((Ok(Bytes::from(buffer)), Some(file))),
            Err(error) => {
                let error = ObjectError::Failed {
                    message: format!("a file cannot be read: {error}"),
                    source: Some(Box::new(error)),
                };
                Some((Err(error), None))
            }
        }
    })
    .boxed())
}
