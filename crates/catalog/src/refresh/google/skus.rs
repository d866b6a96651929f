//! What a machine of Compute Engine is made of, and what its parts cost.
//!
//! A part is known by how the description of its SKU begins, for example
//! `N2 Instance Core running in Frankfurt` and `Spot Preemptible N2 Instance Core running in …`.
//! Families whose price has other parts (local disks, sole tenancy, memory premiums, shared cores)
//! are left alone: their rows keep the earlier figures and their day.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::offer::{Machine, Purchase};
use serde::Deserialize;

use crate::import::Figure;

/// Prefix of machine names, how core and memory SKUs begin, and how commitments name the family.
const FAMILIES: [(&str, &str, &str, Option<&str>); 14] = [
    (
        "n1-",
        "N1 Predefined Instance Core",
        "N1 Predefined Instance Ram",
        Some(""),
    ),
    ("n2-", "N2 Instance Core", "N2 Instance Ram", Some("N2 ")),
    (
        "n2d-",
        "N2D AMD Instance Core",
        "N2D AMD Instance Ram",
        Some("N2D AMD "),
    ),
    ("n4-", "N4 Instance Core", "N4 Instance Ram", None),
    ("e2-", "E2 Instance Core", "E2 Instance Ram", Some("E2 ")),
    (
        "c2-",
        "Compute optimized Core",
        "Compute optimized Ram",
        None,
    ),
    (
        "c2d-",
        "C2D AMD Instance Core",
        "C2D AMD Instance Ram",
        None,
    ),
    ("c3-", "C3 Instance Core", "C3 Instance Ram", None),
    ("c3d-", "C3D Instance Core", "C3D Instance Ram", None),
    ("c4-", "C4 Instance Core", "C4 Instance Ram", None),
    (
        "t2d-",
        "T2D AMD Instance Core",
        "T2D AMD Instance Ram",
        None,
    ),
    (
        "t2a-",
        "T2A Arm Instance Core",
        "T2A Arm Instance Ram",
        None,
    ),
    ("a2-highgpu-", "A2 Instance Core", "A2 Instance Ram", None),
    ("g2-", "G2 Instance Core", "G2 Instance Ram", None),
];

/// Accelerator models and how their SKUs begin.
const BOARDS: [(&str, &str); 6] = [
    ("T4", "Nvidia Tesla T4 GPU"),
    ("P4", "Nvidia Tesla P4 GPU"),
    ("P100", "Nvidia Tesla P100 GPU"),
    ("V100", "Nvidia Tesla V100 GPU"),
    ("A100", "Nvidia Tesla A100 GPU"),
    ("L4", "Nvidia L4 GPU"),
];

