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
    /// Its amount; another one is told of anew.
    pub amount: Amount,
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
    amount: Amount,
    month: String,
    what: BTreeSet<String>,
}

impl Told {
    /// Whether it is of the same month of the same budget.
    fn is_of(&self, alert: &Alert) -> bool {
        self.month == alert.month && self.amount == alert.amount
    }
}

/// The largest share that is passed, and what the month will cost when that is too much.
pub(super) fn of(standing: &Standing) -> Vec<Alert> {
    let budget = &standing.budget;
    let reached = |share: u32, value: Amount| value >= budget.amount.part(i128::from(share), 100);
    let (name, code) = (&budget.name, &budget.currency);
    let alert = |what: String, text: String| Alert {
        budget: name.clone(),
        amount: budget.amount,
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
                told.is_some_and(|told| told.is_of(alert) && told.what.contains(&alert.what))
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
            if !told.is_of(alert) {
                *told = Told {
                    amount: alert.amount,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budgets::Budget;
    use crate::query::Metric;

    #[test]
    fn each_alert_is_told_once_a_month_and_again_of_another_amount() {
        let folder = tempfile::TempDir::new().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        let standing = |amount: &str, spent: &str, month: &str| Standing {
            budget: Budget {
                name: "search".to_owned(),
                amount: amount.parse().unwrap(),
                currency: "USD".to_owned(),
                metric: Metric::Effective,
                filters: Vec::new(),
                thresholds: vec![50, 80],
                hard: false,
            },
            month: month.to_owned(),
            spent: spent.parse().unwrap(),
            forecast: Some(["90", "110", "130"].map(|value| value.parse().unwrap())),
            alerts: Vec::new(),
        };
        let told = |alerts: &[Alert]| {
            let known = ledger.told().unwrap();
            let mut all = alerts.iter();
            all.all(|alert| {
                let told = known.get(&alert.budget);
                told.is_some_and(|told| told.is_of(alert) && told.what.contains(&alert.what))
            })
        };
        let first = of(&standing("100", "55", "2026-05"));
        let what: Vec<&str> = first.iter().map(|alert| alert.what.as_str()).collect();
        assert_eq!(what, ["spent-50", "may-pass"]);
        assert!(!told(&first));
        ledger.remember_alerts(&first).unwrap();
        assert!(told(&first));
        let more = of(&standing("100", "85", "2026-05"));
        assert_eq!(more[0].what, "spent-80");
        assert!(!told(&more[..1]) && told(&more[1..]));
        ledger.remember_alerts(&more).unwrap();
        assert!(told(&first) && told(&more));
        assert!(!told(&of(&standing("100", "55", "2026-06"))));
        assert!(!told(&of(&standing("101", "55", "2026-05"))));
    }
}
