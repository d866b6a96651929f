//! Google Cloud's billing export (standard and detailed), one JSON object a row as BigQuery exports
//! it. Discounts lower the line that they belong to; promotions become credit lines of their own.

use super::Rows;
use super::fields::json_of;
use crate::amount::Amount;
use crate::focus::Column;
use crate::instant;
use crate::row::{Reject, Row};
use serde_json::{Map, Value};

/// Whether an object is a row of the export.
pub(in crate::import) fn fits(value: &Value) -> bool {
    value.get("billing_account_id").is_some()
        && (value.get("service").is_some() || value.get("cost").is_some())
}

const PLAIN: [(&[&str], Column); 20] = [
    (&["billing_account_id"], Column::BillingAccountId),
    (&["currency"], Column::BillingCurrency),
    (&["usage_start_time"], Column::ChargePeriodStart),
    (&["usage_end_time"], Column::ChargePeriodEnd),
    (&["service", "description"], Column::ServiceName),
    (&["sku", "id"], Column::SkuId),
    (&["sku", "description"], Column::ChargeDescription),
    (&["sku", "description"], Column::SkuMeter),
    (&["project", "id"], Column::SubAccountId),
    (&["project", "name"], Column::SubAccountName),
    (&["location", "region"], Column::RegionId),
    (&["location", "location"], Column::RegionName),
    (&["location", "zone"], Column::AvailabilityZone),
    (&["resource", "global_name"], Column::ResourceId),
    (&["resource", "name"], Column::ResourceName),
    (&["usage", "unit"], Column::ConsumedUnit),
    (&["usage", "pricing_unit"], Column::PricingUnit),
    (&["seller_name"], Column::PublisherName),
    (
        &["subscription", "instance_id"],
        Column::CommitmentDiscountId,
    ),
    (&["price", "unit"], Column::PricingUnit),
];

fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| value.get(name))
}

/// A number that is written as one or as text; floats by their shortest writing.
fn amount(value: &Value, path: &[&str]) -> Result<Option<Amount>, Reject> {
    let text = match at(value, path) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(Reject::new(path.join("."), "is no number")),
    };
    let parsed = text.parse().map(Some);
    parsed.map_err(|error| Reject::new(path.join("."), format!("`{text}` {error}")))
}

/// The lines of one row of the export.
pub(in crate::import) fn lines(value: &Value, rows: &mut Rows) -> Result<(), Reject> {
    let cost = amount(value, &["cost"])?.ok_or_else(|| Reject::new("cost", "is null"))?;
    let mut discounts = Amount::ZERO;
    let credits = value.get("credits").and_then(Value::as_array);
    for credit in credits.into_iter().flatten() {
        let off = amount(credit, &["amount"])?.unwrap_or_default();
        if credit.get("type").and_then(Value::as_str) == Some("PROMOTION") {
            let row = rows.add();
            common(value, row)?;
            row.set(Column::ChargeCategory, "Credit");
            if let Some(name) = credit.get("name").and_then(Value::as_str) {
                row.set(Column::ChargeDescription, name);
            }
            costs(row, off, off);
        } else {
            discounts += off;
        }
    }
    let row = rows.add();
    common(value, row)?;
    let category = match value.get("cost_type").and_then(Value::as_str) {
        Some("tax") => "Tax",
        Some("adjustment" | "rounding_error") => "Adjustment",
        _ => "Usage",
    };
    row.set(Column::ChargeCategory, category);
    let list = amount(value, &["cost_at_list"])?.unwrap_or(cost);
    costs(row, cost + discounts, list);
    if discounts != Amount::ZERO {
        row.set_number(Column::ContractedCost, cost);
    }
    if category == "Usage" {
        for (path, column) in [
            (["usage", "amount"], Column::ConsumedQuantity),
            (
                ["usage", "amount_in_pricing_units"],
                Column::PricingQuantity,
            ),
            (["price", "effective_price"], Column::ContractedUnitPrice),
        ] {
            if let Some(number) = amount(value, &path)? {
                row.set_number(column, number);
            }
        }
    }
    Ok(())
}

fn costs(row: &mut Row, cost: Amount, list: Amount) {
    row.set_number(Column::BilledCost, cost);
    row.set_number(Column::EffectiveCost, cost);
    row.set_number(Column::ContractedCost, cost);
    row.set_number(Column::ListCost, list);
}

fn common(value: &Value, row: &mut Row) -> Result<(), Reject> {
    for (path, column) in PLAIN {
        match at(value, path) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => row.set(column, text),
            Some(Value::Number(number)) => row.set(column, &number.to_string()),
            Some(_) => return Err(Reject::new(path.join("."), "is no text")),
        }
    }
    row.set(Column::ProviderName, "Google Cloud");
    row.set(Column::InvoiceIssuerName, "Google Cloud");
    if let Some(month) = at(value, &["invoice", "month"]).and_then(Value::as_str) {
        let parts = month.get(..4).zip(month.get(4..6));
        let begins =
            parts.and_then(|(year, month)| instant::read_month(&format!("{year}-{month}")));
        let begins = begins.ok_or_else(|| {
            Reject::new(
                "invoice.month",
                format!("`{month}` is no month such as `202605`"),
            )
        })?;
        row.set_time(Column::BillingPeriodStart, begins);
    }
    let mut tags = Map::new();
    for path in [&["project", "labels"][..], &["labels"], &["tags"]] {
        for label in at(value, path)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let text = |name| label.get(name).and_then(Value::as_str);
            if let (Some(key), Some(value)) = (text("key"), text("value")) {
                tags.insert(key.to_owned(), Value::String(value.to_owned()));
            }
        }
    }
    if let Some(json) = json_of(tags) {
        row.set(Column::Tags, &json);
    }
    Ok(())
}
