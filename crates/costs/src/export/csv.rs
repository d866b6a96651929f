//! FOCUS as comma-separated text: null is empty, instants end in `Z`, decimals have all digits.

use super::failed;
use crate::Error;
use crate::focus::{Column, Kind};
use crate::instant;
use crate::ledger::Snapshot;
use crate::lines::Cells;
use std::io::Write;

pub(super) fn write(
    snapshot: &Snapshot,
    columns: &[Column],
    out: impl Write,
) -> Result<u64, Error> {
    let mut writer = csv::WriterBuilder::new()
        .buffer_capacity(1 << 16)
        .from_writer(out);
    writer
        .write_record(columns.iter().map(|c| c.name()))
        .map_err(failed)?;
    let mut lines = 0;
    for (_, segment) in &snapshot.segments {
        for block in segment.blocks() {
            let mut cells = Vec::with_capacity(columns.len());
            for column in columns {
                cells.push(segment.read(block, *column)?.map(Cells::of));
            }
            for row in 0..block.rows {
                for (column, cells) in columns.iter().zip(&cells) {
                    let text = cells.as_ref().map(|cells| cell(*column, cells, row));
                    writer
                        .write_field(text.unwrap_or_default().as_ref())
                        .map_err(failed)?;
                }
                writer.write_record(None::<&[u8]>).map_err(failed)?;
                lines += 1;
            }
        }
    }
    writer.flush().map_err(failed)?;
    Ok(lines)
}

fn cell(column: Column, cells: &Cells, row: usize) -> std::borrow::Cow<'_, str> {
    match column.kind() {
        Kind::Text | Kind::Tags => cells.text(row).unwrap_or_default().into(),
        Kind::Time => cells
            .time(row)
            .map(instant::write)
            .unwrap_or_default()
            .into(),
        Kind::Decimal => cells
            .amount(row)
            .map(|a| a.to_string())
            .unwrap_or_default()
            .into(),
    }
}
