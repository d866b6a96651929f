//! Pages of lists as they were last read. On a server that is alone on its database a page that
//! nothing was written to since is answered as it is, under the rule of [`super`]: never older than
//! the last commit that was answered. Any other page is read anew, and its rows that are the same
//! to the letter keep their bodies, with what was read out of them: most rows of a list did not
//! change since somebody last looked.

use contracts::store::{Body, Key, Page, Query, Row};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most bytes of all pages; with more they begin anew.
const MOST: usize = 16 << 20;

/// A page of more bytes is read anew each time.
const LARGEST: usize = 4 << 20;

/// What a byte of a text takes once it is read.
const READ: usize = 7;

/// The pages.
#[derive(Default)]
pub(crate) struct Pages(Mutex<All>);

#[derive(Default)]
struct All {
    /// By the kind of the rows.
    kinds: HashMap<String, Kind>,
    bytes: usize,
}

#[derive(Default)]
struct Kind {
    pages: HashMap<Query, Kept>,
    /// How many writes have ended.
    written: u64,
    /// How many transactions are writing.
    writing: u32,
}

struct Kept {
    page: Arc<Page>,
    /// [`Kind::written`] when it was read; `None` for one that is not answered as it is.
    as_of: Option<u64>,
    bytes: usize,
}

/// What is known of a page.
pub(crate) enum Look {
    /// The page.
    Found(Arc<Page>),
    /// It must be read; what it was, and what to keep it with.
    Unknown(Option<Arc<Page>>, u64),
}

impl Pages {
    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks for a page.
    pub(crate) fn look(&self, query: &Query) -> Look {
        let all = self.all();
        let Some(kind) = all.kinds.get(&query.kind) else {
            return Look::Unknown(None, 0);
        };
        match kind.pages.get(query) {
            Some(kept) if kind.writing == 0 && kept.as_of == Some(kind.written) => {
                Look::Found(kept.page.clone())
            }
            Some(kept) => Look::Unknown(Some(kept.page.clone()), kind.written),
            None => Look::Unknown(None, kind.written),
        }
    }

    /// Keeps a page that was read after a look said `written`; `is_alone` where nobody else writes
    /// to the database.
    pub(crate) fn keep(&self, query: &Query, written: u64, page: &Page, is_alone: bool) {
        let bytes = page.rows.iter().map(weight).sum();
        if bytes > LARGEST {
            return;
        }
        let page = Arc::new(page.clone());
        let mut all = self.all();
        if all.bytes + bytes > MOST {
            all.forget();
        }
        let kind = all.kinds.entry(query.kind.clone()).or_default();
        let is_current = is_alone && kind.written == written && kind.writing == 0;
        let kept = Kept {
            page,
            as_of: is_current.then_some(written),
            bytes,
        };
        let before = kind.pages.insert(query.clone(), kept);
        all.bytes += bytes;
        all.bytes = all
            .bytes
            .saturating_sub(before.map_or(0, |kept| kept.bytes));
    }

    /// From now on no page of these rows' kinds is answered as it is, until [`Self::wrote`].
    pub(crate) fn writing<'k>(&self, keys: impl Iterator<Item = &'k Key>) -> HashSet<String> {
        let mut kinds = HashSet::new();
        let mut all = self.all();
        for key in keys {
            if !kinds.contains(&key.kind) {
                kinds.insert(key.kind.clone());
                all.kinds.entry(key.kind.clone()).or_default().writing += 1;
            }
        }
        kinds
    }

    /// The transaction that wrote to these kinds has ended.
    pub(crate) fn wrote(&self, kinds: &HashSet<String>) {
        let mut all = self.all();
        for kind in kinds {
            if let Some(kind) = all.kinds.get_mut(kind) {
                kind.writing = kind.writing.saturating_sub(1);
                kind.written += 1;
            }
        }
    }
}

impl All {
    fn forget(&mut self) {
        for kind in self.kinds.values_mut() {
            kind.pages.clear();
        }
        self.bytes = 0;
    }
}

/// A row of a page with what is going to be read out of it, which is not known yet.
fn weight(row: &Row) -> usize {
    super::weight(row) + READ * row.row.body.text().len()
}

/// Gives rows that are the same to the letter the bodies that they had before.
pub(crate) fn same_bodies(page: &mut Page, before: &Page) {
    let bodies: HashMap<&Key, &Body> = before
        .rows
        .iter()
        .map(|row| (&row.row.key, &row.row.body))
        .collect();
    for row in &mut page.rows {
        if let Some(body) = bodies.get(&row.row.key)
            && body.text() == row.row.body.text()
        {
            row.row.body = (*body).clone();
        }
    }
}
