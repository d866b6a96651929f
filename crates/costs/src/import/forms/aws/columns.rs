//! The columns of AWS' reports, by the names of 2.0, and what they are in FOCUS.

use crate::focus::Column;

/// Numbers in the order of `Aws::numbers`.
pub(super) const NUMBERS: [&str; 12] = [
    "line_item_unblended_cost",
    "line_item_usage_amount",
    "pricing_public_on_demand_cost",
    "pricing_public_on_demand_rate",
    "line_item_unblended_rate",
    "reservation_effective_cost",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    "reservation_unused_recurring_fee",
    "savings_plan_savings_plan_effective_cost",
    "savings_plan_total_commitment_to_date",
    "savings_plan_used_commitment",
    "line_item_net_unblended_cost",
];

pub(super) const PLAIN: [(&[&str], Column); 25] = [
    (&["bill_payer_account_id"], Column::BillingAccountId),
    (&["bill_payer_account_name"], Column::BillingAccountName),
    (
        &["bill_billing_period_start_date"],
        Column::BillingPeriodStart,
    ),
    (&["bill_billing_period_end_date"], Column::BillingPeriodEnd),
    (&["bill_invoice_id"], Column::InvoiceId),
    (
        &["bill_invoicing_entity", "bill_billing_entity"],
        Column::InvoiceIssuerName,
    ),
    (&["line_item_legal_entity"], Column::PublisherName),
    (&["line_item_usage_account_id"], Column::SubAccountId),
    (&["line_item_usage_account_name"], Column::SubAccountName),
    (&["line_item_usage_start_date"], Column::ChargePeriodStart),
    (&["line_item_usage_end_date"], Column::ChargePeriodEnd),
    (
        &["line_item_line_item_description"],
        Column::ChargeDescription,
    ),
    (&["line_item_resource_id"], Column::ResourceId),
    (
        &["line_item_availability_zone", "product_availability_zone"],
        Column::AvailabilityZone,
    ),
    (&["line_item_currency_code"], Column::BillingCurrency),
    (&["pricing_currency"], Column::PricingCurrency),
    (&["pricing_unit"], Column::PricingUnit),
    (&["pricing_unit"], Column::ConsumedUnit),
    (&["product_region_code", "product_region"], Column::RegionId),
    (&["product_location"], Column::RegionName),
    (&["product_sku"], Column::SkuId),
    (
        &["pricing_rate_id", "pricing_rate_code"],
        Column::SkuPriceId,
    ),
    (&["line_item_usage_type"], Column::SkuMeter),
    (&["product_instance_type"], Column::ResourceType),
    (&["line_item_operation"], Column::ServiceSubcategory),
];

/// `lineItem/UsageAmount` → `line_item_usage_amount`.
pub(super) fn normal(header: &str) -> String {
    let mut out = String::new();
    let mut before = '/';
    for letter in header.chars() {
        if letter == '/' || letter == ':' {
            out.push('_');
        } else if letter.is_ascii_uppercase() {
            if before != '/' && before != '_' && before != ':' {
                out.push('_');
            }
            out.push(letter.to_ascii_lowercase());
        } else {
            out.push(letter);
        }
        before = letter;
    }
    out
}
