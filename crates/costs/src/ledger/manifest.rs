//! What counts in a ledger.

use crate::amount::Amount;
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
}

impl Manifest {
    /// Whether a file's content counts in the ledger as it is now.
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
