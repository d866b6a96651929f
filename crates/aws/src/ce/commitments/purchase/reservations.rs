//! Reserved instances: whole machines of one type and region.

use super::{Input, LEAST_HOURS, metadata, month, padded, prices, quantile, sum, use_by_hour};
use crate::ce::commitments::per_cent;
use crate::fault::Fault;
use crate::operation::Call;
use costs::Amount;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
    fn parts_of_machines_are_not_bought() {
        assert_eq!(whole("2.75".parse().unwrap()), 2);
    }
}
