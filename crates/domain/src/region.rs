//! Where a region is, under whose law it lies, and the residency rules that look at it.

mod residency;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::nearest::nearest_names;
use crate::offer::Exactness;

pub use residency::{Evidence, Residency, UnknownResidency, Why};

/// Continents, as far as transfer prices and residency tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Continent {
    /// Africa.
    Africa,
    /// Asia without the Middle East.
    Asia,
    /// Europe.
    Europe,
    /// The Middle East, which the clouds price apart from Asia.
    MiddleEast,
    /// North America with Mexico.
    NorthAmerica,
    /// Australia and New Zealand.
    Oceania,
    /// South America.
    SouthAmerica,
}

impl Continent {
    /// All continents.
    pub const ALL: [Self; 7] = [
        Self::Africa,
        Self::Asia,
        Self::Europe,
        Self::MiddleEast,
        Self::NorthAmerica,
        Self::Oceania,
        Self::SouthAmerica,
    ];

    /// Its name in rules and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Africa => "africa",
            Self::Asia => "asia",
            Self::Europe => "europe",
            Self::MiddleEast => "middle-east",
            Self::NorthAmerica => "north-america",
            Self::Oceania => "oceania",
            Self::SouthAmerica => "south-america",
        }
    }
}

impl fmt::Display for Continent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How much carbon dioxide the electricity of a region's grid stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GridCarbon {
    /// Milligrams of carbon dioxide equivalent for one kilowatt-hour.
    pub milligrams_per_kwh: u32,
    /// Published for the region itself, or taken from a neighbour on the same grid.
    pub exactness: Exactness,
    /// Who published it.
    pub source: Arc<str>,
    /// The year's last day, or the day of publication.
    pub as_of: Day,
}

/// One provider's region and what is known about the place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// The place that sells it, as named in the configuration.
    pub provider: Arc<str>,
    /// The provider's own code.
    pub code: Arc<str>,
    /// City or area, in English.
    pub place: Arc<str>,
    /// ISO 3166-1 alpha-2 code in lower case; empty when it is not known.
    pub country: Arc<str>,
    /// Continent.
    pub continent: Continent,
    /// Latitude and longitude in thousandths of a degree, north and east positive. City level:
    /// good to some tens of kilometres.
    pub position: (i32, i32),
    /// Attestations that hold for the region, such as `iso-27001`, `fedramp-high`.
    pub certifications: Vec<Arc<str>>,
    /// Grid carbon, where known.
    pub carbon: Option<GridCarbon>,
}

impl Region {
    /// Great-circle distance to another region in whole kilometres (haversine, mean radius
    /// 6,371 km).
    pub fn distance_km(&self, other: &Self) -> u32 {
        let radians = |milli: i32| (f64::from(milli) / 1000.0).to_radians();
        let (lat_a, lon_a) = (radians(self.position.0), radians(self.position.1));
        let (lat_b, lon_b) = (radians(other.position.0), radians(other.position.1));
        let half = |a: f64, b: f64| ((b - a) / 2.0).sin().powi(2);
        let chord = half(lat_a, lat_b) + lat_a.cos() * lat_b.cos() * half(lon_a, lon_b);
        (2.0 * 6371.0 * chord.sqrt().min(1.0).asin()).round() as u32
    }

    /// Whether the region lies in a member state of the European Union.
    pub fn in_european_union(&self) -> bool {
        residency::EUROPEAN_UNION.contains(&&*self.country)
    }

    /// Names of all rules that this region satisfies, for tables.
    pub fn jurisdictions(&self) -> Vec<&'static str> {
        residency::jurisdictions(self)
    }
}

/// All known regions, found by provider and code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    known: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Region>>,
}

/// A region that nobody sells.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{provider}` has no region `{code}`{}", Suggestion(nearest))]
pub struct UnknownRegion {
    /// The provider that was asked for.
    pub provider: String,
    /// The code that was asked for.
    pub code: String,
    /// Known codes that are close.
    pub nearest: Vec<String>,
}

/// Writes `; did you mean …` when there is something to suggest.
pub(crate) struct Suggestion<'a>(pub(crate) &'a [String]);

impl fmt::Display for Suggestion<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let before = if index == 0 { "; did you mean" } else { " or" };
            write!(formatter, "{before} `{name}`")?;
        }
        Ok(())
    }
}

impl Regions {
    /// Adds a region, or replaces what was known about it.
    pub fn insert(&mut self, region: Region) {
        let of_provider = self.known.entry(region.provider.clone()).or_default();
        of_provider.insert(region.code.clone(), region);
    }

    /// The region, if known.
    pub fn get(&self, provider: &str, code: &str) -> Option<&Region> {
        self.known.get(provider)?.get(code)
    }

    /// The region, or an error that names close ones.
    pub fn find(&self, provider: &str, code: &str) -> Result<&Region, UnknownRegion> {
        self.get(provider, code).ok_or_else(|| {
            let of_provider = self
                .known
                .get(provider)
                .into_iter()
                .flat_map(BTreeMap::keys);
            let nearest = nearest_names(code, of_provider.map(|known| &**known));
            UnknownRegion {
                provider: provider.to_owned(),
                code: code.to_owned(),
                nearest: nearest.into_iter().map(str::to_owned).collect(),
            }
        })
    }

    /// All regions, ordered by provider and code.
    pub fn iter(&self) -> impl Iterator<Item = &Region> {
        self.known.values().flat_map(BTreeMap::values)
    }

    /// Number of regions.
    pub fn len(&self) -> usize {
        self.known.values().map(BTreeMap::len).sum()
    }

    /// Whether no region is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

#[cfg(test)]
mod tests;
