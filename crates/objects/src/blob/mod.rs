//! The bytes of objects as files under the data directory.
//!
//! ```text
//! objects/tmp/<id>        being written; nobody reads them
//! objects/blobs/ab/<id>   whole; read when a row of the metadata store names the id
//! objects/staged/<id>     plain copies of encrypted or very small objects, for jobs
//! ```
//!
//! A file is never changed once it is in `blobs`. The row is the truth: a file that no row names
//! is garbage, and the sweep removes it an hour after it was last touched. Whoever is about to
//! take a name away from a row, or to give a row an old file, touches the file first.

mod adopt;
mod batch;
mod early;
mod link;
mod pipeline;
mod read;
mod seal;
mod staged;
mod write;

pub use adopt::Ownership;
pub(crate) use write::Written;

use crate::error::Error;
use crate::keys::KeyRing;
use crate::record::Content;
use contracts::world::World;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// Objects up to this many bytes are kept in their rows: one commit is faster than a file with
/// two flushes and a commit (see `benches/objects.rs`), and listings stay small enough.
pub(crate) const INLINE: usize = 2_048;

/// Most bytes of an object: 5 TiB, as on Amazon S3.
pub(crate) const LONGEST: u64 = 5 << 40;

/// The files.
pub(crate) struct Blobs {
    root: PathBuf,
    keys: Arc<KeyRing>,
    world: World,
    /// Files that were found whole by this process.
    whole: Mutex<HashSet<String>>,
}

impl Blobs {
    /// Opens or makes the folders.
    pub(crate) fn open(root: &Path, keys: Arc<KeyRing>, world: World) -> Result<Self, Error> {
        let make = || -> io::Result<()> {
            for folder in ["tmp", "staged", "blobs"] {
                create_private(&root.join(folder))?;
            }
            for first in 0..=255_u8 {
                create_private(&root.join("blobs").join(format!("{first:02x}")))?;
            }
            sync_folder(&root.join("blobs"))?;
            sync_folder(root)
        };
        make().map_err(|error| Error::io(format!("cannot prepare `{}`", root.display()), error))?;
        Ok(Self {
            root: root.to_owned(),
            keys,
            world,
            whole: Mutex::new(HashSet::new()),
        })
    }

    /// A fresh random id.
    pub(crate) fn fresh_id(&self) -> String {
        let mut random = [0_u8; 16];
        self.world.entropy.fill(&mut random);
        crate::checksum::hex(&random)
    }

    pub(crate) fn path(&self, id: &str) -> PathBuf {
        let folder = id.get(..2).unwrap_or("00");
        self.root.join("blobs").join(folder).join(id)
    }

    fn temporary(&self, id: &str) -> PathBuf {
        self.root.join("tmp").join(id)
    }

    /// The three kinds of folders, for the sweep.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let mut all = vec![self.root.join("tmp"), self.root.join("staged")];
        all.extend((0..=255_u8).map(|first| self.root.join("blobs").join(format!("{first:02x}"))));
        all
    }

    pub(crate) fn now(&self) -> SystemTime {
        let millis = u64::try_from(self.world.now().0).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    }

    /// Marks a file as used now, so that the sweep leaves it alone for its grace. A file that is
    /// missing is not an error here: whoever reads it will say so.
    pub(crate) fn touch(&self, content: Option<&Content>) -> Result<(), Error> {
        let Some(id) = content.and_then(Content::file) else {
            return Ok(());
        };
        match File::open(self.path(id)).and_then(|file| file.set_modified(self.now())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("cannot touch the file of an object", error))
            }
            _ => Ok(()),
        }
    }

    /// Removes files that no row names and none ever will: what a failed write left.
    pub(crate) fn discard(&self, content: &Content) {
        if let Some(id) = content.file() {
            // What cannot be removed now is removed by the sweep.
            let _ = fs::remove_file(self.path(id));
        }
    }
}

pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
