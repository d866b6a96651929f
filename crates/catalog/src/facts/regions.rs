//! Where the regions are.

use domain::day::Day;
use domain::offer::Exactness;
use domain::region::{Continent, GridCarbon, Region, Regions};

use crate::Error;
use crate::import::{List, scaled};

pub(super) const TABLE: &str = include_str!("../../data/regions.csv");

/// A neighbour this near in the same country is taken to be on the same grid.
const SAME_GRID_KM: u32 = 300;

/// The embedded table of regions.
///
/// Grid carbon is published for Google's regions; a region of another provider takes that of the
/// nearest one in its country within 300 kilometres, marked as an estimate.
pub fn regions() -> Result<Regions, Error> {
    parse("regions.csv", TABLE)
}

fn parse(name: &str, text: &str) -> Result<Regions, Error> {
    let list = List::read(name, text.as_bytes())?;
    let columns = list.columns([
        "provider",
        "code",
        "place",
        "country",
        "continent",
        "latitude",
        "longitude",
        "attestations",
        "carbon_g_per_kwh",
    ])?;
    let [
        provider,
        code,
        place,
        country,
        continent,
        latitude,
        longitude,
        attestations,
        carbon,
    ] = columns;
    let mut read: Vec<Region> = Vec::new();
    for line in list.lines() {
        let degrees = |column: usize, limit: f64| {
            line.parse(column, |text| {
                let degrees: f64 = text.parse().ok()?;
                (degrees.abs() <= limit).then_some((degrees * 1000.0).round() as i32)
            })
        };
        let listed = line
            .cell(attestations)
            .split('|')
            .filter(|it| !it.is_empty());
        read.push(Region {
            provider: line.cell(provider).into(),
            code: line.cell(code).into(),
            place: line.cell(place).into(),
            country: line.parse(country, |text| {
                let valid = text.len() == 2 && text.bytes().all(|it| it.is_ascii_lowercase());
                valid.then(|| text.into())
            })?,
            continent: line.parse(continent, |text| {
                Continent::ALL
                    .into_iter()
                    .find(|continent| continent.name() == text)
            })?,
            position: (degrees(latitude, 90.0)?, degrees(longitude, 180.0)?),
            certifications: listed.map(Into::into).collect(),
            carbon: match line.cell(carbon) {
                "" => None,
                _ => Some(published(line.parse(carbon, |text| scaled(text, 1000))?)),
            },
        });
    }
    let mut regions = Regions::default();
    for region in &read {
        let carbon = region.carbon.clone().or_else(|| neighbour(region, &read));
        regions.insert(Region {
            carbon,
            ..region.clone()
        });
    }
    Ok(regions)
}

fn published(milligrams: u64) -> GridCarbon {
    GridCarbon {
        milligrams_per_kwh: u32::try_from(milligrams).unwrap_or(u32::MAX),
        exactness: Exactness::Exact,
        source: "Google Cloud region carbon data 2025".into(),
        as_of: Day::new(2025, 12, 31).unwrap_or(Day::from_days(0)),
    }
}

fn neighbour(region: &Region, all: &[Region]) -> Option<GridCarbon> {
    let near = all.iter().filter(|it| it.country == region.country);
    let near = near.filter_map(|it| Some((region.distance_km(it), it.carbon.as_ref()?)));
    let (_, carbon) = near
        .filter(|(km, _)| *km <= SAME_GRID_KM)
        .min_by_key(|(km, _)| *km)?;
    Some(GridCarbon {
        exactness: Exactness::Estimated,
        ..carbon.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::region::Residency;

    #[test]
    fn facts_of_well_known_regions() {
        let regions = regions().unwrap();
        assert_eq!(regions.len(), 133);
        let frankfurt = regions.find("aws", "eu-central-1").unwrap();
        assert!(frankfurt.in_european_union());
        let carbon = frankfurt.carbon.as_ref().unwrap();
        assert_eq!(
            (carbon.milligrams_per_kwh, carbon.exactness),
            (275_810, Exactness::Estimated)
        );
        let zurich = regions.find("google", "europe-west6").unwrap();
        let eu: Residency = "eu".parse().unwrap();
        assert!(eu.allows(zurich).is_err());
        assert!(
            eu.allows(regions.find("azure", "westeurope").unwrap())
                .is_ok()
        );
        let kilometres = frankfurt.distance_km(regions.find("google", "europe-west3").unwrap());
        assert_eq!(kilometres, 0);
    }

    #[test]
    fn every_country_of_the_table_is_a_rule() {
        for region in regions().unwrap().iter() {
            let rule: Residency = region.country.parse().unwrap();
            assert!(rule.allows(region).is_ok(), "{}", region.code);
        }
    }

    #[test]
    fn a_wrong_line_is_refused() {
        let header = TABLE
            .lines()
            .find(|line| line.starts_with("provider"))
            .unwrap();
        let text = format!("{header}\naws,x,Y,de,europe,95,0,,\n");
        let error = parse("r", &text).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`r`, line 2: `95` is not a value of column `latitude`"
        );
    }
}
