//! Savings plans: one hourly commitment over all machines.

use super::{
    Asked, Input, LEAST_HOURS, metadata, month, padded, prices, quantile, sum, use_by_hour,
};
use crate::ce::commitments::per_cent;
use crate::fault::Fault;
use crate::operation::Call;
use costs::Amount;
use costs::query::Group;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
