//! Azure cost and usage details, with actual or amortised cost; EA and MCA spell columns differently.

use super::fields::{Places, json_of, number};
use super::{Cells, Flat, Form, Rows};
use crate::amount::Amount;
use crate::focus::Column;
use crate::row::{Reject, Row};
use serde_json::Value;

struct Azure {
    form: Form,
    plain: Vec<(Option<usize>, Column)>,
    cost: Option<usize>,
    quantity: Option<usize>,
    price: Option<usize>,
    list: Option<usize>,
    kind: Option<usize>,
    model: Option<usize>,
    date: Option<usize>,
    tags: Option<usize>,
}

const PLAIN: [(&[&str], Column); 23] = [
    (
        &["billingaccountid", "billingaccountname"],
        Column::BillingAccountId,
    ),
    (&["billingaccountname"], Column::BillingAccountName),
    (&["billingperiodstartdate"], Column::BillingPeriodStart),
    (
        &["billingcurrency", "billingcurrencycode", "currency"],
        Column::BillingCurrency,
    ),
    (&["invoiceid"], Column::InvoiceId),
    (
        &["subscriptionid", "subscriptionguid"],
        Column::SubAccountId,
    ),
    (&["subscriptionname"], Column::SubAccountName),
    (
        &["resourceid", "instanceid", "instancename"],
        Column::ResourceId,
    ),
    (&["resourcename"], Column::ResourceName),
    (&["resourcetype"], Column::ResourceType),
    (
        &["resourcelocation", "resourcelocationnormalized", "location"],
        Column::RegionId,
    ),
    (&["availabilityzone"], Column::AvailabilityZone),
    (&["metercategory", "consumedservice"], Column::ServiceName),
    (&["metersubcategory"], Column::ServiceSubcategory),
    (&["metername"], Column::SkuMeter),
    (&["meterid"], Column::SkuId),
    (&["partnumber"], Column::SkuPriceId),
    (&["unitofmeasure"], Column::PricingUnit),
    (&["unitofmeasure"], Column::ConsumedUnit),
    (&["productname", "product"], Column::ChargeDescription),
    (&["publishername"], Column::PublisherName),
    (
        &["benefitid", "reservationid"],
        Column::CommitmentDiscountId,
    ),
    (
        &["benefitname", "reservationname"],
        Column::CommitmentDiscountName,
    ),
];

fn places(headers: &[String]) -> Places {
    let plain = |header: &String| header.to_ascii_lowercase().replace([' ', '_'], "");
    Places::new(headers.iter().map(plain).collect())
}

const COST: [&str; 4] = [
    "costinbillingcurrency",
    "cost",
    "pretaxcost",
    "extendedcost",
];
const DATE: [&str; 2] = ["date", "usagedatetime"];

pub(super) fn fits(headers: &[String]) -> bool {
    let places = places(headers);
    places.of(&COST).is_some() && places.of(&DATE).is_some() && places.of(&["meterid"]).is_some()
}

pub(super) fn bind(headers: &[String], form: Form) -> Result<Box<dyn Flat>, String> {
    let places = places(headers);
    let (cost, date) = (places.of(&COST), places.of(&DATE));
    if cost.is_none() || date.is_none() {
        return Err("it has no `costInBillingCurrency` or no `date`".to_owned());
    }
    Ok(Box::new(Azure {
        form,
        plain: PLAIN
            .iter()
            .map(|(names, column)| (places.of(names), *column))
            .collect(),
        cost,
        quantity: places.of(&["quantity", "usagequantity", "consumedquantity"]),
        price: places.of(&["effectiveprice", "resourcerate"]),
        list: places.of(&["paygprice"]),
        kind: places.of(&["chargetype"]),
        model: places.of(&["pricingmodel"]),
        date,
        tags: places.of(&["tags"]),
    }))
}

impl Flat for Azure {
    fn form(&self) -> Form {
        self.form
    }

