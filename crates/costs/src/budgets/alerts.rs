//! What is worth telling of budgets, and what was told already: each passed share and each forecast once
//! a month.

use super::Standing;
use crate::amount::Amount;
use crate::ledger::replace_file;
use crate::{Error, Ledger};
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Something that is worth telling of a budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Alert {
    /// The budget.
    pub budget: String,
    /// The month, as `2026-05`.
    pub month: String,
    /// What came to pass: `spent-80`, `may-pass`, `will-pass`.
    pub what: String,
    /// The same with the figures.
    pub text: String,
}

const FILE: &str = "alerts.json";

/// What was told, by budget.
#[derive(Default, Serialize, Deserialize)]
struct Told {
    month: String,
    what: BTreeSet<String>,
}

/// The largest share that is passed, and what the month will cost when that is too much.
pub(super) fn of(standing: &Standing) -> Vec<Alert> {
    let budget = &standing.budget;
    let reached = |share: u32, value: Amount| value >= budget.amount.part(i128::from(share), 100);
    let (name, code) = (&budget.name, &budget.currency);
    let alert = |what: String, text: String| Alert {
        budget: name.clone(),
        month: standing.month.clone(),
        what,
        text,
    };
    let spent = standing.spent.for_people();
    let passed = budget.thresholds.iter().copied();
    let passed = passed.filter(|share| reached(*share, standing.spent)).max();
    let mut alerts = Vec::new();
    if let Some(share) = passed {
        let amount = budget.amount.for_people();
        alerts.push(alert(
            format!("spent-{share}"),
            format!("`{name}`: {spent} of {amount} {code} is spent, more than {share} %"),
        ));
    }
    let Some([low, mid, _]) = standing.forecast else {
        return alerts;
    };
    if standing.spent < budget.amount && mid > budget.amount {
        let word = if low > budget.amount { "will" } else { "may" };
        alerts.push(alert(
            format!("{word}-pass"),
            format!(
                "`{name}`: the month {word} cost {} {code}, {} more than the budget",
                mid.for_people(),
                (mid - budget.amount).for_people()
            ),
        ));
    }
    alerts
}

impl Ledger {
    /// What is worth telling in the month of `now` and was not told yet.
    ///
    /// # Errors
    /// Those of [`Ledger::ask`].
    pub fn untold_alerts(&self, now: Timestamp) -> Result<Vec<Alert>, Error> {
        let budgets = self.budgets()?;
        let told = if budgets.is_empty() {
            BTreeMap::new()
        } else {
            self.told()?
        };
        let mut alerts = Vec::new();
        for (name, budget) in &budgets {
            let known = |alert: &Alert| {
                let told: Option<&Told> = told.get(name);
                told.is_some_and(|told| {
                    told.month == alert.month && told.what.contains(&alert.what)
                })
            };
            let standing = self.standing(budget, now)?;
            alerts.extend(of(&standing).into_iter().filter(|alert| !known(alert)));
        }
        Ok(alerts)
    }

    /// Remembers what was told.
    ///
    /// # Errors
    /// When the ledger is being changed, or the record cannot be written.
    pub fn remember_alerts(&self, alerts: &[Alert]) -> Result<(), Error> {
        let _lock = self.lock()?;
        let mut all = self.told()?;
        for alert in alerts {
            let told = all.entry(alert.budget.clone()).or_default();
            if told.month != alert.month {
                *told = Told {
                    month: alert.month.clone(),
                    what: BTreeSet::new(),
                };
            }
            told.what.insert(alert.what.clone());
        }
        let bytes = serde_json::to_vec_pretty(&all);
        let bytes = bytes.map_err(|error| Error::Invalid(error.to_string()))?;
        replace_file(&self.folder().join(FILE), &bytes)
    }

    fn told(&self) -> Result<BTreeMap<String, Told>, Error> {
        let path = self.folder().join(FILE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| Error::damaged(&path, error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(Error::io(&path)(error)),
        }
    }
}
