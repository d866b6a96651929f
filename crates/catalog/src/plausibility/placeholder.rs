//! Rule `placeholder`: one price on many sizes of a family is not a price.
//!
//! Catalogs write a round figure where they know none. Three or more machines of a family that
//! cost exactly the same in one place, the largest at least four times the smallest, are such.

use std::collections::BTreeMap;

use domain::offer::Purchase;

use super::family::family;
use super::{Case, Verdict};

/// Judges the on-demand prices of every family in every place.
pub(super) fn judge(cases: &[Case]) -> Vec<Verdict> {
    let mut same: BTreeMap<(String, &str, &str, i64), Vec<usize>> = BTreeMap::new();
    for (index, case) in cases.iter().enumerate() {
        let Some(price) = case.prices[Purchase::OnDemand.index()] else {
            continue;
        };
        let (region, zone) = (&*case.row.region, &*case.row.zone);
        let key = (family(&case.row.machine), region, zone, price.micros);
        same.entry(key).or_default().push(index);
    }
    let mut verdicts = Vec::new();
    for members in same.into_values() {
        // Both processors and memory count: HPC sizes share memory and price on purpose.
        let size = |case: &usize| {
            let machine = &cases[*case].row.machine;
            (machine.memory_bytes, machine.vcpus_milli)
        };
        let mut sizes: Vec<(u64, u32)> = members.iter().map(size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let (Some(smallest), Some(largest)) = (sizes.first(), sizes.last()) else {
            continue;
        };
        if sizes.len() < 3 || largest.0 / 4 < smallest.0 || largest.1 / 4 < smallest.1 {
            continue;
        }
        verdicts.extend(members.into_iter().map(|case| Verdict {
            case,
            purchase: Purchase::OnDemand,
            rule: "placeholder",
            reason: format!(
                "{} sizes of its family have the same price here",
                sizes.len()
            ),
        }));
    }
    verdicts
}
