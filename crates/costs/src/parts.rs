//! Sorting lines into segments by issuer and billing month, with bounded memory.

use crate::Error;
use crate::focus::Column;
use crate::ledger::{Days, Ledger, Manifest, Part, fresh_name};
use crate::row::Row;
use crate::segment::{BLOCK_ROWS, Block, Writer};
use domain::Timestamp;
use domain::day::Day;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Most rows in unwritten blocks of all months together.
const OPEN_ROWS: usize = 240_000;

/// Most issuers and months of one delivery.
const MOST_OPEN: usize = 500;

/// Segments while they are written; files that were not finished are removed when dropped.
pub(crate) struct Parts<'a> {
    ledger: &'a Ledger,
    manifest: &'a Manifest,
    open: Vec<Open>,
    last: usize,
    kept: bool,
    only: Option<Vec<(String, Timestamp)>>,
}

struct Open {
    part: Part,
    path: PathBuf,
    block: Block,
    writer: Writer,
    /// Whether the file that is being read has lines of it.
    touched: bool,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(ledger: &'a Ledger, manifest: &'a Manifest) -> Self {
        Self {
            ledger,
            manifest,
            open: Vec::new(),
            last: 0,
            kept: false,
            only: None,
        }
    }

    /// Takes lines of these issuers and months only, or again of all.
    pub(crate) fn take_only(&mut self, months: Option<Vec<(String, Timestamp)>>) {
        self.only = months;
    }

    /// Whose segments they are.
    pub(crate) fn ledger(&self) -> &'a Ledger {
        self.ledger
    }

    /// Adds a checked line; `false` when it is of a month that is not wanted.
    pub(crate) fn push(&mut self, issuer: &str, row: &Row) -> Result<bool, Error> {
        let begins = row.time(Column::BillingPeriodStart).unwrap_or(0);
        let month = crate::instant::month_start(Timestamp(begins), 0);
        if let Some(only) = &self.only
            && !only.iter().any(|(of, m)| *m == month && of == issuer)
        {
            return Ok(false);
        }
        let at = self.find(issuer, month)?;
        let open = &mut self.open[at];
        open.touched = true;
        add_up(&mut open.part, row);
        open.block.push(row);
        if open.block.rows() >= BLOCK_ROWS {
            open.flush()?;
        } else if self.open.len() > 4
            && self.open.iter().map(|o| o.block.rows()).sum::<usize>() > OPEN_ROWS
        {
            let fullest = self.open.iter_mut().max_by_key(|open| open.block.rows());
            fullest.map_or(Ok(()), Open::flush)?;
        }
        Ok(true)
    }

    fn find(&mut self, issuer: &str, month: Timestamp) -> Result<usize, Error> {
        let fits = |open: &Open| open.part.month == month && open.part.issuer == issuer;
        if self.open.get(self.last).is_some_and(fits) {
            return Ok(self.last);
        }
        if let Some(at) = self.open.iter().position(fits) {
            self.last = at;
            return Ok(at);
        }
        if self.open.len() >= MOST_OPEN {
            let what = format!("the lines belong to more than {MOST_OPEN} issuers and months");
            return Err(Error::Invalid(what));
        }
        let file = fresh_name(month, self.manifest, self.open.len());
        let path = self.ledger.segment_path(&file);
        // A file of this name is the rest of a change that did not come to its end.
        let _ = fs::remove_file(&path);
        let writer = Writer::create(&path)?;
        let part = Part {
            file,
            issuer: issuer.to_owned(),
            month,
            lines: 0,
            starts: (Timestamp(i64::MAX), Timestamp(i64::MIN)),
            days: Days::default(),
            sums: BTreeMap::new(),
            from: Vec::new(),
        };
        self.open.push(Open {
            part,
            path,
            block: Block::new(),
            writer,
            touched: false,
        });
        self.last = self.open.len() - 1;
        Ok(self.last)
    }

    /// Notes from which files the lines of an issuer and month came.
    pub(crate) fn came_from(&mut self, issuer: &str, month: Timestamp, files: &[String]) {
        let fits = |open: &&mut Open| open.part.month == month && open.part.issuer == issuer;
        if let Some(open) = self.open.iter_mut().find(fits) {
            open.part.from.extend_from_slice(files);
        }
    }

    /// Notes which segments have lines of the file that was just read, and tells their issuers and
    /// months.
    pub(crate) fn end_file(&mut self, sha256: &str) -> Vec<(String, Timestamp)> {
        let mut months = Vec::new();
        for open in self.open.iter_mut().filter(|open| open.touched) {
            open.touched = false;
            open.part.from.push(sha256.to_owned());
            months.push((open.part.issuer.clone(), open.part.month));
        }
        months
    }

    /// Ends all files; their parts are not in the manifest yet.
    pub(crate) fn finish(mut self) -> Result<Vec<Part>, Error> {
        let mut parts = Vec::new();
        let open = std::mem::take(&mut self.open);
        let paths: Vec<PathBuf> = open.iter().map(|open| open.path.clone()).collect();
        let ended: Result<(), Error> = open.into_iter().try_for_each(|mut open| {
            open.flush()?;
            open.writer.finish()?;
            parts.push(open.part);
            Ok(())
        });
        if let Err(error) = ended {
            for path in paths {
                let _ = fs::remove_file(path);
            }
            return Err(error);
        }
        self.kept = true;
        Ok(parts)
    }
}

impl Drop for Parts<'_> {
    fn drop(&mut self) {
        if !self.kept {
            for open in &self.open {
                let _ = fs::remove_file(&open.path);
            }
        }
    }
}

impl Open {
    fn flush(&mut self) -> Result<(), Error> {
        self.writer
            .block(std::mem::replace(&mut self.block, Block::new()))
    }
}

fn add_up(part: &mut Part, row: &Row) {
    part.lines += 1;
    if let Some(start) = row.time(Column::ChargePeriodStart) {
        part.starts.0 = part.starts.0.min(Timestamp(start));
        part.starts.1 = part.starts.1.max(Timestamp(start));
        part.days.add(Day::from_unix_millis(start));
    }
    let currency = row.text(Column::BillingCurrency).unwrap_or("");
    if !part.sums.contains_key(currency) {
        part.sums.insert(currency.to_owned(), Default::default());
    }
    if let Some(sums) = part.sums.get_mut(currency) {
        sums.billed += row.amount(Column::BilledCost).unwrap_or_default();
        sums.effective += row.amount(Column::EffectiveCost).unwrap_or_default();
    }
}
