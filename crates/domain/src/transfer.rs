//! What it costs to move data: true tiers, priced at the margin, so that more never costs less.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Money;
use crate::day::Day;
use crate::offer::Exactness;
use crate::region::{Continent, Region};

/// Bytes of the gigabyte that the clouds bill, 2 to the 30th.
pub const BILLED_GIGABYTE: u64 = 1 << 30;

/// Prices by the amount of one month: each byte costs what its own tier says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// Upper edge of the tier in billed gigabytes of the month (`None`: no edge) and the price of
    /// a gigabyte inside it; edges ascend.
    tiers: Vec<(Option<u64>, Money)>,
    /// Published or estimated.
    pub exactness: Exactness,
    /// Where it comes from.
    pub source: Arc<str>,
    /// The day for which it holds.
    pub as_of: Day,
}

/// Tiers that make no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tier {tier} of a tariff {reason}")]
pub struct BadTariff {
    /// Which one, from one.
    pub tier: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Tariff {
    /// Checks the tiers: ascending edges, the last one open, no negative price.
    pub fn new(
        tiers: Vec<(Option<u64>, Money)>,
        exactness: Exactness,
        source: Arc<str>,
        as_of: Day,
    ) -> Result<Self, BadTariff> {
        let mut before = 0;
        for (index, &(edge, price)) in tiers.iter().enumerate() {
            let tier = index + 1;
            let last = tier == tiers.len();
            if price < Money::ZERO {
                return Err(BadTariff {
                    tier,
                    reason: "has a negative price",
                });
            }
            match edge {
                None if !last => {
                    return Err(BadTariff {
                        tier,
                        reason: "is open but not the last",
                    });
                }
                Some(_) if last => {
                    return Err(BadTariff {
                        tier,
                        reason: "is the last but closed",
                    });
                }
                Some(edge) if edge <= before => {
                    return Err(BadTariff {
                        tier,
                        reason: "does not lie above the one before",
                    });
                }
                Some(edge) => before = edge,
                None => {}
            }
        }
        if tiers.is_empty() {
            return Err(BadTariff {
                tier: 1,
                reason: "is missing",
            });
        }
        Ok(Self {
            tiers,
            exactness,
            source,
            as_of,
        })
    }

    /// The tiers: upper edge in billed gigabytes of a month, and price of a gigabyte.
    pub fn tiers(&self) -> &[(Option<u64>, Money)] {
        &self.tiers
    }

    /// Price of moving `bytes` when `already` bytes were moved in the same month; rounded up to
    /// the next millionth of a dollar. Monotone in `bytes`.
    pub fn cost(&self, bytes: u64, already: u64) -> Money {
        let (from, to) = (u128::from(already), u128::from(already) + u128::from(bytes));
        let mut lower = 0_u128;
        let mut scaled = 0_u128;
        for &(edge, price) in &self.tiers {
            let gigabyte = u128::from(BILLED_GIGABYTE);
            let upper = edge.map_or(u128::MAX, |edge| u128::from(edge) * gigabyte);
            let inside = to.min(upper).saturating_sub(from.max(lower));
            let price = u128::from(price.micros.unsigned_abs());
            scaled = scaled.saturating_add(inside.saturating_mul(price));
            lower = upper;
        }
        let micros = scaled.div_ceil(u128::from(BILLED_GIGABYTE));
        Money::micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

/// Where data goes.
#[derive(Clone, Copy, Debug)]
pub enum Destination<'a> {
    /// Out of the provider: to users, to another provider, to this machine.
    Internet,
    /// Another region, of whichever provider.
    Region(&'a Region),
    /// Another zone of the same region.
    OtherZone,
}

/// Which rule of the table a price came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Path {
    /// Nothing leaves the region.
    SameRegion,
    /// Between zones of one region.
    Zones,
    /// Between two regions of one provider.
    Regions,
    /// Over the internet.
    Internet,
}

/// What a transfer costs and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferCost {
    /// Dollars for the amount asked for.
    pub cost: Money,
    /// The way it takes.
    pub path: Path,
    /// Published or estimated.
    pub exactness: Exactness,
    /// Where the price comes from.
    pub source: Arc<str>,
    /// The day for which it holds.
    pub as_of: Day,
}

/// Prices of moving data out of one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderTransfer {
    /// To the internet from regions without an entry of their own, by continent of the region.
    pub internet_by_continent: BTreeMap<Continent, Tariff>,
    /// To the internet, by region code.
    pub internet_by_region: BTreeMap<Arc<str>, Tariff>,
    /// Between regions, by both codes.
    pub between_regions: BTreeMap<(Arc<str>, Arc<str>), Tariff>,
    /// Between regions without an entry of their own, by both continents.
    pub between_continents: BTreeMap<(Continent, Continent), Tariff>,
    /// Between zones of a region.
    pub between_zones: Option<Tariff>,
}

