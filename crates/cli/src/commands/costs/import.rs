//! `costs import`: bills into the ledger.

use super::failed;
use crate::arguments::ImportArguments;
use crate::failure::Failure;
use crate::output::Output;
use costs::Ledger;
use costs::import::{self, Form, Mode, Month, Options, Outcome};
use std::io;
use std::path::{Path, PathBuf};

pub(super) fn run(
    ledger: &Ledger,
    wanted: &ImportArguments,
    output: Output,
) -> Result<(), Failure> {
    let options = Options {
        form: wanted.form.as_deref().and_then(Form::named),
        mode: match (wanted.append, wanted.replace) {
            (true, _) => Mode::Append,
            (_, true) => Mode::Replace,
            _ => Mode::Correct,
        },
        currency: wanted.currency.clone(),
        issuer: wanted.issuer.clone(),
    };
    let world = server::system_world();
    let files = bills(&wanted.files)?;
    let report = import::import(ledger, &files, &options, &world).map_err(failed)?;
    output.document(&report);
    for file in &report.files {
        show_file(file, output);
    }
    for month in &report.months {
        show_month(month, output);
    }
    Ok(())
}

/// Endings of the files that clouds deliver bills in.
const ENDINGS: [&str; 6] = [
    ".csv",
    ".csv.gz",
    ".parquet",
    ".json.gz",
    ".jsonl",
    ".jsonl.gz",
];
/// A delivery is in folders by year, month and run; what lies deeper is none.
const DEEPEST: usize = 8;

/// The files that were named, and of folders the bills in them, in the order of their names.
fn bills(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        below(path, DEEPEST, &mut files)?;
        if files.len() == before {
            return Err(Failure::usage(format!(
                "the folder `{}` has no bill in it; bills are files that end with {}",
                path.display(),
                ENDINGS.join(", ")
            )));
        }
    }
    Ok(files)
}

fn below(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable = |error: io::Error| Failure::here(format!("`{}`: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<io::Result<Vec<_>>>().map_err(unreadable)?;
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bill = ENDINGS.iter().any(|ending| name.ends_with(ending));
        if path.is_dir() && depth > 0 && !name.starts_with('.') {
            below(&path, depth - 1, files)?;
        } else if path.is_file() && bill {
            files.push(path);
        }
    }
    Ok(())
}

fn show_file(file: &Outcome, output: Output) {
    if file.known {
        let why = file.notes.first().map_or("counts already", String::as_str);
        return output.say(format!("{}: {why}; nothing was changed", file.name));
    }
    output.say(format!(
        "{} ({}): {} records, {} lines kept, {} put aside",
        file.name, file.form, file.records, file.lines, file.quarantined
    ));
    for (currency, sums) in &file.sums {
        let (billed, effective) = (sums.billed, sums.effective);
        output.say(format!(
            "  billed {billed} {currency}, effective {effective} {currency}"
        ));
    }
    for example in &file.examples {
        output.say(format!("  put aside: {example}"));
    }
    if let Some(quarantine) = &file.quarantine {
        output.say(format!("  all of them: ledger/quarantine/{quarantine}"));
    }
    for note in &file.notes {
        output.say(format!("  {note}"));
    }
}

fn show_month(month: &Month, output: Output) {
    let sums = |sums: &std::collections::BTreeMap<String, costs::ledger::Sums>| {
        let sums = sums
            .iter()
            .map(|(code, sums)| format!("{} {code}", sums.billed.for_people()));
        sums.collect::<Vec<_>>().join(", ")
    };
    let (name, now) = (
        format!("{} of {}", month.month, month.issuer),
        sums(&month.sums),
    );
    if month.lines_before > 0 {
        output.say(format!(
            "{name}: {} lines, billed {now}, replace {} lines, billed {}",
            month.lines,
            month.lines_before,
            sums(&month.before)
        ));
    } else {
        output.say(format!("{name}: {} lines, billed {now}", month.lines));
    }
}
