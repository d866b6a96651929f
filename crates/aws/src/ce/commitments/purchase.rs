//! What one more commitment would save: of the hours that are looked at, the best hourly commitment
//! at a discount d covers the d-quantile of what an hour uses, because an hour more covered costs
//! 1 − d always and saves 1 where it is used (the newsvendor's critical fractile, as the rule
//! `commitment` of the advice). The discounts are those of the catalog, without payment upfront.

use super::coverage::eligible;
use super::{is, per_cent};
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
use std::collections::BTreeMap;

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

/// `GetSavingsPlansPurchaseRecommendation`: one hourly commitment over all that is eligible.
pub(in crate::ce) async fn of_plans(call: &Call<'_>, input: &Input) -> Result<Value, Fault> {
    let asked = input.asked()?;
    let kind = input.savings_plans_type.as_deref().unwrap_or("COMPUTE_SP");
    if kind != "COMPUTE_SP" {
        let message = "the catalog has discounts of machines: SavingsPlansType must be COMPUTE_SP";
        return Err(Fault::validation(message));
    }
    let groups = use_by_hour(call, asked.days).await?;
    let mut recommendation = json!({
        "AccountScope": asked.scope,
        "SavingsPlansType": kind,
        "TermInYears": asked.term,
        "PaymentOption": "NO_UPFRONT",
        "LookbackPeriodInDays": asked.lookback,
        "SavingsPlansPurchaseRecommendationDetails": [],
    });
    let (detail, why) = match plan(call, &groups, &asked) {
        Ok(detail) => (Some(detail), String::new()),
        Err(why) => (None, why),
    };
    if let Some((detail, summary)) = detail {
        recommendation["SavingsPlansPurchaseRecommendationDetails"] = json!([detail]);
        recommendation["SavingsPlansPurchaseRecommendationSummary"] = summary;
    }
    Ok(json!({
        "Metadata": metadata(call, &why),
        "SavingsPlansPurchaseRecommendation": recommendation,
    }))
}

/// The commitment and its summary, or why there is none.
fn plan(call: &Call<'_>, groups: &[Group], asked: &Asked) -> Result<(Value, Value), String> {
    let offers = call
        .aws
        .offers
        .table()
        .ok_or("there is no catalog of prices")?;
    let mut hours: BTreeMap<String, Amount> = BTreeMap::new();
    let (mut standard, mut committed) = (Amount::ZERO, Amount::ZERO);
    for group in groups {
        let [Some(kind), Some(region), Some(hour)] = group.keys.as_slice() else {
            continue;
        };
        let Some((full, less)) = prices(&offers, kind, region, asked.purchase) else {
            continue;
        };
        standard += group.values[0];
        committed += group.values[0].part(less.atoms(), full.atoms());
        *hours.entry(hour.clone()).or_default() += group.values[0];
    }
    if hours.len() < LEAST_HOURS {
        return Err(format!(
            "{} hours have eligible usage of machines that the catalog knows a commitment of, and \
             {LEAST_HOURS} are needed",
            hours.len()
        ));
    }
    let percent = (standard - committed)
        .part(100, standard.atoms().max(1))
        .atoms();
    let sorted = padded(hours.into_values().collect(), asked.days);
    let covers = quantile(&sorted, percent);
    let hourly = covers.part(100 - percent, 100);
    let count = Amount::whole(sorted.len() as i64);
    let rest: Amount = sorted
        .iter()
        .map(|one| (*one - covers).max(Amount::ZERO))
        .sum();
    let (all, paid) = (sum(&sorted), hourly.times(count));
    let saving = all - paid - rest;
    if saving <= Amount::ZERO {
        return Err("usage is too uneven: no commitment would save anything".to_owned());
    }
    let used: Amount = sorted.iter().map(|one| (*one).min(covers)).sum();
    let monthly = month(saving, sorted.len());
    let text = |amount: Amount| amount.rounded(6).to_string();
    let detail = json!({
        "AccountId": call.aws.account.id,
        "UpfrontCost": "0",
        "CurrencyCode": "USD",
        "EstimatedROI": per_cent(saving, paid),
        "EstimatedSPCost": text(paid),
        "EstimatedOnDemandCost": text(rest),
        "EstimatedOnDemandCostWithCurrentCommitment": text(all),
        "EstimatedSavingsAmount": text(saving),
        "EstimatedSavingsPercentage": per_cent(saving, all),
        "HourlyCommitmentToPurchase": hourly.rounded(3).to_string(),
        "EstimatedAverageUtilization": per_cent(used, covers.times(count)),
        "EstimatedMonthlySavingsAmount": monthly.to_string(),
        "CurrentMinimumHourlyOnDemandSpend": text(sorted.first().copied().unwrap_or_default()),
        "CurrentMaximumHourlyOnDemandSpend": text(sorted.last().copied().unwrap_or_default()),
        "CurrentAverageHourlyOnDemandSpend": text(all.over(count).unwrap_or_default()),
    });
    let summary = json!({
        "CurrencyCode": "USD",
        "EstimatedROI": per_cent(saving, paid),
        "EstimatedTotalCost": text(paid + rest),
        "CurrentOnDemandSpend": text(all),
        "EstimatedSavingsAmount": text(saving),
        "TotalRecommendationCount": "1",
        "DailyCommitmentToPurchase": hourly.times(Amount::whole(24)).rounded(3).to_string(),
        "HourlyCommitmentToPurchase": hourly.rounded(3).to_string(),
        "EstimatedSavingsPercentage": per_cent(saving, all),
        "EstimatedMonthlySavingsAmount": monthly.to_string(),
        "EstimatedOnDemandCostWithCurrentCommitment": text(all),
    });
    Ok((detail, summary))
}

