//! Rule `spot`: spot capacity costs less than on demand, but not next to nothing.
//!
//! Sellers discount at most about 91 per cent; a spot price below three per cent of on demand is a
//! slip.

use domain::Money;
use domain::offer::Purchase;

use super::{Case, Verdict};

/// Judges every spot price beside its on-demand price; committed prices must not exceed it.
pub(super) fn judge(cases: &[Case]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (case, row) in cases.iter().enumerate() {
        let Some(on_demand) = row.prices[Purchase::OnDemand.index()] else {
            continue;
        };
        for purchase in [
            Purchase::Spot,
            Purchase::CommittedOneYear,
            Purchase::CommittedThreeYears,
        ] {
            let Some(price) = row.prices[purchase.index()] else {
                continue;
            };
            if let Some(reason) = reason(purchase, price, on_demand) {
                verdicts.push(Verdict {
                    case,
                    purchase,
                    rule: "spot",
                    reason,
                });
            }
        }
    }
    verdicts
}

fn reason(purchase: Purchase, price: Money, on_demand: Money) -> Option<String> {
    let not_cheaper = match purchase {
        Purchase::Spot => price >= on_demand,
        _ => price > on_demand,
    };
    if not_cheaper {
        return Some(format!(
            "it is not below the on-demand price of {on_demand}"
        ));
    }
    let floor = i128::from(on_demand.micros) * 3 / 100;
    (i128::from(price.micros) < floor)
        .then(|| format!("it is below three per cent of the on-demand price of {on_demand}"))
}
