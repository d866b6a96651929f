//! A store in a folder of its own, with a clock that tests move.

use bytes::Bytes;
use contracts::objects::ByteStream;
use contracts::objects::conformance::{body, collect};
use contracts::store::{Store, memory::Memory};
use contracts::world::{Clock, Entropy, World};
use domain::{Span, Timestamp, Workspace};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tradewind_objects::{Error, Get, Object, ObjectStore, Put};

pub struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Different in every process and call.
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let mut x = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(x ^ (x >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

pub fn world() -> (World, Arc<Hand>) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let hand = Arc::new(Hand(AtomicI64::new(now.as_millis() as i64)));
    let seed = now.as_nanos() as u64 ^ (u64::from(std::process::id()) << 40);
    let world = World {
        clock: hand.clone(),
        entropy: Arc::new(Counting(AtomicU64::new(seed))),
    };
    (world, hand)
}

pub struct Setting {
    pub store: ObjectStore,
    pub rows: Arc<dyn Store>,
    pub workspace: Workspace,
    pub world: World,
    clock: Arc<Hand>,
    folder: TempDir,
}

impl Setting {
    pub fn new() -> Self {
        Self::over(Arc::new(Memory::new()))
    }

    pub fn over(rows: Arc<dyn Store>) -> Self {
        let (world, clock) = world();
        let folder = tempfile::tempdir().unwrap();
        let store = ObjectStore::open(folder.path(), rows.clone(), world.clone()).unwrap();
        Self {
            store,
            rows,
            workspace: Workspace::default(),
            world,
            clock,
            folder,
        }
    }

    /// With a bucket.
    pub async fn with(bucket: &str) -> Self {
        let setting = Self::new();
        setting.bucket(bucket).await;
        setting
    }

    pub async fn bucket(&self, bucket: &str) {
        self.store
            .create_bucket(&self.workspace, bucket, Default::default())
            .await
            .unwrap();
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn wait(&self, span: Span) {
        self.clock.0.fetch_add(span.0, Ordering::SeqCst);
    }

    /// Files of whole contents.
    pub fn blobs(&self) -> Vec<PathBuf> {
        files(&self.folder().join("objects/blobs"))
    }

    pub async fn put(&self, bucket: &str, key: &str, bytes: &[u8]) -> Object {
        self.put_with(bucket, key, bytes, Put::default())
            .await
            .unwrap()
    }

    pub async fn put_with(
        &self,
        bucket: &str,
        key: &str,
        bytes: &[u8],
        put: Put,
    ) -> Result<Object, Error> {
        self.store
            .put_object(&self.workspace, bucket, key, body(&[bytes]), put)
            .await
    }

    pub async fn get(&self, bucket: &str, key: &str, get: &Get) -> Result<Bytes, Error> {
        let contents = self
            .store
            .get_object(&self.workspace, bucket, key, get)
            .await?;
        Ok(collect(contents.body).await?)
    }

    pub async fn read(&self, bucket: &str, key: &str) -> Bytes {
        self.get(bucket, key, &Get::default()).await.unwrap()
    }

    pub async fn version(&self, bucket: &str, key: &str, version: &str) -> Result<Bytes, Error> {
        let get = Get {
            version: Some(version.to_owned()),
            ..Get::default()
        };
        self.get(bucket, key, &get).await
    }
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            all.extend(files(&entry.path()));
        } else {
            all.push(entry.path());
        }
    }
    all.sort();
    all
}

/// A body whose end never comes before the promise is kept.
pub fn stuck(first: Vec<u8>) -> ByteStream {
    use futures::StreamExt as _;
    futures::stream::iter([Ok(Bytes::from(first))])
        .chain(futures::stream::pending())
        .boxed()
}

/// Bytes without pattern, long enough for a file.
pub fn noise(length: usize) -> Vec<u8> {
    let mut x = 0x1234_5678_u32;
    (0..length)
        .map(|_| {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            x as u8
        })
        .collect()
}
