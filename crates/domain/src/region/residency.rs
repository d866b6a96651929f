//! Residency as rules by name: where compute, data and the path between them may be.
//!
//! A rule looks at the place of a region, not at the home of its operator: a region in Frankfurt
//! satisfies `de` whoever runs it. Membership lists follow the treaties and decisions named in
//! [`Evidence::basis`]; they were last compared on 2026-06-30.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{Continent, Region, Suggestion};
use crate::nearest::nearest_names;

/// Member states of the European Union.
pub(super) const EUROPEAN_UNION: [&str; 27] = [
    "at", "be", "bg", "cy", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hr", "hu", "ie", "it",
    "lt", "lu", "lv", "mt", "nl", "pl", "pt", "ro", "se", "si", "sk",
];

/// States of the European Economic Area that are not in the Union.
const ECONOMIC_AREA_ONLY: [&str; 3] = ["is", "li", "no"];

/// States with an unconditional adequacy decision under Article 45 of the GDPR. The decisions for
/// Canada (commercial organisations only) and the United States (certified companies only) depend
/// on who receives the data, so they are left out: `gdpr` must hold for everybody.
const ADEQUATE: [(&str, &str); 11] = [
    ("ad", "decision 2010/625/EU"),
    ("ar", "decision 2003/490/EC"),
    ("ch", "decision 2000/518/EC"),
    ("fo", "decision 2010/146/EU"),
    ("gb", "decision (EU) 2021/1772, renewed in December 2025"),
    ("il", "decision 2011/61/EU"),
    ("im", "decision 2004/411/EC"),
    ("jp", "decision (EU) 2019/419"),
    ("kr", "decision (EU) 2022/254"),
    ("nz", "decision 2013/65/EU"),
    ("uy", "decision 2012/484/EU"),
];

/// Country codes that occur as rules: all where a listed provider has a region, the European Union
/// and the usual demands of residency.
const COUNTRIES: [&str; 62] = [
    "ae", "ad", "ar", "at", "au", "be", "bg", "bh", "br", "ca", "ch", "cl", "cn", "cy", "cz", "de",
    "dk", "ee", "es", "fi", "fr", "gb", "gr", "hk", "hr", "hu", "id", "ie", "il", "in", "is", "it",
    "jp", "kr", "kw", "li", "lt", "lu", "lv", "mt", "mx", "my", "nl", "no", "nz", "ph", "pl", "pt",
    "qa", "ro", "ru", "sa", "se", "sg", "si", "sk", "th", "tr", "tw", "us", "vn", "za",
];

/// One named rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    EuropeanUnion,
    EconomicArea,
    Gdpr,
    Continent(Continent),
    Country(&'static str),
}

/// A residency rule: one or several places of which one must hold, or must not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Residency {
    places: Vec<Place>,
    wanted: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Wanted {
    Inside,
    Outside,
}

/// Why a region satisfies a rule; kept with the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The rule, as written.
    pub rule: String,
    /// Provider and code of the region.
    pub region: (Arc<str>, Arc<str>),
    /// The country on which the answer rests.
    pub country: Arc<str>,
    /// The fact or legal text that makes the place fit.
    pub basis: String,
}

/// Why a region does not satisfy a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("region `{code}` of `{provider}` breaks the rule `{rule}`: {reason}")]
pub struct Why {
    /// The rule, as written.
    pub rule: String,
    /// The provider.
    pub provider: Arc<str>,
    /// The region's code.
    pub code: Arc<str>,
    /// Where the region is instead.
    pub reason: String,
}

/// A rule that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is not a residency rule{}; known are `eu`, `eea`, `gdpr`, continents such as \
     `europe`, and two-letter country codes, each also as `not: …`",
    Suggestion(nearest)
)]
pub struct UnknownResidency {
    /// What was written.
    pub name: String,
    /// Known names that are close.
    pub nearest: Vec<String>,
}

impl Place {
    fn parse(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        let continent = Continent::ALL.into_iter().find(|it| it.name() == name);
        match name.as_str() {
            "eu" | "european-union" => Some(Self::EuropeanUnion),
            "eea" => Some(Self::EconomicArea),
            "gdpr" => Some(Self::Gdpr),
            "uk" => Some(Self::Country("gb")),
            "usa" => Some(Self::Country("us")),
            _ => continent.map(Self::Continent).or_else(|| {
                COUNTRIES
                    .into_iter()
                    .find(|code| *code == name)
                    .map(Self::Country)
            }),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::EuropeanUnion => "eu",
            Self::EconomicArea => "eea",
            Self::Gdpr => "gdpr",
            Self::Continent(continent) => continent.name(),
            Self::Country(code) => code,
        }
    }