/// `GetReservationPurchaseRecommendation`: whole machines of one type and region.
pub(in crate::ce) async fn of_reservations(call: &Call<'_>, input: &Input) -> Result<Value, Fault> {
    let asked = input.asked()?;
    let service = input.service.as_deref().unwrap_or_default();
    if !matches!(
        service,
        "Amazon Elastic Compute Cloud - Compute" | "AmazonEC2"
    ) {
        let message = "the catalog has prices of machines: the Service must be \
                       `Amazon Elastic Compute Cloud - Compute`";
        return Err(Fault::validation(message));
    }
    let offers = call.aws.offers.table();
    let mut machines: BTreeMap<(String, String), Vec<Amount>> = BTreeMap::new();
    for group in use_by_hour(call, asked.days).await? {
        if let [Some(kind), Some(region), Some(_)] = group.keys.as_slice() {
            let own = machines.entry((kind.clone(), region.clone())).or_default();
            own.push(group.values[1]);
        }
    }
    let (mut details, mut total, mut spent) = (Vec::new(), Amount::ZERO, Amount::ZERO);
    for ((kind, region), hours) in machines {
        let known = offers
            .as_ref()
            .and_then(|o| prices(o, &kind, &region, asked.purchase));
        let Some((full, less)) = known.filter(|_| hours.len() >= LEAST_HOURS) else {
            continue;
        };
        let sorted = padded(hours, asked.days);
        let percent = (full - less).part(100, full.atoms()).atoms();
        let count = whole(quantile(&sorted, percent));
        if count == 0 {
            continue;
        }
        let number = Amount::whole(count);
        let used: Amount = sorted.iter().map(|one| (*one).min(number)).sum();
        let bought = Amount::whole(count * sorted.len() as i64);
        let saving = used.times(full) - bought.times(less);
        if saving <= Amount::ZERO {
            continue;
        }
        let monthly = month(saving, sorted.len());
        let standard = month(used.times(full), sorted.len());
        total += monthly;
        spent += standard;
        details.push(json!({
            "AccountId": call.aws.account.id,
            "InstanceDetails": {"EC2InstanceDetails": {
                "Family": kind.split('.').next().unwrap_or(&kind),
                "InstanceType": kind,
                "Region": region,
                "Platform": "Linux/UNIX",
                "Tenancy": "shared",
            }},
            "RecommendedNumberOfInstancesToPurchase": count.to_string(),
            "MinimumNumberOfInstancesUsedPerHour": sorted.first().copied().unwrap_or_default().to_string(),
            "MaximumNumberOfInstancesUsedPerHour": sorted.last().copied().unwrap_or_default().to_string(),
            "AverageNumberOfInstancesUsedPerHour":
                sum(&sorted).part(1, sorted.len() as i128).rounded(4).to_string(),
            "AverageUtilization": per_cent(used, bought),
            "EstimatedBreakEvenInMonths": "0",
            "CurrencyCode": "USD",
            "EstimatedMonthlySavingsAmount": monthly.to_string(),
            "EstimatedMonthlySavingsPercentage": per_cent(monthly, standard),
            "EstimatedMonthlyOnDemandCost": standard.to_string(),
            "EstimatedReservationCostForLookbackPeriod": bought.times(less).rounded(4).to_string(),
            "UpfrontCost": "0",
            "RecurringStandardMonthlyCost":
                less.times(Amount::whole(count * 730)).rounded(2).to_string(),
        }));
    }
    let why = if details.is_empty() {
        format!("no machine type is used in {LEAST_HOURS} hours enough to commit to one")
    } else {
        String::new()
    };
    Ok(json!({
        "Metadata": metadata(call, &why),
        "Recommendations": [{
            "AccountScope": asked.scope,
            "LookbackPeriodInDays": asked.lookback,
            "TermInYears": asked.term,
            "PaymentOption": "NO_UPFRONT",
            "RecommendationDetails": details,
            "RecommendationSummary": {
                "TotalEstimatedMonthlySavingsAmount": total.to_string(),
                "TotalEstimatedMonthlySavingsPercentage": per_cent(total, spent),
                "CurrencyCode": "USD",
            },
        }],
    }))
}

/// The whole machines in a number.
fn whole(amount: Amount) -> i64 {
    i64::try_from(amount.atoms() / Amount::ONE.atoms()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
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
        assert_eq!(whole("2.75".parse().unwrap()), 2);
        assert_eq!(per_cent(Amount::whole(1), Amount::whole(3)), "33.33");
        assert_eq!(per_cent(Amount::whole(1), Amount::ZERO), "0");
    }
}
