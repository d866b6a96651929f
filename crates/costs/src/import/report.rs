//! What an import says it did.

use crate::ledger::{Ledger, Sums};
use serde::Serialize;
use std::collections::BTreeMap;

/// What came of an import.
#[derive(Debug, Clone, Default, Serialize, schemars::JsonSchema)]
pub struct Report {
    /// The files, in the order given.
    pub files: Vec<Outcome>,
    /// Issuers and months that changed.
    pub months: Vec<Month>,
}

/// What came of one file.
#[derive(Debug, Clone, Default, Serialize, schemars::JsonSchema)]
pub struct Outcome {
    /// The file without folders.
    pub name: String,
    /// The form it was read in; empty when it was known.
    pub form: String,
    /// Whether it was imported before and nothing was done: its content counts, or `notes` says why
    /// not.
    pub known: bool,
    /// Records read.
    pub records: u64,
    /// Lines kept; a record can make several, and none.
    pub lines: u64,
    /// Records put aside.
    pub quarantined: u64,
    /// The first of them, as `line, column: reason`.
    pub examples: Vec<String>,
    /// The file with all of them.
    pub quarantine: Option<String>,
    /// Sums kept, by currency.
    pub sums: BTreeMap<String, Sums>,
    /// Things to know: columns that are missing, not kept or null against the rules, digits rounded.
    pub notes: Vec<String>,
}

impl Outcome {
    pub(crate) fn known(name: String, why: Option<String>) -> Self {
        Self {
            name,
            known: true,
            notes: why.into_iter().collect(),
            ..Self::default()
        }
    }
}

/// One issuer's month.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Month {
    /// Whose bill.
    pub issuer: String,
    /// Which month, as `2026-05`.
    pub month: String,
    /// Lines that no longer count.
    pub lines_before: u64,
    /// Their sums.
    pub before: BTreeMap<String, Sums>,
    /// Lines that were added.
    pub lines: u64,
    /// Their sums.
    pub sums: BTreeMap<String, Sums>,
}

/// Removes the quarantine files of an import that was not kept.
pub(crate) fn forget(ledger: &Ledger, report: &Report) {
    for outcome in &report.files {
        if let Some(file) = &outcome.quarantine {
            let _ = std::fs::remove_file(ledger.folder().join("quarantine").join(file));
        }
    }
}
