//! Where records end: checked, sorted into segments, counted, or put aside.

use super::forms::Form;
use super::quarantine::Quarantine;
use super::{Options, Outcome};
use crate::Error;
use crate::amount::Amount;
use crate::focus::Column;
use crate::ledger::Sums;
use crate::parts::Parts;
use crate::row::{Checks, Reject, Row};
use domain::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The lines that one record makes; their memory is used again.
pub(crate) struct Rows {
    rows: Vec<Row>,
    used: usize,
}

impl Rows {
    /// An empty line.
    pub(crate) fn add(&mut self) -> &mut Row {
        if self.used == self.rows.len() {
            self.rows.push(Row::new());
        }
        self.used += 1;
        let row = &mut self.rows[self.used - 1];
        row.clear();
        row
    }
}

/// Records that may be bad before a file is taken for something else: this many, or a tenth.
const BAD_RECORDS: u64 = 10;

pub(super) struct Sink<'a> {
    parts: Parts<'a>,
    rows: Rows,
    checks: Checks,
    issuer: Option<String>,
    name: String,
    path: PathBuf,
    quarantine: Quarantine,
    records: u64,
    lines: u64,
    sums: BTreeMap<String, Sums>,
    notes: Vec<String>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(
        parts: Parts<'a>,
        options: &Options,
        now: Timestamp,
        (path, sha256): (&Path, &str),
    ) -> Self {
        let folder = parts.ledger().folder().join("quarantine");
        let short: String = sha256.chars().take(16).collect();
        Self {
            parts,
            rows: Rows {
                rows: Vec::new(),
                used: 0,
            },
            checks: Checks::of_a_bill(options.currency.clone(), now),
            issuer: options.issuer.clone(),
            name: String::new(),
            path: path.to_owned(),
            quarantine: Quarantine::new(folder.join(format!("{short}.jsonl"))),
            records: 0,
            lines: 0,
            sums: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// Lines for the next record.
    pub(super) fn rows(&mut self) -> &mut Rows {
        self.rows.used = 0;
        &mut self.rows
    }

    pub(super) fn notes(&mut self, notes: Vec<String>) {
        self.notes.extend(notes);
    }

    /// Takes the lines that a form made of a record, or puts the record aside.
    pub(super) fn take(
        &mut self,
        line: u64,
        made: Result<(), Reject>,
        text: impl FnOnce() -> String,
    ) -> Result<(), Error> {
        self.records += 1;
        let used = self.rows.used;
        let checked = made.and_then(|()| {
            let mut rows = self.rows.rows[..used].iter_mut();
            rows.try_for_each(|row| row.check(&mut self.checks))
        });
        if let Err(reject) = checked {
            return self.quarantine.put(line, &reject, &text());
        }
        for row in &self.rows.rows[..used] {
            let issuer = if let Some(issuer) = &self.issuer {
                issuer
            } else {
                name_issuer(row, &mut self.name);
                &self.name
            };
            if !self.parts.push(issuer, row)? {
                continue;
            }
            self.lines += 1;
            let currency = row.text(Column::BillingCurrency).unwrap_or("");
            if !self.sums.contains_key(currency) {
                self.sums.insert(currency.to_owned(), Sums::default());
            }
            if let Some(sums) = self.sums.get_mut(currency) {
                sums.billed += row.amount(Column::BilledCost).unwrap_or(Amount::ZERO);
                sums.effective += row.amount(Column::EffectiveCost).unwrap_or(Amount::ZERO);
            }
        }
        Ok(())
    }

    /// Ends a file, unless too much of it was bad.
    pub(super) fn finish(self, name: String, form: Form) -> Result<(Parts<'a>, Outcome), Error> {
        let bad = self.quarantine.lines;
        if self.records == 0 {
            return Err(Error::unreadable(&self.path, None, "it has no lines"));
        }
        if bad == self.records || (bad > BAD_RECORDS && bad * 10 > self.records) {
            let what = format!(
                "{bad} of its {} lines are wrong ({})",
                self.records,
                self.quarantine.examples.join("; ")
            );
            return Err(Error::unreadable(&self.path, None, what));
        }
        let mut notes = self.notes;
        if self.checks.rounded > 0 {
            let count = self.checks.rounded;
            notes.push(format!(
                "{count} numbers had digits beyond the 18th decimal, rounded"
            ));
        }
        for (column, count) in Column::ALL.iter().zip(&self.checks.nulls) {
            if *count > 0 && *count < self.lines {
                let name = column.name();
                notes.push(format!("`{name}` is null in {count} lines and may not be"));
            }
        }
        let (quarantine, examples) = self.quarantine.keep()?;
        let outcome = Outcome {
            name,
            form: form.name().to_owned(),
            known: false,
            records: self.records,
            lines: self.lines,
            quarantined: bad,
            examples,
            quarantine,
            sums: self.sums,
            notes,
        };
        Ok((self.parts, outcome))
    }
}

/// Provider and billing account of a line.
fn name_issuer(row: &Row, name: &mut String) {
    let provider = row
        .text(Column::ProviderName)
        .or_else(|| row.text(Column::InvoiceIssuerName))
        .or_else(|| row.text(Column::ServiceProviderName))
        .unwrap_or("unnamed");
    let account = row.text(Column::BillingAccountId).unwrap_or("");
    name.clear();
    name.push_str(provider);
    if !account.is_empty() {
        name.push('/');
        name.push_str(account);
    }
}
