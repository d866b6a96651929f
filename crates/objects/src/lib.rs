//! Buckets and objects on the machine's own disk: versions, multipart uploads, checksums, ranges,
//! conditional requests, encryption, lifecycle rules; and the way from a location in a workload
//! to the files that a job reads.
//!
//! Bytes are files; what is known about them are rows of the metadata store, and the row is the
//! truth. A crash between file and row leaves a file that nobody names, which a sweep removes an
//! hour later; it never leaves a row without bytes.

mod blob;
mod buckets;
mod checksum;
mod conditions;
mod contract;
mod error;
mod expire;
mod history;
mod keys;
mod lifecycle;
mod lock;
mod locks;
mod multipart;
mod names;
mod operations;
mod range;
mod record;
mod resolve;
mod rows;
mod sweep;

pub use blob::Ownership;
pub use checksum::{Algorithm, Checksums, ContentName, Expected, Scope, Trailer, verify};
pub use conditions::{EntityTags, ReadConditions};
pub use error::{Error, Named};
pub use expire::Expired;
pub use keys::{CustomerKey, CustomerKeyMistake, Key, KeyRing, KeyState, sealed_by};
pub use lifecycle::Rule;
pub use lock::{BucketLock, Lock, LockMode, Retention, UsualRetention};
pub use multipart::{
    Complete, CompletedPart, LEAST_PART, ListUploads, MOST_PARTS, NewUpload, Parts, UploadPart,
    Uploads,
};
pub use names::{LONGEST_KEY, check_bucket, check_key};
pub use operations::{
    Contents, Copy, Deleted, Get, Put, Redescribe, Relock, Tags, VersionListing, check_tags,
};
pub use range::ByteRange;
pub use record::{
    Bucket, BucketSettings, ContentHeaders, Description, Encryption, NULL_VERSION, Object, Part,
    Sealed, Upload, Versioning,
};
pub use resolve::{JobStager, Staged, StagingLimits, resolve, resolve_within};
pub use sweep::Swept;

use contracts::objects::ObjectHead;
use contracts::store::Store;
use contracts::world::World;
use domain::Workspace;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The embedded object store. Cheap to clone.
#[derive(Clone)]
pub struct ObjectStore {
    pub(crate) rows: Arc<dyn Store>,
    pub(crate) blobs: Arc<blob::Blobs>,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) world: World,
    pub(crate) locks: Arc<locks::Locks>,
    pub(crate) hashes: Arc<resolve::HashCache>,
    pub(crate) created: Arc<OnceLock<UnboundedSender<Created>>>,
}

/// An object that was just written, and in which workspace.
pub type Created = (Workspace, ObjectHead);

impl ObjectStore {
    /// Opens the store under `<data_dir>/objects`, with its key ring in `<data_dir>/keys`. Both
    /// are made when they are not there. Blocks on the file system.
    pub fn open(data_dir: &Path, rows: Arc<dyn Store>, world: World) -> Result<Self, Error> {
        let ring = data_dir.join("keys");
        blob::create_private(&ring)
            .map_err(|error| Error::io(format!("cannot make `{}`", ring.display()), error))?;
        let keys = Arc::new(KeyRing::open(&ring.join("ring.json"), world.clone())?);
        let root = data_dir.join("objects");
        let blobs = blob::Blobs::open(&root, Arc::clone(&keys), world.clone())?;
        Ok(Self {
            rows,
            blobs: Arc::new(blobs),
            keys,
            world,
            locks: Arc::new(locks::Locks::default()),
            hashes: Arc::new(resolve::HashCache::load(&root.join("hashes.json"))),
            created: Arc::default(),
        })
    }

    /// Hears of every object that this process writes from now on, after it is there; none when
    /// somebody hears already. What is written in the moment before a crash may go unheard.
    pub fn hear_of_objects(&self) -> Option<UnboundedReceiver<Created>> {
        let (sender, receiver) = unbounded_channel();
        self.created.set(sender).ok().map(|()| receiver)
    }

    /// The local key ring.
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.keys
    }
}

impl std::fmt::Debug for ObjectStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectStore").finish_non_exhaustive()
    }
}
