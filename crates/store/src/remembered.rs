//! Rows as they were last read, for a server that is alone on its database: a request reads the
//! same few rows again and again (its access key, its bucket, its endpoint), and a query of SQLite
//! costs more than all else that such a request does.
//!
//! A row is never older than the last commit that was answered. Before a transaction the writer
//! takes the rows that it touches away, and until it has ended none of their neighbours is kept; a
//! reader keeps what it read only if nothing was written to that part meanwhile. What was known
//! before and was written is known again afterwards. Where others write to the same database
//! nothing is kept at all.

mod weight;

use contracts::store::{Key, Row};
use pages::Pages;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use weight::weight;

/// Into how many parts the rows fall; a write keeps only its own parts from taking rows in.
const PARTS: usize = 64;

/// Most bytes of the rows of one part, 32 MiB for all; a part that would have more begins anew.
const MOST: usize = 512 << 10;

/// A row of more bytes is read anew each time.
const LARGEST: usize = 64 << 10;

/// The rows.
pub(crate) struct Remembered {
    is_used: AtomicBool,
    parts: Vec<Mutex<Part>>,
    /// Pages of lists.
    pub(crate) pages: Pages,
}

#[derive(Default)]
struct Part {
    rows: HashMap<Key, Kept>,
    bytes: usize,
    /// How many writes have ended.
    written: u64,
    /// How many transactions are writing.
    writing: u32,
}

/// A kept row.
struct Kept {
    row: Arc<Row>,
    /// What it weighs without what is read out of its body.
    weight: usize,
    /// What that weighed when somebody looked last.
    read: usize,
}

/// What was known when a read began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket(u64);

/// The answer to a look.
pub(crate) enum Look {
    /// The row.
    Found(Arc<Row>),
    /// It must be read; with this it may then be kept.
    Unknown(Ticket),
    /// It must be read and not be kept.
    Unused,
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            is_used: AtomicBool::new(false),
            parts: (0..PARTS).map(|_| Mutex::default()).collect(),
            pages: Pages::default(),
        }
    }
}

impl Remembered {
    /// From now on rows are kept.
    pub(crate) fn begin(&self) {
        self.is_used.store(true, Ordering::Release);
    }

    /// Whether this server is alone on its database.
    pub(crate) fn is_alone(&self) -> bool {
        self.is_used.load(Ordering::Acquire)
    }

    fn part(&self, index: usize) -> MutexGuard<'_, Part> {
        self.parts[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks for a row.
    pub(crate) fn look(&self, key: &Key) -> Look {
        if !self.is_alone() {
            return Look::Unused;
        }
        let mut part = self.part(index(key));
        let Some(kept) = part.rows.get_mut(key) else {
            return Look::Unknown(Ticket(part.written));
        };
        let row = Arc::clone(&kept.row);
        // Whoever had it before may have read it since.
        let read = row.row.body.read_bytes();
        if read != kept.read {
            let before = std::mem::replace(&mut kept.read, read);
            part.bytes = (part.bytes + read).saturating_sub(before);
            if part.bytes > MOST {
                part.forget();
            }
        }
        Look::Found(row)
    }

    /// Keeps a row that was read after its ticket was given.
    pub(crate) fn keep(&self, ticket: Ticket, row: &Row) {
        let kept = Kept::new(Arc::new(row.clone()));
        if kept.bytes() > LARGEST {
            return;
        }
        let mut part = self.part(index(&row.row.key));
        if part.written == ticket.0 && part.writing == 0 {
            part.insert(kept);
        }
    }

    /// Takes rows away for as long as the answer lives, which is until their transaction has ended.
    pub(crate) fn writing<'k>(&self, keys: impl Iterator<Item = &'k Key>) -> Writing<'_> {
        let (mut parts, mut known) = (Vec::new(), HashSet::new());
        let mut kinds = HashSet::new();
        if self.is_alone() {
            let keys: Vec<&Key> = keys.collect();
            kinds = self.pages.writing(keys.iter().copied());
            for key in keys {
                let index = index(key);
                let mut part = self.part(index);
                if let Some(kept) = part.rows.remove(key) {
                    part.bytes = part.bytes.saturating_sub(kept.bytes());
                    known.insert(key.clone());
                }
                part.writing += 1;
                parts.push(index);
            }
        }
        Writing {
            rows: self,
            parts,
            kinds,
            known,
        }
    }
}

impl Kept {
    fn new(row: Arc<Row>) -> Self {
        Self {
            weight: weight(&row),
            read: row.row.body.read_bytes(),
            row,
        }
    }

    fn bytes(&self) -> usize {
        self.weight + self.read
    }
}

impl Part {
    fn insert(&mut self, kept: Kept) {
        let bytes = kept.bytes();
        if self.bytes + bytes > MOST {
            self.forget();
        }
        let key = kept.row.row.key.clone();
        if let Some(before) = self.rows.insert(key, kept) {
            self.bytes = self.bytes.saturating_sub(before.bytes());
        }
        self.bytes += bytes;
    }

    fn forget(&mut self) {
        self.rows.clear();
        self.bytes = 0;
    }
}

/// Rows that are being written.
pub(crate) struct Writing<'a> {
    rows: &'a Remembered,
    parts: Vec<usize>,
    kinds: HashSet<String>,
    /// Those that were known before.
    known: HashSet<Key>,
}

impl Writing<'_> {
    /// Whether a row was known before, and is wanted again.
    pub(crate) fn was_known(&self, key: &Key) -> bool {
        self.known.contains(key)
    }

    /// Leaves a row unknown whose end nobody has in hand: what is done beside the commits.
    pub(crate) fn give_up(&mut self, key: &Key) {
        self.known.remove(key);
    }

    /// Ends it once the transaction is kept; `rows` are as it left them. There is one writer, so
    /// that nothing else can have written them since.
    pub(crate) fn end(self, rows: Vec<Row>) {
        for row in rows {
            let kept = Kept::new(Arc::new(row));
            if kept.bytes() <= LARGEST {
                let mut part = self.rows.part(index(&kept.row.row.key));
                part.insert(kept);
            }
        }
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        for index in &self.parts {
            let mut part = self.rows.part(*index);
            part.writing = part.writing.saturating_sub(1);
            part.written += 1;
        }
        self.rows.pages.wrote(&self.kinds);
    }
}

fn index(key: &Key) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    (hasher.finish() % PARTS as u64) as usize
}

pub(crate) mod pages;
#[cfg(test)]
mod tests;
