//! Going through lines one by one: for exports, compaction and whoever needs more than sums.

use crate::Error;
use crate::amount::Amount;
use crate::focus::{Column, Kind};
use crate::row::Row;
use crate::segment::{Chunk, Segment};
use domain::Timestamp;

/// Calls `each` with every line of a segment as a row that has been checked.
pub(crate) fn each_row(
    segment: &Segment,
    mut each: impl FnMut(&Row) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut row = Row::new();
    for block in segment.blocks() {
        let mut columns = Vec::new();
        for at in &block.columns {
            if let Some(chunk) = segment.read(block, at.column)? {
                columns.push((at.column, Cells::of(chunk)));
            }
        }
        for number in 0..block.rows {
            row.clear();
            for (column, cells) in &columns {
                cells.put(*column, number, &mut row);
            }
            each(&row)?;
        }
    }
    Ok(())
}

/// A chunk whose tags are JSON again.
pub(crate) enum Cells {
    /// As read.
    Plain(Chunk),
    /// Row to code, code to JSON.
    Tags(crate::segment::Codes, Vec<String>),
}

impl Cells {
    pub(crate) fn of(chunk: Chunk) -> Self {
        match chunk {
            Chunk::Tags(codes, sets) => {
                let json = |set| serde_json::to_string(&set).unwrap_or_default();
                Self::Tags(codes, sets.sets().into_iter().map(json).collect())
            }
            other => Self::Plain(other),
        }
    }

    /// The text of a cell that holds one.
    pub(crate) fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Plain(Chunk::Text(codes, values)) => {
                codes.get(row).checked_sub(1).map(|at| values.get(at))
            }
            Self::Tags(codes, sets) => codes.get(row).checked_sub(1).map(|at| sets[at].as_str()),
            Self::Plain(_) => None,
        }
    }

    pub(crate) fn time(&self, row: usize) -> Option<Timestamp> {
        let Self::Plain(Chunk::Time(codes, values)) = self else {
            return None;
        };
        codes
            .get(row)
            .checked_sub(1)
            .map(|at| Timestamp(values[at]))
    }

    pub(crate) fn amount(&self, row: usize) -> Option<Amount> {
        let Self::Plain(Chunk::Decimal(decimals)) = self else {
            return None;
        };
        decimals.get(row)
    }

    fn put(&self, column: Column, number: usize, row: &mut Row) {
        match column.kind() {
            Kind::Text | Kind::Tags => {
                if let Some(text) = self.text(number) {
                    row.set(column, text);
                }
            }
            Kind::Time => {
                if let Some(at) = self.time(number) {
                    row.set_time(column, at);
                }
            }
            Kind::Decimal => {
                if let Some(amount) = self.amount(number) {
                    row.set_number(column, amount);
                }
            }
        }
    }
}