    /// The ground on which the region lies in the place, if it does.
    fn holds(self, region: &Region) -> Option<String> {
        let country = &*region.country;
        let union = EUROPEAN_UNION.contains(&country);
        let area = union || ECONOMIC_AREA_ONLY.contains(&country);
        match self {
            Self::EuropeanUnion => {
                union.then(|| format!("`{country}` is a member state of the European Union"))
            }
            Self::EconomicArea => {
                area.then(|| format!("`{country}` is in the European Economic Area"))
            }
            Self::Gdpr if area => Some(format!("Regulation (EU) 2016/679 applies in `{country}`")),
            Self::Gdpr => {
                ADEQUATE
                    .iter()
                    .find(|(code, _)| *code == country)
                    .map(|(_, decision)| {
                        format!("`{country}` is adequate under Article 45 GDPR, {decision}")
                    })
            }
            Self::Continent(continent) => (region.continent == continent && !country.is_empty())
                .then(|| format!("`{}` is in {continent}", region.place)),
            Self::Country(code) => {
                (country == code).then(|| format!("`{}` is in `{code}`", region.place))
            }
        }
    }
}

impl Residency {
    /// Every name that a rule may use, to list and to suggest.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ["eu", "eea", "gdpr", "uk"]
            .into_iter()
            .chain(Continent::ALL.into_iter().map(Continent::name))
            .chain(COUNTRIES)
    }

    /// Whether the region may be used under this rule: the evidence, or why not.
    ///
    /// A region whose country is not known satisfies no rule, `not:` rules included: what cannot
    /// be shown is not allowed.
    pub fn allows(&self, region: &Region) -> Result<Evidence, Why> {
        let refuse = |reason: String| Why {
            rule: self.to_string(),
            provider: region.provider.clone(),
            code: region.code.clone(),
            reason,
        };
        if region.country.is_empty() {
            return Err(refuse(
                "it is not known in which country it lies".to_owned(),
            ));
        }
        let ground = self.places.iter().find_map(|place| place.holds(region));
        let basis = match (self.wanted, ground) {
            (Wanted::Inside, Some(ground)) => ground,
            (Wanted::Outside, None) => {
                format!("`{}` is in `{}`", region.place, region.country)
            }
            (Wanted::Inside, None) => {
                return Err(refuse(format!("it lies in `{}`", region.country)));
            }
            (Wanted::Outside, Some(ground)) => return Err(refuse(ground)),
        };
        Ok(Evidence {
            rule: self.to_string(),
            region: (region.provider.clone(), region.code.clone()),
            country: region.country.clone(),
            basis,
        })
    }
}

impl FromStr for Residency {
    type Err = UnknownResidency;

    /// Reads `eu`, `de`, `not: cn`, and alternatives as `eu | ch`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let (wanted, names) = match trimmed.split_once(':') {
            Some((not, names)) if not.trim().eq_ignore_ascii_case("not") => {
                (Wanted::Outside, names)
            }
            _ => (Wanted::Inside, trimmed),
        };
        let mut places = Vec::new();
        for name in names.split('|') {
            let Some(place) = Place::parse(name) else {
                let nearest = nearest_names(name, Self::names());
                return Err(UnknownResidency {
                    name: text.chars().take(80).collect(),
                    nearest: nearest.into_iter().map(str::to_owned).collect(),
                });
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Ok(Self { places, wanted })
    }
}

impl fmt::Display for Residency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.wanted == Wanted::Outside {
            formatter.write_str("not: ")?;
        }
        for (index, place) in self.places.iter().enumerate() {
            let between = if index == 0 { "" } else { " | " };
            write!(formatter, "{between}{}", place.name())?;
        }
        Ok(())
    }
}

/// Names of the groups and the continent that hold for the region, for tables.
pub(super) fn jurisdictions(region: &Region) -> Vec<&'static str> {
    let groups = [Place::EuropeanUnion, Place::EconomicArea, Place::Gdpr];
    let continent = Place::Continent(region.continent);
    let country = Place::parse(&region.country);
    let all = country.into_iter().chain(groups).chain([continent]);
    all.filter(|place| place.holds(region).is_some())
        .map(Place::name)
        .collect()
}
