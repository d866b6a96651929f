//! Budgets by month: what is spent, what will be, which thresholds are passed, and whether a run may
//! still be started under a hard one.

mod alerts;
mod check;

pub use alerts::Alert;

use crate::amount::Amount;
use crate::forecast::forecast;
use crate::instant;
use crate::ledger::replace_file;
use crate::query::{Filter, Key, Metric, Question, Test};
use crate::series::series;
use crate::{Error, Ledger};
use check::check;
use domain::Timestamp;
use domain::day::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;

/// A limit on what a month may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// The most that a month may cost.
    pub amount: Amount,
    /// In which currency; lines of others do not count.
    pub currency: String,
    /// Which cost.
    #[serde(default = "effective")]
    pub metric: Metric,
    /// Which lines count: a workspace, a team, a tag; none is everything.
    #[serde(default)]
    pub filters: Vec<Filter>,
    /// Shares of the amount, in per cent, at which an alert is given.
    #[serde(default = "thresholds")]
    pub thresholds: Vec<u32>,
    /// Whether runs that would pass it are refused.
    #[serde(default)]
    pub hard: bool,
}

fn effective() -> Metric {
    Metric::Effective
}

fn thresholds() -> Vec<u32> {
    vec![50, 80, 100]
}

/// How a budget stands.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Standing {
    /// The budget.
    pub budget: Budget,
    /// The month, as `2026-05`.
    pub month: String,
    /// Spent so far.
    pub spent: Amount,
    /// What the whole month will cost, low, expected and high at 80 %; unset without history.
    pub forecast: Option<[Amount; 3]>,
    /// What is worth telling.
    pub alerts: Vec<String>,
}

/// A run that asks whether it may be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Estimate {
    /// What it will cost.
    pub cost: Amount,
    /// In which currency.
    pub currency: String,
    /// Its tags, those of Tradewind (`tradewind:workspace`, …) among them.
    pub tags: BTreeMap<String, String>,
}

/// A hard budget that a run would pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Passed {
    /// The budget's name.
    pub budget: String,
    /// The month.
    pub month: String,
    /// The budget's amount.
    pub amount: Amount,
    /// Spent so far.
    pub spent: Amount,
    /// What runs that were let through and are not in the ledger yet will cost.
    pub reserved: Amount,
    /// What the run would cost.
    pub cost: Amount,
    /// The currency of all.
    pub currency: String,
}

impl std::fmt::Display for Passed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let over = self.spent + self.reserved + self.cost - self.amount;
        write!(
            f,
            "the run would cost {} {code} and pass the hard budget `{}` of {} {code} for {} by {}: \
             {} is spent and {} is under way",
            self.cost.for_people(),
            self.budget,
            self.amount.for_people(),
            self.month,
            over.for_people(),
            self.spent.for_people(),
            self.reserved.for_people(),
            code = self.currency,
        )
    }
}