    fn notes(&self) -> Vec<String> {
        match self.form {
            Form::AzureAmortized => Vec::new(),
            _ => vec![
                "effective cost is the actual cost; give `--form azure-amortized` for an export \
                 with amortised cost"
                    .to_owned(),
            ],
        }
    }

    fn lines(&mut self, cells: Cells<'_>, rows: &mut Rows) -> Result<(), Reject> {
        let cost = number("costInBillingCurrency", cells.at(self.cost))?;
        let cost = cost.ok_or_else(|| Reject::new("costInBillingCurrency", "is null"))?;
        let quantity = number("quantity", cells.at(self.quantity))?;
        let price = number("effectivePrice", cells.at(self.price))?;
        let list = number("payGPrice", cells.at(self.list))?;
        let row = rows.add();
        for (place, column) in &self.plain {
            if let Some(text) = cells.at(*place) {
                row.set(*column, text);
            }
        }
        row.set(Column::ProviderName, "Microsoft");
        row.set(Column::InvoiceIssuerName, "Microsoft");
        self.day(cells, row)?;
        let committed = matches!(cells.at(self.model), Some("Reservation" | "SavingsPlan"));
        Self::category(cells.at(self.kind).unwrap_or("Usage"), committed, row);
        let amortized = self.form == Form::AzureAmortized && committed;
        row.set_number(
            Column::BilledCost,
            if amortized { Amount::ZERO } else { cost },
        );
        row.set_number(Column::EffectiveCost, cost);
        row.set_number(Column::ContractedCost, cost);
        let listed = list
            .zip(quantity)
            .map(|(list, quantity)| list.times(quantity));
        row.set_number(Column::ListCost, listed.unwrap_or(cost));
        let optional = [
            (Column::ConsumedQuantity, quantity),
            (Column::PricingQuantity, quantity),
            (Column::ListUnitPrice, list),
            (Column::ContractedUnitPrice, price),
        ];
        for (column, amount) in optional {
            if let Some(amount) = amount {
                row.set_number(column, amount);
            }
        }
        match cells.at(self.tags).map(tags) {
            Some(Some(json)) => row.set(Column::Tags, &json),
            Some(None) => {
                return Err(Reject::new(
                    "tags",
                    "is neither a JSON object nor its inside",
                ));
            }
            None => {}
        }
        Ok(())
    }
}

impl Azure {
    fn day(&self, cells: Cells<'_>, row: &mut Row) -> Result<(), Reject> {
        let text = cells.at(self.date).unwrap_or("");
        let Some(begins) = crate::instant::read(text) else {
            let shown: String = text.chars().take(40).collect();
            return Err(Reject::new("date", format!("`{shown}` is no date")));
        };
        row.set_time(Column::ChargePeriodStart, begins);
        row.set_time(Column::ChargePeriodEnd, begins + domain::Span::hours(24));
        Ok(())
    }

    fn category(kind: &str, committed: bool, row: &mut Row) {
        let category = match kind {
            "Purchase" => "Purchase",
            "Refund" => "Credit",
            "Tax" => "Tax",
            "Adjustment" | "RoundingAdjustment" => "Adjustment",
            _ => "Usage",
        };
        row.set(Column::ChargeCategory, category);
        if committed {
            row.set(Column::PricingCategory, "Committed");
            let unused = kind.starts_with("Unused");
            row.set(
                Column::CommitmentDiscountStatus,
                if unused { "Unused" } else { "Used" },
            );
        }
    }
}

/// Azure writes tags as JSON, or as the inside of a JSON object without its braces.
fn tags(text: &str) -> Option<String> {
    let text = text.trim();
    let json = if text.starts_with('{') {
        text.to_owned()
    } else {
        format!("{{{text}}}")
    };
    match serde_json::from_str(&json).ok()? {
        Value::Object(map) => json_of(map).or_else(|| Some(String::new())),
        _ => None,
    }
}
