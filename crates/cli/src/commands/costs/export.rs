//! `costs export`: the ledger as FOCUS.

use super::{failed, narrow};
use crate::failure::Failure;
use crate::output::Output;
use costs::Ledger;
use costs::export::{Format, export};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

pub(super) fn run(
    ledger: &Ledger,
    file: &Path,
    (from, to): (Option<&str>, Option<&str>),
    output: Output,
) -> Result<(), Failure> {
    let from = from.map(narrow::month).transpose()?;
    let to = to.map(narrow::month).transpose()?;
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        export(ledger, Format::Csv, from, to, &mut bytes).map_err(failed)?;
        output.bytes(&bytes);
        return Ok(());
    }
    let wrong = |error: std::io::Error| Failure::here(format!("`{}`: {error}", file.display()));
    let parquet = file
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("parquet"));
    let format = if parquet {
        Format::Parquet
    } else {
        Format::Csv
    };
    let beside = file.with_extension("part");
    let to_file = BufWriter::new(File::create(&beside).map_err(wrong)?);
    match export(ledger, format, from, to, to_file) {
        Ok(lines) => {
            fs::rename(&beside, file).map_err(wrong)?;
            output.document(&serde_json::json!({"file": file, "lines": lines}));
            output.say(format!("wrote {lines} lines to {}", file.display()));
            Ok(())
        }
        Err(error) => {
            let _ = fs::remove_file(&beside);
            Err(failed(error))
        }
    }
}
