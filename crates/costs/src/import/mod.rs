//! Importing bills: whatever the form, a file becomes checked FOCUS lines in segments, and either
//! all of its good lines count afterwards or none. Bad lines are put aside with line, column and
//! reason; the sums that are kept are read back and compared before anything counts.

mod commit;
mod container;
mod csv;
mod forms;
mod guard;
mod json_lines;
mod parquet;
mod quarantine;
mod report;
mod sink;

pub use forms::Form;
pub use report::{Month, Outcome, Report};

use crate::Error;
use crate::instant;
use crate::ledger::{Delivery, Ledger, Manifest, Part, Standing};
use crate::parts::Parts;
use crate::row::is_currency;
use contracts::world::World;
use domain::Timestamp;
use sink::Sink;
use std::path::{Path, PathBuf};

/// What to do when the ledger has an issuer's month already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Replace it when the delivery covers at least the days that are there, refuse otherwise.
    #[default]
    Correct,
    /// Add to it.
    Append,
    /// Replace it whatever the delivery covers.
    Replace,
}

/// How files are imported.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Their form; unset is told from the columns.
    pub form: Option<Form>,
    /// What to do with months that are there already.
    pub mode: Mode,
    /// The currency of lines that name none.
    pub currency: Option<String>,
    /// Whose bill it is, instead of provider and billing account.
    pub issuer: Option<String>,
}

/// Imports files as one delivery: their lines count together or not at all.
///
/// A file whose content counts in the ledger already is left out and said so, and so is one that later
/// deliveries have replaced. Of one whose months are gone in part, those are taken again.
///
/// # Errors
/// When a file cannot be read as a bill, when most of its lines are bad, when months would lose
/// days, when another process changes the ledger. Nothing is changed then.
pub fn import(
    ledger: &Ledger,
    files: &[PathBuf],
    options: &Options,
    world: &World,
) -> Result<Report, Error> {
    if let Some(code) = options.currency.as_ref().filter(|code| !is_currency(code)) {
        let what = format!("`{code}` is no currency: three capital letters such as `USD`");
        return Err(Error::Invalid(what));
    }
    let lock = ledger.lock()?;
    let manifest = ledger.manifest()?;
    let mut report = Report::default();
    let mut parts = Parts::new(ledger, &manifest);
    let mut deliveries: Vec<Delivery> = Vec::new();
    for path in files {
        let sha256 = container::sha256(path)?;
        let name = path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let standing = manifest.standing(&sha256);
        let wanted = match wanted(standing, options.mode) {
            Wanted::Nothing(why) => {
                report.files.push(Outcome::known(name, why));
                continue;
            }
            Wanted::All if deliveries.iter().any(|other| other.sha256 == sha256) => {
                report.files.push(Outcome::known(name, None));
                continue;
            }
            Wanted::All => None,
            Wanted::Months(months) => Some(months),
        };
        parts.take_only(wanted);
        let mut sink = Sink::new(parts, options, world.now(), (path, &sha256));
        let form = container::read(path, options, &mut sink)?;
        let (filled, outcome) = sink.finish(name.clone(), form)?;
        parts = filled;
        let months = parts.end_file(&sha256);
        deliveries.push(Delivery {
            sha256,
            name,
            form: form.name().to_owned(),
            at: world.now(),
            lines: outcome.lines,
            quarantined: outcome.quarantined,
            months,
        });
        report.files.push(outcome);
    }
    if deliveries.is_empty() {
        return Ok(report);
    }
    let first = files.first().map_or(Path::new(""), PathBuf::as_path);
    let new = parts.finish()?;
    let result = commit::commit(
        ledger,
        &lock,
        &manifest,
        new,
        deliveries,
        options.mode,
        first,
    );
    report.months = result.inspect_err(|_| report::forget(ledger, &report))?;
    Ok(report)
}

/// What of a file is to be read.
enum Wanted {
    All,
    /// Lines of these issuers and months.
    Months(Vec<(String, Timestamp)>),
    /// Nothing, and why when it does not count.
    Nothing(Option<String>),
}

fn wanted(standing: Standing, mode: Mode) -> Wanted {
    match (standing, mode) {
        (Standing::New, _) => Wanted::All,
        (Standing::Counts, _) => Wanted::Nothing(None),
        (Standing::Lacks { gone, replaced }, Mode::Correct) if gone.is_empty() => {
            let months = replaced.iter().map(|(_, month)| instant::month(*month));
            Wanted::Nothing(Some(format!(
                "later files have taken its place in {}; `--replace` brings it back",
                months.collect::<Vec<_>>().join(", ")
            )))
        }
        (Standing::Lacks { gone, .. }, Mode::Correct) => Wanted::Months(gone),
        (Standing::Lacks { mut gone, replaced }, Mode::Append | Mode::Replace) => {
            gone.extend(replaced);
            Wanted::Months(gone)
        }
    }
}

/// Takes away all that a delivery brought.
///
/// # Errors
/// When no delivery of that name or hash counts, or its lines were joined with others since.
pub fn withdraw(ledger: &Ledger, name_or_hash: &str) -> Result<Vec<Part>, Error> {
    let lock = ledger.lock()?;
    let mut manifest: Manifest = ledger.manifest()?;
    let known = manifest.deliveries.iter().rev();
    let mut known = known.filter(|d| d.name == name_or_hash || d.sha256 == name_or_hash);
    let hash = known.find(|delivery| manifest.holds(&delivery.sha256));
    let Some(hash) = hash.map(|delivery| delivery.sha256.clone()) else {
        let message = format!("no delivery `{name_or_hash}` counts in the ledger");
        return Err(Error::Invalid(message));
    };
    let (gone, left): (Vec<Part>, Vec<Part>) = manifest
        .parts
        .drain(..)
        .partition(|part| part.from.contains(&hash));
    if gone.iter().any(|part| part.from.len() > 1) {
        let message = format!("`{name_or_hash}` was imported together with other files");
        return Err(Error::Invalid(message));
    }
    manifest.parts = left;
    manifest.generation += 1;
    ledger.commit(&lock, &manifest)?;
    Ok(gone)
}