impl Ledger {
    /// All budgets, by name.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn budgets(&self) -> Result<BTreeMap<String, Budget>, Error> {
        let path = self.folder().join("budgets.json");
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| Error::damaged(&path, error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(Error::io(&path)(error)),
        }
    }

    /// Sets a budget; one of the same name is replaced.
    ///
    /// # Errors
    /// When it makes no sense or cannot be kept.
    pub fn set_budget(&self, budget: Budget) -> Result<(), Error> {
        check(&budget)?;
        self.change_budgets(|all| {
            all.insert(budget.name.clone(), budget);
        })
    }

    /// Removes a budget; says whether it was there.
    ///
    /// # Errors
    /// When the change cannot be kept.
    pub fn remove_budget(&self, name: &str) -> Result<bool, Error> {
        let mut found = false;
        self.change_budgets(|all| found = all.remove(name).is_some())?;
        Ok(found)
    }

    fn change_budgets(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, Budget>),
    ) -> Result<(), Error> {
        let _lock = self.lock()?;
        let mut all = self.budgets()?;
        change(&mut all);
        let bytes = serde_json::to_vec_pretty(&all);
        let bytes = bytes.map_err(|error| Error::Invalid(error.to_string()))?;
        replace_file(&self.folder().join("budgets.json"), &bytes)
    }

    /// How a budget stands in the month of `now`.
    ///
    /// # Errors
    /// Those of [`Ledger::ask`].
    pub fn standing(&self, budget: &Budget, now: Timestamp) -> Result<Standing, Error> {
        let begins = instant::month_start(now, 0);
        let ends = instant::month_start(now, 1);
        let spent = self.spent(budget, begins, ends)?;
        let today = Day::from_unix_millis(now.0);
        let known = self
            .known_until(today)?
            .max(Day::from_unix_millis(begins.0));
        let left = Day::from_unix_millis(ends.0).days_since(known);
        let forecast = self.rest_of_month(budget, begins, known, left.max(0) as usize)?;
        let mut standing = Standing {
            budget: budget.clone(),
            month: instant::month(now),
            spent,
            forecast,
            alerts: Vec::new(),
        };
        let alerts = alerts::of(&standing);
        standing.alerts = alerts.into_iter().map(|alert| alert.text).collect();
        Ok(standing)
    }

    /// The hard budgets that a run would pass in the month of `now`, when `reserved` is under way.
    ///
    /// # Errors
    /// Those of [`Ledger::ask`].
    pub fn would_pass(
        &self,
        run: &Estimate,
        reserved: impl Fn(&Budget) -> Amount,
        now: Timestamp,
    ) -> Result<Vec<Passed>, Error> {
        let mut passed = Vec::new();
        let (begins, ends) = (instant::month_start(now, 0), instant::month_start(now, 1));
        for (name, budget) in self.budgets()? {
            if !budget.hard || budget.currency != run.currency || !budget.covers(&run.tags) {
                continue;
            }
            let (spent, reserved) = (self.spent(&budget, begins, ends)?, reserved(&budget));
            if spent + reserved + run.cost > budget.amount {
                passed.push(Passed {
                    budget: name,
                    month: instant::month(now),
                    amount: budget.amount,
                    spent,
                    reserved,
                    cost: run.cost,
                    currency: budget.currency,
                });
            }
        }
        Ok(passed)
    }

    fn spent(&self, budget: &Budget, from: Timestamp, to: Timestamp) -> Result<Amount, Error> {
        let answer = self.ask(&Question {
            metrics: vec![budget.metric],
            filters: budget.filters.clone(),
            from: Some(from),
            to: Some(to),
            currency: Some(budget.currency.clone()),
            ..Question::default()
        })?;
        Ok(answer
            .totals
            .first()
            .map_or(Amount::ZERO, |total| total.values[0]))
    }

    /// The whole month: what is known of it and the forecast of the days after that.
    fn rest_of_month(
        &self,
        budget: &Budget,
        begins: Timestamp,
        known: Day,
        left: usize,
    ) -> Result<Option<[Amount; 3]>, Error> {
        let mut filters = budget.filters.clone();
        filters.push(Filter {
            key: Key::Column(crate::focus::Column::BillingCurrency),
            test: Test::Is(vec![budget.currency.clone()]),
        });
        let all = series(self, None, budget.metric, &filters, known)?;
        let Some(series) = all.first() else {
            return Ok(None);
        };
        let begins = Day::from_unix_millis(begins.0)
            .days_since(series.first)
            .max(0) as usize;
        let before: Amount = series.days.iter().skip(begins).copied().sum();
        let forecast = forecast(&series.approximate(), left);
        Ok(forecast.map(|forecast| {
            let total = forecast.total;
            [total.low, total.mid, total.high].map(|rest| before + Amount::estimated(rest))
        }))
    }
}

impl Budget {
    /// Whether a run with these tags would be charged to it; conditions on anything but tags hold
    /// for no run.
    pub fn covers(&self, tags: &BTreeMap<String, String>) -> bool {
        self.filters.iter().all(|filter| {
            let Key::Tag(tag) = &filter.key else {
                return false;
            };
            match (&filter.test, tags.get(tag)) {
                (Test::Is(values), Some(value)) => values.contains(value),
                (Test::IsNot(values), Some(value)) => !values.contains(value),
                (Test::Given, Some(_)) | (Test::Missing | Test::IsNot(_), None) => true,
                (Test::Is(_) | Test::Given, None) | (Test::Missing, Some(_)) => false,
            }
        })
    }
}
