//! Writes a file's pages to the disk while more of them are being made, so that little is left for
//! the flush that makes the whole durable.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::task::spawn_blocking;

/// So many bytes are worth a flush.
const WORTH: usize = 8 << 20;

/// What has been written to one file since the disk was last told.
#[derive(Default)]
pub(super) struct Early {
    bytes: usize,
    running: Arc<AtomicBool>,
}

impl Early {
    /// Hears that bytes were written to the file of this name. Called in a thread of the runtime.
    pub(super) fn wrote(&mut self, bytes: usize, path: &Path) {
        self.bytes += bytes;
        if self.bytes < WORTH || self.running.load(Relaxed) {
            return;
        }
        // A descriptor of its own: the kernel reports a failed write to each once, and the flush at
        // the end must hear of it too.
        let Ok(file) = File::open(path) else {
            return;
        };
        self.bytes = 0;
        self.running.store(true, Relaxed);
        let running = Arc::clone(&self.running);
        spawn_blocking(move || {
            // Only a head start; the flush at the end is the one that counts.
            let _ = file.sync_data();
            running.store(false, Relaxed);
        });
    }
}
