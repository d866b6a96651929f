//! Exporting the ledger as FOCUS, for whoever wants to check the sums with tools of their own.

mod csv;
mod parquet;

use crate::focus::{Column, Level};
use crate::ledger::Snapshot;
use crate::{Error, Ledger};
use domain::Timestamp;
use std::io::Write;

/// A form of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated text.
    Csv,
    /// Parquet with decimals of 38 digits and timestamps in UTC.
    Parquet,
}

/// Writes the lines of all billing months from `from` to before `to`, and says how many.
///
/// # Errors
/// When a segment is damaged or the output cannot be written.
pub fn export(
    ledger: &Ledger,
    format: Format,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    out: impl Write + Send,
) -> Result<u64, Error> {
    let mut snapshot = ledger.snapshot()?;
    snapshot.segments.retain(|(part, _)| {
        from.is_none_or(|from| part.month >= from) && to.is_none_or(|to| part.month < to)
    });
    snapshot.segments.sort_by(|(a, _), (b, _)| {
        (a.month, &a.issuer, &a.file).cmp(&(b.month, &b.issuer, &b.file))
    });
    let columns = columns(&snapshot);
    match format {
        Format::Csv => csv::write(&snapshot, &columns, out),
        Format::Parquet => parquet::write(&snapshot, &columns, out),
    }
}

/// The columns that any line has, and the mandatory ones.
fn columns(snapshot: &Snapshot) -> Vec<Column> {
    let mut present = [false; Column::COUNT];
    for (_, segment) in &snapshot.segments {
        for at in segment.blocks().iter().flat_map(|block| &block.columns) {
            present[at.column.index()] = true;
        }
    }
    let wanted =
        |column: &&Column| present[column.index()] || column.rule().level == Level::Mandatory;
    Column::ALL.iter().filter(wanted).copied().collect()
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Invalid(format!("the export cannot be written: {error}"))
}
