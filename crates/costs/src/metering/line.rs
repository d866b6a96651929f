//! A metered line in the columns of FOCUS.

use crate::amount::Amount;
use crate::focus::Column;
use crate::instant;
use crate::row::Row;
use domain::Timestamp;
use std::collections::BTreeMap;

/// What is known of a line.
pub(super) struct Line<'a> {
    pub(super) workspace: &'a str,
    pub(super) currency: &'a str,
    pub(super) description: &'a str,
    /// The place that runs it: `local`, `aws`.
    pub(super) host: &'a str,
    pub(super) category: &'a str,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) resource: &'a str,
    pub(super) name: &'a str,
    pub(super) kind: &'a str,
    pub(super) meter: Option<&'a str>,
    pub(super) unit: &'a str,
    pub(super) quantity: Amount,
    pub(super) cost: Amount,
    pub(super) tags: &'a BTreeMap<String, String>,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Line<'_> {
    /// Writes it into a cleared row.
    pub(super) fn fill(&self, row: &mut Row) {
        let tags = serde_json::to_string(self.tags).unwrap_or_default();
        let texts = [
            (Column::BillingAccountId, self.workspace),
            (Column::BillingCurrency, self.currency),
            (Column::ChargeCategory, "Usage"),
            (Column::ChargeFrequency, "Usage-Based"),
            (Column::ChargeDescription, self.description),
            (Column::PricingCategory, "Standard"),
            (Column::ProviderName, "Tradewind"),
            (Column::PublisherName, "Tradewind"),
            (Column::InvoiceIssuerName, "Tradewind"),
            (Column::HostProviderName, self.host),
            (Column::ServiceCategory, self.category),
            (Column::ServiceName, self.service),
            (Column::RegionId, self.region),
            (Column::ResourceId, self.resource),
            (Column::ResourceName, self.name),
            (Column::ResourceType, self.kind),
            (Column::SkuMeter, self.meter.unwrap_or("")),
            (Column::ConsumedUnit, self.unit),
            (Column::SubAccountId, self.workspace),
            (Column::Tags, tags.as_str()),
        ];
        for (column, text) in texts {
            row.set(column, text);
        }
        row.set_time(Column::ChargePeriodStart, self.from);
        row.set_time(Column::ChargePeriodEnd, self.to.max(self.from));
        let month = instant::month_start(self.from, 0);
        row.set_time(Column::BillingPeriodStart, month);
        let costs = [
            Column::BilledCost,
            Column::EffectiveCost,
            Column::ListCost,
            Column::ContractedCost,
        ];
        for column in costs {
            row.set_number(column, self.cost);
        }
        row.set_number(Column::ConsumedQuantity, self.quantity);
    }
}
