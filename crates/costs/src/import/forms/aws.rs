//! AWS Cost and Usage Reports, legacy (`lineItem/UnblendedCost`) and 2.0 (`line_item_unblended_cost`).
//!
//! The mapping follows what AWS' own FOCUS export does (docs.aws.amazon.com/cur, "FOCUS 1.0 with AWS
//! columns"): what a savings plan covers is billed with nothing, because the plan's fee was, and the
//! lines that negate it are left out; unused parts of reservations and plans become lines of their own.

mod columns;

use columns::{NUMBERS, PLAIN, normal};

use super::fields::{Places, json_of, number};
use super::{Cells, Flat, Form, Rows};
use crate::amount::Amount;
use crate::focus::Column;
use crate::row::{Reject, Row};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Line ids that are remembered to find duplicates; more are not checked.
const MOST_IDS: usize = 8_000_000;

struct Aws {
    plain: Vec<(Option<usize>, Column)>,
    numbers: Vec<(Option<usize>, &'static str)>,
    tags: Vec<(usize, String)>,
    tag_map: Option<usize>,
    kind: Option<usize>,
    id: (Option<usize>, Option<usize>),
    service: (Option<usize>, Option<usize>),
    seen: HashSet<u64>,
}

pub(super) fn fits(headers: &[String]) -> bool {
    headers
        .iter()
        .any(|header| normal(header) == "line_item_unblended_cost")
}

pub(super) fn bind(headers: &[String]) -> Result<Box<dyn Flat>, String> {
    let places = Places::new(headers.iter().map(|header| normal(header)).collect());
    if places.of(&["line_item_usage_start_date"]).is_none() || !fits(headers) {
        return Err(
            "it has no `line_item_unblended_cost` or `line_item_usage_start_date`".to_owned(),
        );
    }
    let tag = |header: &String| {
        let tag = header
            .strip_prefix("resourceTags/")
            .or_else(|| header.strip_prefix("resource_tags_"))?;
        let tag = tag
            .strip_prefix("user:")
            .or_else(|| tag.strip_prefix("user_"))
            .unwrap_or(tag);
        Some(tag.to_owned())
    };
    let tags = headers.iter().enumerate();
    Ok(Box::new(Aws {
        plain: PLAIN
            .iter()
            .map(|(names, column)| (places.of(names), *column))
            .collect(),
        numbers: NUMBERS
            .iter()
            .map(|name| (places.of(&[name]), *name))
            .collect(),
        tags: tags
            .filter_map(|(at, header)| Some((at, tag(header)?)))
            .collect(),
        tag_map: places.of(&["resource_tags"]),
        kind: places.of(&["line_item_line_item_type"]),
        id: (
            places.of(&["identity_line_item_id"]),
            places.of(&["identity_time_interval"]),
        ),
        service: (
            places.of(&["product_product_name", "product_servicename"]),
            places.of(&["line_item_product_code", "product_servicecode"]),
        ),
        seen: HashSet::new(),
    }))
}

/// The numbers of a line; unset ones are zero where they are summed.
struct Numbers([Option<Amount>; NUMBERS.len()]);

impl Numbers {
    fn get(&self, at: usize) -> Amount {
        self.0[at].unwrap_or(Amount::ZERO)
    }
}

impl Flat for Aws {
    fn form(&self) -> Form {
        Form::Aws
    }

    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    fn lines(&mut self, cells: Cells<'_>, rows: &mut Rows) -> Result<(), Reject> {
        self.refuse_again(cells)?;
        let mut numbers = Numbers([None; NUMBERS.len()]);
        for (slot, (place, name)) in numbers.0.iter_mut().zip(&self.numbers) {
            *slot = number(name, cells.at(*place))?;
        }
        if numbers.0[0].is_none() {
            return Err(Reject::new(NUMBERS[0], "is null and may not be"));
        }
        let kind = cells.at(self.kind).unwrap_or("Usage");
        if kind == "SavingsPlanNegation" {
            return Ok(());
        }
        let row = rows.add();
        self.common(cells, row);
        charge(kind, &numbers, row);
        let unused = match kind {
            "RIFee" => numbers.get(6) + numbers.get(7),
            "SavingsPlanRecurringFee" => numbers.get(9) - numbers.get(10),
            _ => Amount::ZERO,
        };
        if unused > Amount::ZERO {
            let row = rows.add();
            self.common(cells, row);
            row.set(Column::ChargeCategory, "Usage");
            row.set(Column::PricingCategory, "Committed");
            row.set(Column::CommitmentDiscountStatus, "Unused");
            let category = if kind == "RIFee" { "Usage" } else { "Spend" };
            row.set(Column::CommitmentDiscountCategory, category);
            row.set_number(Column::BilledCost, Amount::ZERO);
            row.set_number(Column::EffectiveCost, unused);
        }
        Ok(())
    }
}

impl Aws {
    fn refuse_again(&mut self, cells: Cells<'_>) -> Result<(), Reject> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let (Some(id), interval) = (cells.at(self.id.0), cells.at(self.id.1)) else {
            return Ok(());
        };
        if self.seen.len() >= MOST_IDS {
            return Ok(());
        }
        let mut hash = DefaultHasher::new();
        (id, interval).hash(&mut hash);
        if self.seen.insert(hash.finish()) {
            return Ok(());
        }
        let shown: String = id.chars().take(80).collect();
        Err(Reject::new(
            "identity_line_item_id",
            format!("`{shown}` is there twice"),
        ))
    }

