//! What one more commitment would save: of the hours that are looked at, the best hourly commitment
//! at a discount d covers the d-quantile of what an hour uses, because an hour more covered costs
//! 1 − d always and saves 1 where it is used (the newsvendor's critical fractile, as the rule
//! `commitment` of the advice). The discounts are those of the catalog, without payment upfront.

mod plans;
mod reservations;

pub(in crate::ce) use plans::of_plans;
pub(in crate::ce) use reservations::of_reservations;

use super::coverage::eligible;
use super::is;
use crate::ce::reading::reading;
use crate::fault::Fault;
use crate::operation::Call;
use costs::Amount;
use costs::focus::Column;
use costs::query::{Group, Key, Metric, Order, Question};
use costs::rules::covered;
use domain::offer::{OfferTable, Purchase};
use domain::{Span, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

/// How bills name AWS.
const AWS: &[&str] = &["AWS", "Amazon Web Services", "Amazon Web Services, Inc."];
/// Fewer hours with usage say nothing about a year.
const LEAST_HOURS: usize = 3 * 24;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    savings_plans_type: Option<String>,
    #[serde(default)]
    account_scope: Option<String>,
    #[serde(default)]
    lookback_period_in_days: Option<String>,
    #[serde(default)]
    term_in_years: Option<String>,
    #[serde(default)]
    payment_option: Option<String>,
    #[serde(default)]
    filter: Option<Value>,
}

/// What is asked for.
struct Asked {
    days: i32,
    lookback: String,
    term: String,
    purchase: Purchase,
    scope: String,
}

impl Input {
    fn asked(&self) -> Result<Asked, Fault> {
        if self.filter.as_ref().is_some_and(|filter| !filter.is_null()) {
            return Err(Fault::validation(
                "recommendations are made for the whole account",
            ));
        }
        let payment = self.payment_option.as_deref().unwrap_or("NO_UPFRONT");
        if payment != "NO_UPFRONT" {
            let message = "the catalog has prices of commitments with NO_UPFRONT payment";
            return Err(Fault::validation(message));
        }
        let lookback = self
            .lookback_period_in_days
            .as_deref()
            .unwrap_or("THIRTY_DAYS");
        let term = self.term_in_years.as_deref().unwrap_or("ONE_YEAR");
        Ok(Asked {
            days: match lookback {
                "SEVEN_DAYS" => 7,
                "SIXTY_DAYS" => 60,
                _ => 30,
            },
            lookback: lookback.to_owned(),
            term: term.to_owned(),
            purchase: match term {
                "THREE_YEARS" => Purchase::CommittedThreeYears,
                _ => Purchase::CommittedOneYear,
            },
            scope: self
                .account_scope
                .clone()
                .unwrap_or_else(|| "PAYER".to_owned()),
        })
    }
}

/// Use by type, region and hour: effective cost and quantity.
async fn use_by_hour(call: &Call<'_>, days: i32) -> Result<Vec<Group>, Fault> {
    let now = call.aws.control.world.now();
    let (from, to) = span(now, days);
    let keys = ["resource-type", "region"].map(Key::parse).into_iter();
    let by: Result<Vec<Key>, _> = keys.chain([Ok(Key::Hour)]).collect();
    let by = by.map_err(|error| Fault::common(error.into()))?;
    let mut filters = eligible();
    filters.push(is(Column::ProviderName, AWS));
    let question = Question {
        by,
        metrics: vec![Metric::Effective, Metric::Quantity],
        filters,
        from: Some(from),
        to: Some(to),
        currency: Some("USD".to_owned()),
        order: Order::Keys,
        ..Question::default()
    };
    reading(call, move |ledger| ledger.ask(&question))
        .await
        .map(|answer| answer.groups)
}

fn span(now: Timestamp, days: i32) -> (Timestamp, Timestamp) {
    (now - Span::hours(24 * i64::from(days)), now)
}

/// An hour's price at standard and committed terms.
fn prices(
    offers: &OfferTable,
    kind: &str,
    region: &str,
    purchase: Purchase,
) -> Option<(Amount, Amount)> {
    let mut all = offers.iter().filter(|offer| offer.provider() == "aws");
    let offer = all.find(|offer| &*offer.machine().name == kind && offer.region() == region)?;
    let standard = Amount::from(offer.price(Purchase::OnDemand)?.per_hour);
    let committed = Amount::from(offer.price(purchase)?.per_hour);
    (Amount::ZERO < committed && committed < standard).then_some((standard, committed))
}

/// What is covered in every hour at a discount in per cent, by the rule of the ledger's own advice.
fn quantile(sorted: &[Amount], percent: i128) -> Amount {
    covered(sorted, percent.clamp(0, 99) as u32)
}

/// The hours of a span, those without usage among them, sorted.
fn padded(mut hours: Vec<Amount>, days: i32) -> Vec<Amount> {
    hours.resize(hours.len().max(days as usize * 24), Amount::ZERO);
    hours.sort();
    hours
}

fn sum(all: &[Amount]) -> Amount {
    all.iter().copied().sum()
}

/// A month of 730 hours of what so many hours are.
fn month(amount: Amount, hours: usize) -> Amount {
    amount.part(730, hours.max(1) as i128).rounded(2)
}

fn metadata(call: &Call<'_>, why: &str) -> Value {
    json!({
        "RecommendationId": call.request_id,
        "GenerationTimestamp": crate::time::iso(call.aws.control.world.now()),
        "AdditionalMetadata": why,
    })
}

#[cfg(test)]
mod tests {
    use super::super::per_cent;
    use super::*;

    #[test]
    fn the_quantile_covers_what_most_hours_use() {
        let hours: Vec<Amount> = (0..100).map(Amount::whole).collect();
        assert_eq!(quantile(&hours, 28), Amount::whole(28));
        assert_eq!(quantile(&hours, 0), Amount::whole(0));
        assert_eq!(quantile(&[], 28), Amount::ZERO);
        let sorted = padded(vec![Amount::whole(3), Amount::whole(1)], 1);
        assert_eq!((sorted.len(), sorted[23]), (24, Amount::whole(3)));
        assert_eq!(quantile(&sorted, 50), Amount::ZERO);
        assert_eq!(per_cent(Amount::whole(1), Amount::whole(3)), "33.33");
        assert_eq!(per_cent(Amount::whole(1), Amount::ZERO), "0");
    }
}