/// Transfer prices of all providers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransferPrices {
    /// By provider.
    pub providers: BTreeMap<Arc<str>, ProviderTransfer>,
}

/// A transfer for which no price is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no price is known for data from `{from}` of `{provider}` to {to}")]
pub struct UnknownTransfer {
    /// The provider that the data leaves.
    pub provider: Arc<str>,
    /// The region that it leaves.
    pub from: Arc<str>,
    /// Where it was to go.
    pub to: String,
}

impl TransferPrices {
    /// The tariff for data leaving `from`, and the path; `None` stands for free of charge.
    pub fn tariff(
        &self,
        from: &Region,
        to: Destination<'_>,
    ) -> Result<(Path, Option<&Tariff>), UnknownTransfer> {
        let prices = self.providers.get(&from.provider);
        let unknown = |to: String| UnknownTransfer {
            provider: from.provider.clone(),
            from: from.code.clone(),
            to,
        };
        let target = match to {
            Destination::Region(target) if target.provider == from.provider => target,
            Destination::OtherZone => {
                let tariff = prices.and_then(|it| it.between_zones.as_ref());
                return Ok((Path::Zones, tariff));
            }
            Destination::Internet | Destination::Region(_) => {
                let tariff = prices.and_then(|it| {
                    let own = it.internet_by_region.get(&from.code);
                    own.or_else(|| it.internet_by_continent.get(&from.continent))
                });
                let tariff = tariff.ok_or_else(|| unknown("the internet".to_owned()))?;
                return Ok((Path::Internet, Some(tariff)));
            }
        };
        if target.code == from.code {
            return Ok((Path::SameRegion, None));
        }
        let tariff = prices.and_then(|it| {
            let own = it
                .between_regions
                .get(&(from.code.clone(), target.code.clone()));
            own.or_else(|| {
                it.between_continents
                    .get(&(from.continent, target.continent))
            })
        });
        let tariff = tariff.ok_or_else(|| unknown(format!("its region `{}`", target.code)))?;
        Ok((Path::Regions, Some(tariff)))
    }

    /// Price of moving `bytes` out of `from` when `already` bytes took the same way this month.
    ///
    /// Receiving is free at every listed provider, so only the sender's price counts.
    pub fn cost(
        &self,
        from: &Region,
        to: Destination<'_>,
        bytes: u64,
        already: u64,
    ) -> Result<TransferCost, UnknownTransfer> {
        let (path, tariff) = self.tariff(from, to)?;
        Ok(match tariff {
            Some(tariff) => TransferCost {
                cost: tariff.cost(bytes, already),
                path,
                exactness: tariff.exactness,
                source: tariff.source.clone(),
                as_of: tariff.as_of,
            },
            None => TransferCost {
                cost: Money::ZERO,
                path,
                exactness: Exactness::Exact,
                source: Arc::from("not charged by the provider"),
                as_of: Day::from_days(0),
            },
        })
    }
}

#[cfg(test)]
mod tests;
