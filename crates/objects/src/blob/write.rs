//! Writes a body to a file while hashing it. Memory is bounded to a few batches per write; no
//! thread waits for a slow sender, because blocking work is done batch by batch.

use super::batch::Batch;
use super::early::Early;
use super::pipeline::Pipeline;
use super::seal::Sealer;
use super::{Blobs, LONGEST};
use crate::checksum::{BlockSums, Computed, Expected, Hashers, Trailer};
use crate::error::Error;
use crate::keys::DataKey;
use crate::record::{Content, Sealed};
use bytes::Bytes;
use contracts::objects::ByteStream;
use futures::StreamExt as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::task::spawn_blocking;

/// Bytes that are hashed and written at once.
const BATCH: usize = 512 << 10;

/// What a write made.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) bytes: u64,
    pub(crate) computed: Computed,
    pub(crate) content: Content,
}

impl Blobs {
    /// Writes the whole body and makes it durable, or leaves nothing. What was promised about it
    /// is verified before anything is kept.
    pub(crate) async fn write(
        self: &Arc<Self>,
        mut body: ByteStream,
        expected: &Expected,
        trailer: Option<Trailer>,
        key: Option<DataKey>,
    ) -> Result<Written, Error> {
        let sink = Sink::new(self, key)?;
        let mut pipeline =
            Pipeline::new(Hashers::new(&expected.algorithms(), &expected.name), sink);
        let mut batch = Batch::default();
        let mut bytes = 0_u64;
        while let Some(chunk) = body.next().await {
            let chunk = chunk?;
            bytes += chunk.len() as u64;
            if bytes > LONGEST {
                return Err(Error::TooLarge { most: LONGEST });
            }
            if expected.bytes.is_some_and(|announced| bytes > announced) {
                return Err(Error::Invalid(
                    "the body is longer than its announced length".to_owned(),
                ));
            }
            batch.add(chunk);
            if batch.bytes() >= BATCH {
                pipeline.push(std::mem::take(&mut batch)).await?;
            }
        }
        if let Some(announced) = expected.bytes
            && bytes < announced
        {
            return Err(Error::Incomplete(format!(
                "{bytes} bytes came, {announced} were announced"
            )));
        }
        let trailing = trailer.map_or_else(|| Ok(Default::default()), |trailer| trailer())?;
        let (computed, mut sink) = pipeline.finish(batch, bytes).await?;
        computed.verify(&expected.values)?;
        computed.verify(&trailing)?;
        let content = if sink.file.is_none() {
            sink.inline()?
        } else {
            spawn_blocking(move || sink.keep())
                .await
                .map_err(Error::task)??
        };
        Ok(Written {
            bytes,
            computed,
            content,
        })
    }
}

/// A file that is being written; it vanishes unless it is kept.
pub(super) struct Sink {
    blobs: Arc<Blobs>,
    id: String,
    /// The whole body, when it stays in its row.
    pub(super) short: Bytes,
    file: Option<(File, Scrap)>,
    early: Early,
    blocks: BlockSums,
    sealer: Option<Sealer>,
    sealed: Option<Sealed>,
    scratch: Vec<u8>,
}

/// Removes a temporary file when it is dropped.
pub(super) struct Scrap(pub(super) PathBuf);

impl Drop for Scrap {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Sink {
    fn new(blobs: &Arc<Blobs>, key: Option<DataKey>) -> Result<Self, Error> {
        let sealer = key
            .as_ref()
            .map(|key| Sealer::new(&key.material))
            .transpose()?;
        Ok(Self {
            blobs: Arc::clone(blobs),
            id: blobs.fresh_id(),
            short: Bytes::new(),
            file: None,
            early: Early::default(),
            blocks: BlockSums::new(),
            sealer,
            sealed: key.map(|key| Sealed {
                key: key.key,
                wrapped: key.wrapped,
                is_named: key.is_named,
                customer: key.customer,
            }),
            scratch: Vec::new(),
        })
    }

    pub(super) fn write(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let (file, scrap) = match &mut self.file {
            Some(file) => file,
            none => none.insert(create(&self.blobs.temporary(&self.id))?),
        };
        let written = match &mut self.sealer {
            None => {
                self.blocks.update(chunk);
                file.write_all(chunk)
            }
            Some(sealer) => {
                self.scratch.clear();
                sealer.update(chunk, &mut self.scratch)?;
                file.write_all(&self.scratch)
            }
        };
        written.map_err(|error| Error::io("cannot write the bytes of an object", error))?;
        self.early.wrote(chunk.len(), &scrap.0);
        Ok(())
    }

    /// The content of a body that stays in its row.
    fn inline(&mut self) -> Result<Content, Error> {
        let plain = std::mem::take(&mut self.short);
        let (stored, blocks) = if let Some(mut sealer) = self.sealer.take() {
            let mut out = Vec::new();
            sealer.update(&plain, &mut out)?;
            sealer.finish(&mut out)?;
            (out, None)
        } else {
            self.blocks.update(&plain);
            let blocks = std::mem::replace(&mut self.blocks, BlockSums::new());
            (plain.to_vec(), Some(blocks.finish()))
        };
        Ok(Content {
            id: std::mem::take(&mut self.id),
            inline: Some(Content::encode_inline(&stored)),
            blocks,
            sealed: self.sealed.take(),
        })
    }

    /// Makes the file durable under its final name.
    fn keep(mut self) -> Result<Content, Error> {
        let Some((mut file, scrap)) = self.file.take() else {
            return Err(Error::Incomplete("nothing was written".to_owned()));
        };
        let blocks = match self.sealer.take() {
            Some(sealer) => {
                self.scratch.clear();
                sealer.finish(&mut self.scratch)?;
                file.write_all(&self.scratch)
                    .map_err(|error| Error::io("cannot write the bytes of an object", error))?;
                None
            }
            None => Some(self.blocks.finish()),
        };
        settle(&self.blobs, &file, &scrap, &self.id)?;
        Ok(Content {
            id: self.id,
            inline: None,
            blocks,
            sealed: self.sealed,
        })
    }
}

fn create(path: &std::path::Path) -> Result<(File, Scrap), Error> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o400)
        .open(path)
        .map_err(|error| Error::io("cannot create a file for an object", error))?;
    // Held while it is being written, however slowly, so that a sweep leaves it alone. Where the
    // file system has no locks the grace must do.
    let _ = file.try_lock();
    Ok((file, Scrap(path.to_owned())))
}

/// Moves a temporary file to its final name and flushes both. Renaming comes first because on
/// journalling file systems the file's flush then carries the name too; no row names it yet.
pub(super) fn settle(blobs: &Blobs, file: &File, scrap: &Scrap, id: &str) -> Result<(), Error> {
    let path = blobs.path(id);
    let now: SystemTime = blobs.now();
    let settled = file
        .set_modified(now)
        .and_then(|()| fs::rename(&scrap.0, &path))
        .and_then(|()| file.sync_all())
        .and_then(|()| super::sync_folder(path.parent().unwrap_or(&path)));
    settled.map_err(|error| {
        let _ = fs::remove_file(&path);
        Error::io("cannot make the bytes of an object durable", error)
    })
}