    fn common(&self, cells: Cells<'_>, row: &mut Row) {
        for (place, column) in &self.plain {
            if let Some(text) = cells.at(*place) {
                row.set(*column, text);
            }
        }
        row.set(Column::ProviderName, "AWS");
        if let Some(service) = cells
            .at(self.service.0)
            .or_else(|| cells.at(self.service.1))
        {
            row.set(Column::ServiceName, service);
        }
        let mut tags = Map::new();
        if let Some(json) = cells.at(self.tag_map)
            && let Ok(Value::Object(map)) = serde_json::from_str(json)
        {
            tags = map
                .into_iter()
                .map(|(key, v)| (bare(&key).to_owned(), v))
                .collect();
        }
        for (at, key) in &self.tags {
            if let Some(value) = cells.at(Some(*at)) {
                tags.insert(key.clone(), Value::String(value.to_owned()));
            }
        }
        if let Some(json) = json_of(tags) {
            row.set(Column::Tags, &json);
        }
    }
}

fn bare(key: &str) -> &str {
    key.strip_prefix("user_")
        .or_else(|| key.strip_prefix("user:"))
        .unwrap_or(key)
}

/// Category and costs by the line's type.
fn charge(kind: &str, numbers: &Numbers, row: &mut Row) {
    let unblended = numbers.get(0);
    let (category, pricing, billed, effective) = match kind {
        "DiscountedUsage" => ("Usage", "Committed", Amount::ZERO, numbers.get(5)),
        "SavingsPlanCoveredUsage" => ("Usage", "Committed", Amount::ZERO, numbers.get(8)),
        "RIFee" | "SavingsPlanUpfrontFee" | "SavingsPlanRecurringFee" => {
            ("Purchase", "Standard", unblended, Amount::ZERO)
        }
        "Fee" => ("Purchase", "Standard", unblended, unblended),
        "Tax" => ("Tax", "", unblended, unblended),
        "Credit" | "Refund" => ("Credit", "", unblended, unblended),
        _ if kind.ends_with("Discount") => ("Adjustment", "", unblended, unblended),
        _ => ("Usage", "Standard", unblended, unblended),
    };
    row.set(Column::ChargeCategory, category);
    row.set(Column::PricingCategory, pricing);
    row.set_number(Column::BilledCost, billed);
    row.set_number(Column::EffectiveCost, effective);
    if pricing == "Committed" {
        row.set(Column::CommitmentDiscountStatus, "Used");
        let spend = kind == "SavingsPlanCoveredUsage";
        row.set(
            Column::CommitmentDiscountCategory,
            if spend { "Spend" } else { "Usage" },
        );
    }
    let frequency = match kind {
        "Usage" | "DiscountedUsage" | "SavingsPlanCoveredUsage" => "Usage-Based",
        "RIFee" | "SavingsPlanRecurringFee" => "Recurring",
        _ => "One-Time",
    };
    row.set(Column::ChargeFrequency, frequency);
    let list = numbers.0[2].unwrap_or(unblended);
    let fee = matches!(category, "Purchase" | "Usage");
    row.set_number(Column::ListCost, if fee { list } else { unblended });
    let contracted = if pricing == "Committed" {
        list
    } else {
        unblended
    };
    row.set_number(Column::ContractedCost, contracted);
    let optional = [
        (Column::ConsumedQuantity, numbers.0[1]),
        (Column::PricingQuantity, numbers.0[1]),
        (Column::ListUnitPrice, numbers.0[3]),
        (Column::ContractedUnitPrice, numbers.0[4]),
    ];
    for (column, amount) in optional {
        if let Some(amount) = amount.filter(|_| category == "Usage") {
            row.set_number(column, amount);
        }
    }
}
