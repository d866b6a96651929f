//! What scratch disks cost.

use std::collections::BTreeMap;

use domain::Money;
use serde::{Deserialize, Serialize};

/// Prices of general-purpose disks for one gibibyte and a month of 730 hours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DiskPrices {
    /// By provider, where a region has no price of its own.
    pub by_provider: BTreeMap<String, Money>,
    /// By provider and region.
    pub by_region: BTreeMap<String, BTreeMap<String, Money>>,
}

impl DiskPrices {
    /// The price in a region; `None` when it is not known.
    pub fn price(&self, provider: &str, region: &str) -> Option<Money> {
        let own = self.by_region.get(provider).and_then(|regions| regions.get(region));
        own.or_else(|| self.by_provider.get(provider)).copied()
    }
}
