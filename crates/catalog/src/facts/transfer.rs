//! Transfer prices: general lines, and the matrix of region pairs of the catalog.

use std::sync::Arc;

use domain::offer::Exactness;
use domain::region::{Continent, Region, Regions};
use domain::transfer::{ProviderTransfer, Tariff, TransferPrices};

use super::{day, dollars, exactness};
use crate::import::List;
use crate::{Error, TransferPair};

pub(super) const TABLE: &str = include_str!("../../data/transfer.csv");

/// What a line means by `from` or `to`, the more specific the greater.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Anywhere,
    Continent(Continent),
    Region(Arc<str>),
}

#[derive(Debug)]
enum Target {
    Internet,
    Zone,
    Place(Place),
}

#[derive(Debug)]
struct Line {
    provider: Arc<str>,
    from: Place,
    to: Target,
    tariff: Tariff,
}

impl Place {
    fn parse(text: &str) -> Self {
        if text == "*" {
            return Self::Anywhere;
        }
        let continent = Continent::ALL
            .into_iter()
            .find(|continent| continent.name() == text);
        continent.map_or_else(|| Self::Region(text.into()), Self::Continent)
    }

    fn holds(&self, region: &Region) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Continent(continent) => *continent == region.continent,
            Self::Region(code) => *code == region.code,
        }
    }

    /// Region codes count most, continents next.
    const fn weight(&self) -> u8 {
        match self {
            Self::Anywhere => 0,
            Self::Continent(_) => 1,
            Self::Region(_) => 4,
        }
    }
}

impl Line {
    fn weight(&self) -> u8 {
        match &self.to {
            Target::Place(place) => self.from.weight() + place.weight(),
            Target::Internet | Target::Zone => self.from.weight(),
        }
    }
}

/// All transfer prices: for each pair of regions the listed price, else the most specific line.
pub fn transfer(regions: &Regions, pairs: &[TransferPair]) -> Result<TransferPrices, Error> {
    let lines = read("transfer.csv", TABLE)?;
    let mut prices = TransferPrices::default();
    for from in regions.iter() {
        let of_provider = lines.iter().filter(|line| line.provider == from.provider);
        let of_provider: Vec<&Line> = of_provider.filter(|line| line.from.holds(from)).collect();
        let entry = prices.providers.entry(from.provider.clone()).or_default();
        fill(entry, from, &of_provider);
        fill_pairs(entry, from, regions, &of_provider);
    }
    for pair in pairs {
        // The internet has tiers, which the lines know better than a flat matrix.
        if &*pair.to == "internet" {
            continue;
        }
        let listed = vec![(None, pair.per_gigabyte)];
        let tariff = Tariff::new(listed, Exactness::Exact, pair.source.clone(), pair.as_of);
        let tariff = tariff.map_err(|error| Error::Damaged {
            at: 0,
            reason: error.to_string(),
        })?;
        let entry = prices.providers.entry(pair.provider.clone()).or_default();
        entry
            .between_regions
            .insert((pair.from.clone(), pair.to.clone()), tariff);
    }
    Ok(prices)
}

/// Prices that look only at where the data leaves, and those between continents.
fn fill(entry: &mut ProviderTransfer, from: &Region, lines: &[&Line]) {
    let to_internet = lines
        .iter()
        .filter(|line| matches!(line.to, Target::Internet));
    if let Some(line) = to_internet.max_by_key(|line| line.from.weight()) {
        if matches!(line.from, Place::Region(_)) {
            entry
                .internet_by_region
                .insert(from.code.clone(), line.tariff.clone());
        } else {
            entry
                .internet_by_continent
                .insert(from.continent, line.tariff.clone());
        }
    }
    let to_zone = lines.iter().filter(|line| matches!(line.to, Target::Zone));
    if let Some(line) = to_zone.max_by_key(|line| line.from.weight()) {
        entry.between_zones = Some(line.tariff.clone());
    }
    for to in Continent::ALL {
        let pair = (from.continent, to);
        if entry.between_continents.contains_key(&pair) {
            continue;
        }
        let general = lines
            .iter()
            .filter(|line| !matches!(line.from, Place::Region(_)));
        let fitting = general.filter(|line| match &line.to {
            Target::Place(Place::Anywhere) => true,
            Target::Place(Place::Continent(continent)) => *continent == to,
            _ => false,
        });
        if let Some(line) = best(fitting.copied()) {
            entry.between_continents.insert(pair, line.tariff.clone());
        }
    }
}

