//! What counts in a ledger.

use super::Days;
use crate::amount::Amount;
use domain::Timestamp;
use domain::day::Day;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The list of a ledger's segments and deliveries.
#[derive(Debug, Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Manifest {
    /// How often the ledger has changed.
    pub generation: u64,
    /// Up to which event of the store jobs were metered.
    pub metered: i64,
    /// How many windows of endpoints, functions and buckets were metered.
    pub windows: u64,
    /// What local jobs used since the last window, which its idle line takes into account.
    pub unbalanced: Amount,
    /// Its segments.
    pub parts: Vec<Part>,
    /// What was imported, in order.
    pub deliveries: Vec<Delivery>,
}

/// One segment: lines of one issuer and one billing month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Part {
    /// The file in the folder `segments`.
    pub file: String,
    /// Whose bill: provider and billing account.
    pub issuer: String,
    /// First instant of the billing month.
    pub month: Timestamp,
    /// Lines.
    pub lines: u64,
    /// Earliest and latest start of a charge.
    pub starts: (Timestamp, Timestamp),
    /// The days on which charges start; empty in parts that were written before days were kept.
    #[serde(default)]
    pub days: Days,
    /// Sums by currency.
    pub sums: BTreeMap<String, Sums>,
    /// SHA-256 of the files it came from.
    pub from: Vec<String>,
}

/// Sums in one currency.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Sums {
    /// As invoiced.
    pub billed: Amount,
    /// With prepayments spread over what they cover.
    pub effective: Amount,
}

/// One imported file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Delivery {
    /// SHA-256 of the file as it is.
    pub sha256: String,
    /// Its name without folders.
    pub name: String,
    /// In which form it was.
    pub form: String,
    /// When it was imported.
    pub at: Timestamp,
    /// Lines kept.
    pub lines: u64,
    /// Lines put aside.
    pub quarantined: u64,
    /// The issuers and billing months that it brought lines of; empty in deliveries that were
    /// imported before months were kept.
    #[serde(default)]
    pub months: Vec<(String, Timestamp)>,
}

/// What became of a file that is to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was never imported.
    New,
    /// All of it counts.
    Counts,
    /// It was imported, and of these issuers and months it does not count.
    Lacks {
        /// Of these there is no line at all, because what replaced them was withdrawn, or it was
        /// itself.
        gone: Vec<(String, Timestamp)>,
        /// Of these, later deliveries have taken its place.
        replaced: Vec<(String, Timestamp)>,
    },
}

impl Part {
    /// The days on which charges start, or what is known of them.
    pub fn known_days(&self) -> Days {
        let mut days = self.days.clone();
        if days.is_empty() && self.lines > 0 {
            for at in [self.starts.0, self.starts.1] {
                days.add(Day::from_unix_millis(at.0));
            }
        }
        days
    }

    fn is_of(&self, (issuer, month): &(String, Timestamp)) -> bool {
        self.issuer == *issuer && self.month == *month
    }
}

impl Manifest {
    /// What became of a file's content.
    pub fn standing(&self, sha256: &str) -> Standing {
        // What came again brought only what was gone.
        let same = |delivery: &&Delivery| delivery.sha256 == sha256;
        let known = self.deliveries.iter().filter(same);
        let months: BTreeSet<_> = known.flat_map(|delivery| &delivery.months).collect();
        if months.is_empty() {
            return if self.holds(sha256) {
                Standing::Counts
            } else {
                Standing::New
            };
        }
        let counts = |month: &(String, Timestamp)| {
            let mut parts = self.parts.iter().filter(|part| part.is_of(month));
            parts.any(|part| part.from.iter().any(|hash| hash == sha256))
        };
        let lacks = months.into_iter().filter(|month| !counts(month));
        let (replaced, gone): (Vec<_>, Vec<_>) = lacks
            .cloned()
            .partition(|month| self.parts.iter().any(|part| part.is_of(month)));
        if gone.is_empty() && replaced.is_empty() {
            Standing::Counts
        } else {
            Standing::Lacks { gone, replaced }
        }
    }

    /// The latest delivery, of those that are not `except`, that brought lines of an issuer's month of
    /// which none are left.
    pub fn had(&self, issuer: &str, month: Timestamp, except: &[String]) -> Option<&Delivery> {
        let wanted = (issuer.to_owned(), month);
        if self.parts.iter().any(|part| part.is_of(&wanted)) {
            return None;
        }
        let mut known = self.deliveries.iter().rev();
        known.find(|one| one.months.contains(&wanted) && !except.contains(&one.sha256))
    }

    /// Whether something of a file counts in the ledger as it is now.
    pub fn holds(&self, sha256: &str) -> bool {
        let mut files = self.parts.iter().flat_map(|part| &part.from);
        files.any(|hash| hash == sha256)
    }

    /// The currencies of all lines.
    pub fn currencies(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .parts
            .iter()
            .flat_map(|p| p.sums.keys().cloned())
            .collect();
        all.sort();
        all.dedup();
        all
    }
}