/// One SKU, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sku {
    #[serde(default)]
    description: String,
    #[serde(default)]
    category: Category,
    #[serde(default)]
    service_regions: Vec<String>,
    #[serde(default)]
    pricing_info: Vec<PricingInfo>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Category {
    #[serde(default)]
    usage_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PricingInfo {
    #[serde(default)]
    pricing_expression: PricingExpression,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PricingExpression {
    #[serde(default)]
    usage_unit: String,
    #[serde(default)]
    tiered_rates: Vec<TieredRate>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TieredRate {
    #[serde(default)]
    start_usage_amount: f64,
    unit_price: UnitPrice,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnitPrice {
    #[serde(default)]
    currency_code: String,
    /// Whole units as text, as Google writes 64 bit numbers in JSON.
    #[serde(default)]
    units: String,
    #[serde(default)]
    nanos: i64,
}

/// A kind of part by the beginning of its SKU's description.
type Part = &'static str;

/// Prices of parts by region and purchase kind, in billionths of a currency's unit.
#[derive(Debug, Default)]
pub(super) struct Rates {
    known: BTreeMap<(Part, String, Purchase), (i128, Arc<str>)>,
}

/// Parts of a machine with their numbers in thousandths.
pub(super) type Parts = Vec<(Part, u64)>;

/// What a machine is made of; `None` when its price has parts that are not known here.
pub(super) fn parts(machine: &Machine) -> Option<Parts> {
    let shared = ["e2-micro", "e2-small", "e2-medium"];
    if machine.name.contains("lssd") || shared.contains(&&*machine.name) {
        return None;
    }
    let family = FAMILIES
        .iter()
        .find(|family| machine.name.starts_with(family.0))?;
    let gibibytes_milli = u128::from(machine.memory_bytes) * 1000 / (1 << 30);
    let mut parts = vec![
        (family.1, u64::from(machine.vcpus_milli)),
        (family.2, u64::try_from(gibibytes_milli).ok()?),
    ];
    if let Some(accelerator) = &machine.accelerator {
        let board = BOARDS.iter().find(|board| *board.0 == *accelerator.model)?;
        parts.push((board.1, u64::from(accelerator.count_milli)));
    }
    Some(parts)
}

/// Part and purchase kind that a description means.
fn part(description: &str, usage: &str) -> Option<(Part, Purchase)> {
    if let Some(committed) = description.strip_prefix("Commitment v1: ") {
        let purchase = match usage {
            "Commit1Yr" => Purchase::CommittedOneYear,
            "Commit3Yr" => Purchase::CommittedThreeYears,
            _ => return None,
        };
        for (_, core, ram, name) in FAMILIES {
            let Some(rest) = name.and_then(|name| committed.strip_prefix(name)) else {
                continue;
            };
            if rest.starts_with("Cpu in ") {
                return Some((core, purchase));
            }
            if rest.starts_with("Ram in ") {
                return Some((ram, purchase));
            }
        }
        return None;
    }
    let purchase = match usage {
        "OnDemand" => Purchase::OnDemand,
        "Preemptible" => Purchase::Spot,
        _ => return None,
    };
    let plain = description.strip_prefix("Spot ").unwrap_or(description);
    let plain = plain.strip_prefix("Preemptible ").unwrap_or(plain);
    let components = FAMILIES.iter().flat_map(|family| [family.1, family.2]);
    for known in components.chain(BOARDS.iter().map(|board| board.1)) {
        let Some(rest) = plain.strip_prefix(known) else {
            continue;
        };
        let attached = " attached to Spot Preemptible VMs";
        let rest = rest.strip_prefix(attached).unwrap_or(rest);
        if rest.starts_with(" running in ") {
            return Some((known, purchase));
        }
    }
    None
}

impl Rates {
    /// Keeps the rate of a SKU if it is of a known part.
    pub(super) fn take(&mut self, sku: &Sku) {
        let Some((part, purchase)) = part(&sku.description, &sku.category.usage_type) else {
            return;
        };
        // A timeline, the price in force at its end.
        let Some(info) = sku.pricing_info.last() else {
            return;
        };
        let expression = &info.pricing_expression;
        // A rate in another unit than hours would be read as something it is not.
        let unit = if part.ends_with("Ram") { "GiBy.h" } else { "h" };
        if expression.usage_unit != unit {
            return;
        }
        let first = expression
            .tiered_rates
            .iter()
            .find(|rate| rate.start_usage_amount <= 0.0);
        let Some(price) = first.map(|rate| &rate.unit_price) else {
            return;
        };
        let Ok(units) = (if price.units.is_empty() {
            "0"
        } else {
            &price.units
        })
        .parse::<i64>() else {
            return;
        };
        let nanos = i128::from(units) * 1_000_000_000 + i128::from(price.nanos);
        for region in &sku.service_regions {
            let rate = (nanos, price.currency_code.as_str().into());
            self.known.insert((part, region.clone(), purchase), rate);
        }
    }

    /// Price of all parts together; `None` unless every part has one, in one currency.
    pub(super) fn sum(&self, parts: &Parts, region: &str, purchase: Purchase) -> Option<Figure> {
        let mut sum = 0_i128;
        let mut currency: Option<Arc<str>> = None;
        for (part, count_milli) in parts {
            let (nanos, of_part) = self.known.get(&(*part, region.to_owned(), purchase))?;
            if currency.as_ref().is_some_and(|it| it != of_part) {
                return None;
            }
            currency = Some(of_part.clone());
            sum = sum.checked_add(nanos.checked_mul(i128::from(*count_milli))?)?;
        }
        let (sign, nanos) = (if sum < 0 { "-" } else { "" }, (sum / 1000).unsigned_abs());
        let text = format!(
            "{sign}{}.{:09}",
            nanos / 1_000_000_000,
            nanos % 1_000_000_000
        );
        Some(Figure {
            text,
            currency: currency?,
        })
    }
}

#[cfg(test)]
mod tests;
