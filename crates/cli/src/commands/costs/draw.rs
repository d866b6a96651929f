//! Bars in the terminal and as files.

use crate::arguments::Drawing;
use crate::failure::Failure;
use crate::output::Output;
use costs::query::{self, Bar};
use std::collections::BTreeSet;
use std::path::Path;

/// Columns of a terminal that bars take.
const COLUMNS: usize = 100;

/// Draws what is wanted; says whether bars in the terminal take a table's place.
pub(super) fn draw(
    wanted: &Drawing,
    bars: &[Bar],
    title: &str,
    output: Output,
) -> Result<bool, Failure> {
    if let Some(file) = &wanted.svg {
        write(file, query::svg(bars, title).as_bytes(), output)?;
    }
    if let Some(file) = &wanted.png {
        write(file, &query::png(bars, title), output)?;
    }
    let drawn = wanted.chart && !output.json;
    if drawn {
        for line in query::terminal(bars, COLUMNS) {
            output.say(line);
        }
    }
    Ok(drawn)
}

/// Refuses bars of several currencies: their lengths could not be compared.
pub(super) fn one_currency<'a>(
    wanted: &Drawing,
    codes: impl Iterator<Item = &'a str>,
) -> Result<(), Failure> {
    let codes: BTreeSet<&str> = codes.collect();
    let drawn = wanted.chart || wanted.svg.is_some() || wanted.png.is_some();
    if !drawn || codes.len() < 2 {
        return Ok(());
    }
    let codes: Vec<&str> = codes.into_iter().collect();
    Err(Failure::usage(format!(
        "a chart is of one currency and there are {}; choose one with `--currency`",
        codes.join(", ")
    )))
}

fn write(file: &Path, bytes: &[u8], output: Output) -> Result<(), Failure> {
    std::fs::write(file, bytes)
        .map_err(|error| Failure::here(format!("`{}`: {error}", file.display())))?;
    output.note(format!("wrote {}", file.display()));
    Ok(())
}