/// Prices of pairs of which a line names a region.
fn fill_pairs(entry: &mut ProviderTransfer, from: &Region, regions: &Regions, lines: &[&Line]) {
    let named = |line: &&&Line| {
        let target = matches!(line.to, Target::Place(Place::Region(_)));
        let to_place = matches!(line.to, Target::Place(_));
        target || (to_place && matches!(line.from, Place::Region(_)))
    };
    let named: Vec<&Line> = lines.iter().filter(named).copied().collect();
    if named.is_empty() {
        return;
    }
    for to in regions
        .iter()
        .filter(|to| to.provider == from.provider && to.code != from.code)
    {
        let fitting = named.iter().filter(|line| match &line.to {
            Target::Place(place) => place.holds(to),
            _ => false,
        });
        if let Some(line) = best(fitting.copied()) {
            let pair = (from.code.clone(), to.code.clone());
            entry.between_regions.insert(pair, line.tariff.clone());
        }
    }
}

/// The most specific line; of equally specific ones the dearer: an estimate must not flatter.
fn best<'a>(lines: impl Iterator<Item = &'a Line>) -> Option<&'a Line> {
    let price = |line: &Line| line.tariff.tiers().first().map(|tier| tier.1);
    lines.max_by(|a, b| (a.weight(), price(a)).cmp(&(b.weight(), price(b))))
}

fn read(name: &str, text: &str) -> Result<Vec<Line>, Error> {
    let list = List::read(name, text.as_bytes())?;
    let columns = list.columns([
        "provider",
        "from",
        "to",
        "tiers",
        "exactness",
        "as_of",
        "source",
    ])?;
    let [provider, from, to, tiers, exact, as_of, source] = columns;
    let mut lines = Vec::new();
    for line in list.lines() {
        let mut steps = Vec::new();
        for step in line.cell(tiers).split('|') {
            let parsed = step.split_once(':').and_then(|(edge, price)| {
                let edge = if edge == "*" {
                    None
                } else {
                    Some(edge.parse().ok()?)
                };
                Some((edge, dollars(price)?))
            });
            steps.push(parsed.ok_or_else(|| line.refuse(format!("`{step}` is not a tier")))?);
        }
        let exactness = line.parse(exact, exactness)?;
        let source = line.cell(source).into();
        let tariff = Tariff::new(steps, exactness, source, line.parse(as_of, day)?);
        lines.push(Line {
            provider: line.cell(provider).into(),
            from: Place::parse(line.cell(from)),
            to: match line.cell(to) {
                "internet" => Target::Internet,
                "zone" => Target::Zone,
                place => Target::Place(Place::parse(place)),
            },
            tariff: tariff.map_err(|error| line.refuse(error.to_string()))?,
        });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::regions;
    use domain::transfer::{BILLED_GIGABYTE, Destination};

    #[test]
    fn list_prices_by_path() {
        let regions = regions().unwrap();
        let prices = transfer(&regions, &[]).unwrap();
        let terabytes = |from: (&str, &str), to: Option<(&str, &str)>, count: u64| {
            let from = regions.find(from.0, from.1).unwrap();
            let to = match to {
                Some((provider, code)) => {
                    Destination::Region(regions.find(provider, code).unwrap())
                }
                None => Destination::Internet,
            };
            let cost = prices
                .cost(from, to, count * 1024 * BILLED_GIGABYTE, 0)
                .unwrap();
            cost.cost.micros / 10_000
        };
        // 50 TB out of AWS: 10,140 x 0.09 + 40,960 x 0.085.
        assert_eq!(terabytes(("aws", "us-east-1"), None, 50), 439_420);
        assert_eq!(terabytes(("google", "us-central1"), None, 2), 23_552);
        assert_eq!(
            terabytes(
                ("google", "europe-west3"),
                Some(("google", "europe-west4")),
                1
            ),
            2_048
        );
        assert_eq!(
            terabytes(
                ("google", "europe-west3"),
                Some(("google", "asia-southeast2")),
                1
            ),
            15_360
        );
        assert_eq!(
            terabytes(("azure", "westeurope"), Some(("azure", "eastus")), 1),
            5_120
        );
        let other = terabytes(("azure", "westeurope"), Some(("aws", "eu-west-1")), 1);
        assert_eq!(other, terabytes(("azure", "westeurope"), None, 1));
    }

    #[test]
    fn every_region_has_a_price_to_every_other() {
        let regions = regions().unwrap();
        let prices = transfer(&regions, &[]).unwrap();
        for from in regions.iter() {
            for to in regions.iter() {
                let cost = prices.cost(from, Destination::Region(to), BILLED_GIGABYTE, 1 << 50);
                let cost = cost.unwrap_or_else(|error| panic!("{error}"));
                assert_eq!(
                    cost.cost.micros == 0,
                    from == to,
                    "{} {}",
                    from.code,
                    to.code
                );
            }
        }
    }
}
