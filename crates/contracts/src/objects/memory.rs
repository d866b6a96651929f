//! The in-memory reference of [`Objects`]: the plainest reading of the trait, for tests and
//! simulations. It shares no code with the embedded store, so that comparing them means something.

use super::{
    ByteStream, ListObjects, Listing, ObjectError, ObjectHead, Objects, Precondition, PutOptions,
};
use crate::world::World;
use bytes::Bytes;
use domain::Workspace;
use futures::{StreamExt as _, stream};
use md5::{Digest as _, Md5};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

type Buckets = BTreeMap<(Workspace, String), BTreeMap<String, (ObjectHead, Bytes)>>;

/// Keeps everything in this process; gone with it. Only [`Objects::file`] writes files, into the
/// folder that it was given.
pub struct Memory {
    world: World,
    folder: PathBuf,
    buckets: Mutex<Buckets>,
}

impl Memory {
    /// An empty store that makes files in `folder` when it is asked for some.
    pub fn new(world: World, folder: PathBuf) -> Self {
        Self {
            world,
            folder,
            buckets: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<(ObjectHead, Bytes), ObjectError> {
        let buckets = self.lock();
        let objects = buckets
            .get(&(workspace.clone(), bucket.to_owned()))
            .ok_or_else(|| ObjectError::NoSuchBucket(bucket.to_owned()))?;
        objects
            .get(key)
            .cloned()
            .ok_or_else(|| ObjectError::NoSuchObject {
                bucket: bucket.to_owned(),
                key: key.to_owned(),
            })
    }

    fn keep(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        bytes: Bytes,
        options: PutOptions,
    ) -> Result<ObjectHead, ObjectError> {
        if options.key.is_some() {
            let text = "this store has no keys to encrypt with";
            return Err(ObjectError::Invalid(text.to_owned()));
        }
        if key.is_empty() || key.len() > 1_024 || key.contains('\0') {
            let text = "a key has 1 to 1,024 bytes and no NUL".to_owned();
            return Err(ObjectError::Invalid(text));
        }
        let sha256 = hex(&Sha256::digest(&bytes));
        if let Some(expected) = &options.sha256
            && !expected.eq_ignore_ascii_case(&sha256)
        {
            return Err(ObjectError::Invalid(format!(
                "the SHA-256 of the bytes is `{sha256}`, not the expected `{expected}`"
            )));
        }
        let mut buckets = self.lock();
        let objects = buckets
            .get_mut(&(workspace.clone(), bucket.to_owned()))
            .ok_or_else(|| ObjectError::NoSuchBucket(bucket.to_owned()))?;
        let present = objects.get(key).map(|(head, _)| head.etag.as_str());
        check(&options.precondition, bucket, key, present)?;
        let head = ObjectHead {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version: "null".to_owned(),
            bytes: bytes.len() as u64,
            etag: hex(&Md5::digest(&bytes)),
            sha256,
            content_type: options.content_type,
            metadata: options.metadata,
            modified: self.world.now(),
        };
        objects.insert(key.to_owned(), (head.clone(), bytes));
        Ok(head)
    }
}

fn check(
    demand: &Precondition,
    bucket: &str,
    key: &str,
    present: Option<&str>,
) -> Result<(), ObjectError> {
    let failed = || Err(ObjectError::PreconditionFailed(key.to_owned()));
    if demand.absent && present.is_some() {
        return failed();
    }
    match (&demand.etag_is, present) {
        (Some(_), None) => Err(ObjectError::NoSuchObject {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        }),
        (Some(wanted), Some(present)) if wanted.trim_matches('"') != present => failed(),
        _ => Ok(()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[async_trait::async_trait]
impl Objects for Memory {
    async fn ensure_bucket(&self, workspace: &Workspace, bucket: &str) -> Result<(), ObjectError> {
        let is_fit = (3..=63).contains(&bucket.len())
            && bucket.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_')
            })
            && !bucket.contains("..")
            && !bucket.starts_with(['-', '.', '_'])
            && !bucket.ends_with(['-', '.', '_']);
        if !is_fit {
            let text = format!("`{bucket}` is not a valid bucket name");
            return Err(ObjectError::Invalid(text));
        }
        self.lock()
            .entry((workspace.clone(), bucket.to_owned()))
            .or_default();
        Ok(())
    }

    async fn put(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        mut body: ByteStream,
        options: PutOptions,
    ) -> Result<ObjectHead, ObjectError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            bytes.extend_from_slice(&chunk?);
        }
        self.keep(workspace, bucket, key, bytes.into(), options)
    }

    async fn head(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<ObjectHead, ObjectError> {
        Ok(self.find(workspace, bucket, key)?.0)
    }

    async fn get(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<(ObjectHead, ByteStream), ObjectError> {
        let (head, bytes) = self.find(workspace, bucket, key)?;
        let bytes = match range {
            None => bytes,
            Some((from, to)) => {
                let to = to.min(head.bytes);
                if from >= to {
                    let text = format!("the object has only {} bytes", head.bytes);
                    return Err(ObjectError::Invalid(text));
                }
                bytes.slice(from as usize..to as usize)
            }
        };
        Ok((head, stream::iter([Ok(bytes)]).boxed()))
    }

    async fn list(
        &self,
        workspace: &Workspace,
        bucket: &str,
        list: &ListObjects,
    ) -> Result<Listing, ObjectError> {
        let buckets = self.lock();
        let objects = buckets
            .get(&(workspace.clone(), bucket.to_owned()))
            .ok_or_else(|| ObjectError::NoSuchBucket(bucket.to_owned()))?;
        let limit = match list.limit {
            0 => 1_000,
            given => given.min(1_000) as usize,
        };
        let delimiter = list.delimiter.as_deref().filter(|text| !text.is_empty());
        // Entries in order: a key stands for itself, a folded prefix for all its keys.
        let mut entries = BTreeSet::new();
        for key in objects.keys().filter(|key| key.starts_with(&list.prefix)) {
            if list.after.as_ref().is_some_and(|after| key <= after) {
                continue;
            }
            let folded = delimiter.and_then(|delimiter| {
                let at = key[list.prefix.len()..].find(delimiter)?;
                Some(key[..list.prefix.len() + at + delimiter.len()].to_owned())
            });
            match folded {
                Some(prefix) if list.after.as_ref() == Some(&prefix) => {}
                Some(prefix) => _ = entries.insert((prefix, true)),
                None => _ = entries.insert((key.clone(), false)),
            }
        }
        let is_cut = entries.len() > limit;
        let mut listing = Listing::default();
        for (name, is_prefix) in entries.into_iter().take(limit) {
            listing.next = is_cut.then(|| name.clone());
            if is_prefix {
                listing.prefixes.push(name);
            } else if let Some((head, _)) = objects.get(&name) {
                listing.objects.push(head.clone());
            }
        }
        Ok(listing)
    }

    async fn delete(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<(), ObjectError> {
        self.lock()
            .get_mut(&(workspace.clone(), bucket.to_owned()))
            .ok_or_else(|| ObjectError::NoSuchBucket(bucket.to_owned()))?
            .remove(key);
        Ok(())
    }

    async fn file(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
    ) -> Result<(ObjectHead, PathBuf), ObjectError> {
        let (head, bytes) = self.find(workspace, bucket, key)?;
        let path = self.folder.join(&head.sha256);
        write(&path, &bytes)?;
        Ok((head, path))
    }

    async fn put_file(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        file: &Path,
        options: PutOptions,
    ) -> Result<ObjectHead, ObjectError> {
        let bytes = std::fs::read(file).map_err(|error| failed(file, error))?;
        self.keep(workspace, bucket, key, bytes.into(), options)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ObjectError> {
    std::fs::write(path, bytes).map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: std::io::Error) -> ObjectError {
    ObjectError::Failed {
        message: format!("the file `{}` failed: {error}", path.display()),
        source: Some(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance;
    use super::*;
    use crate::world::{Clock, Entropy};
    use domain::Timestamp;
    use std::sync::Arc;

    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp(1_700_000_000_000)
        }
    }

    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    #[tokio::test]
    async fn the_reference_conforms() {
        let folder = tempfile::tempdir().unwrap();
        let world = World {
            clock: Arc::new(Fixed),
            entropy: Arc::new(Fixed),
        };
        let memory = Memory::new(world, folder.path().to_owned());
        conformance::all(&memory, folder.path()).await.unwrap();
    }
}
