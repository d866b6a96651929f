//! `DescribeBudgetPerformanceHistory`: what the months before cost beside the budget.

use crate::budgets::fault::{said, value};
use crate::budgets::kept::require;
use crate::budgets::page::page;
use crate::ce::reading::reading;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::time::Epoch;
use costs::query::{Key, Order, Question};
use costs::{Amount, instant};
use domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct DescribeBudgetPerformanceHistory;

/// Months that are looked back at, this one among them.
const MONTHS: i32 = 13;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget_name: String,
    #[serde(default)]
    time_period: Option<Period>,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Period {
    #[serde(default)]
    start: Option<f64>,
    #[serde(default)]
    end: Option<f64>,
}

impl Operation for DescribeBudgetPerformanceHistory {
    const NAME: &'static str = "DescribeBudgetPerformanceHistory";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let found = require(call, &input.account_id, &input.budget_name).await?;
        let now = call.aws.control.world.now();
        let budget = found.standing.budget.clone();
        let instant_of = |seconds: f64| Timestamp((seconds * 1_000.0) as i64);
        let period = input.time_period.as_ref();
        let start = period.and_then(|period| period.start).map(instant_of);
        let end = period.and_then(|period| period.end).map_or(now, instant_of);
        if start.is_some_and(|start| start >= end) {
            return Err(value("the TimePeriod ends before it starts"));
        }
        let from = instant::month_start(now, 1 - MONTHS);
        let question = Question {
            by: vec![Key::Month],
            metrics: vec![budget.metric],
            filters: budget.filters.clone(),
            from: Some(from),
            to: Some(instant::month_start(now, 1)),
            currency: Some(budget.currency.clone()),
            order: Order::Keys,
            ..Question::default()
        };
        let answer = reading(call, move |ledger| ledger.ask(&question))
            .await
            .map_err(said)?;
        let mut months = Vec::new();
        for back in (0..MONTHS).rev() {
            let begins = instant::month_start(now, -back);
            let ends = instant::month_start(now, 1 - back);
            if start.is_some_and(|start| ends <= start) || begins >= end {
                continue;
            }
            let name = instant::month(begins);
            let mut groups = answer.groups.iter();
            let own = groups.find(|group| group.keys[0].as_deref() == Some(&name));
            let spent = own.map_or(Amount::ZERO, |group| group.values[0]);
            let money =
                |amount: Amount| json!({"Amount": amount.to_string(), "Unit": budget.currency});
            months.push(json!({
                "BudgetedAmount": money(budget.amount),
                "ActualAmount": money(spent),
                "TimePeriod": {"Start": Epoch(begins), "End": Epoch(ends)},
            }));
        }
        let (months, next) = page(months, input.next_token.as_deref(), input.max_results, 100)?;
        let shown = found.shown(call, false);
        let mut history = json!({
            "BudgetName": budget.name,
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetedAndActualAmountsList": months,
        });
        for member in ["CostFilters", "CostTypes", "FilterExpression", "Metrics"] {
            if let Some(own) = shown.get(member) {
                history[member] = own.clone();
            }
        }
        let mut answer = json!({"BudgetPerformanceHistory": history});
        if let Some(next) = next {
            answer["NextToken"] = json!(next);
        }
        Ok(answer)
    }
}
