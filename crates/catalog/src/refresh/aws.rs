//! AWS price list bulk files: service index, region index, one CSV of prices for each region.
//!
//! Format: "Reading the price list files", AWS Billing user guide. The CSV begins with lines of
//! metadata; then comes the header with the column `SKU`. Spot prices are not in it.

mod prices;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::download::download;
use super::merge::{Batch, Spot};
use super::{Request, Session};
use crate::Error;

/// Where to read, and how much.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base address, without a slash at the end.
    pub base: String,
    /// Regions to read; each is a file of some hundred megabytes. Empty means those of the catalog.
    pub regions: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let base = "https://pricing.us-east-1.amazonaws.com".to_owned();
        Self {
            base,
            regions: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceIndex {
    offers: BTreeMap<String, Service>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    current_region_index_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegionIndex {
    regions: BTreeMap<String, RegionFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegionFile {
    current_version_url: String,
}

/// Reads the price files of the wanted regions.
pub(super) async fn read(session: &Session<'_>, settings: &Settings) -> Result<Batch, Error> {
    let services: ServiceIndex = json(
        session,
        &settings.base,
        "/offers/v1.0/aws/index.json",
        "index.json",
    )
    .await?;
    let compute = services.offers.get("AmazonEC2");
    let Some(index) = compute.and_then(|it| it.current_region_index_url.as_ref()) else {
        return Err(Error::Broken {
            address: format!("{}/offers/v1.0/aws/index.json", settings.base),
            reason: "it does not list `AmazonEC2` by region".to_owned(),
        });
    };
    let regions: RegionIndex = json(session, &settings.base, index, "regions.json").await?;
    let mut wanted = settings.regions.clone();
    if wanted.is_empty() {
        let known = session.previous.offers().regions().iter();
        let known = known.filter(|(provider, _)| &**provider == crate::import::aws::PROVIDER);
        wanted = known.map(|(_, code)| code.to_string()).collect();
    }
    let known = prices::Machines::new(session.previous.offers());
    let mut found = prices::Found::default();
    for region in wanted {
        let Some(file) = regions.regions.get(&region) else {
            found.skipped.insert(format!("region {region}"));
            continue;
        };
        let path = file.current_version_url.strip_suffix(".json").map_or_else(
            || file.current_version_url.clone(),
            |stem| format!("{stem}.csv"),
        );
        let address = address(&settings.base, &path)?;
        let request = Request {
            address,
            ..Request::default()
        };
        let safe: String = region
            .chars()
            .map(|it| if it.is_ascii_alphanumeric() { it } else { '-' })
            .collect();
        let path = download(session, request, &format!("{safe}.csv")).await?;
        // A file that is refused is fetched anew the next time.
        prices::read(&path, &known, &mut found).inspect_err(|_| super::download::forget(&path))?;
    }
    Ok(found.into_batch(session.today, Spot::Carried))
}

async fn json<T: serde::de::DeserializeOwned>(
    session: &Session<'_>,
    base: &str,
    path: &str,
    name: &str,
) -> Result<T, Error> {
    let request = Request {
        address: address(base, path)?,
        ..Request::default()
    };
    let file = download(session, request, name).await?;
    let text = std::fs::read(&file).map_err(Error::file("read", &file))?;
    // The indexes change daily under one address.
    super::download::forget(&file);
    serde_json::from_slice(&text).map_err(|error| Error::json(&file.display().to_string(), &error))
}

/// Paths in the indexes are relative to the base; an address of another server is not followed.
fn address(base: &str, path: &str) -> Result<String, Error> {
    if path.starts_with(base) {
        return Ok(path.to_owned());
    }
    if path.starts_with('/') && !path.starts_with("//") {
        return Ok(format!("{base}{path}"));
    }
    Err(Error::Elsewhere {
        address: base.to_owned(),
        to: path.chars().take(200).collect(),
    })
}
