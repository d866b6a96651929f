//! Azure retail prices: pages of JSON that lead to each other by `NextPageLink`.
//!
//! Format: learn.microsoft.com/rest/api/cost-management/retail-prices. The list names neither
//! processors nor memory, so only machine types that the catalog knows are taken over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::offer::{Exactness, Machine, Purchase, Source};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Session;
use super::merge::{Batch, Spot, Update};
use super::pages::pages;
use crate::Error;
use crate::import::Figure;
use crate::import::azure::PROVIDER;

/// Where to read, and how much.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base address, without a slash at the end.
    pub base: String,
    /// Regions to read; empty means all.
    pub regions: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base: "https://prices.azure.com".to_owned(),
            regions: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(rename = "Items")]
    items: Vec<Item>,
    #[serde(rename = "NextPageLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(default)]
    currency_code: String,
    retail_price: Box<RawValue>,
    #[serde(default)]
    arm_region_name: String,
    #[serde(default)]
    arm_sku_name: String,
    #[serde(default)]
    sku_name: String,
    #[serde(default)]
    meter_name: String,
    #[serde(default)]
    product_name: String,
    #[serde(default)]
    unit_of_measure: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    tier_minimum_units: f64,
    #[serde(default)]
    savings_plan: Vec<Term>,
    #[serde(default = "primary")]
    is_primary_meter_region: bool,
}

/// Lists before the preview version did not say which meters they leave out.
fn primary() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    retail_price: Box<RawValue>,
    term: String,
}

/// Figures of each purchase kind, by machine and region.
type Figures = BTreeMap<(Machine, Arc<str>), [Option<Figure>; 4]>;

/// Reads all pages of virtual machine prices.
pub(super) async fn read(session: &Session<'_>, settings: &Settings) -> Result<Batch, Error> {
    let mut filter = "serviceName eq 'Virtual Machines' and priceType eq 'Consumption'".to_owned();
    let valid = |it: &&String| it.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let regions: Vec<String> = settings
        .regions
        .iter()
        .filter(valid)
        .map(|it| format!("armRegionName eq '{it}'"))
        .collect();
    if !regions.is_empty() {
        filter = format!("{filter} and ({})", regions.join(" or "));
    }
    let begin = format!(
        "{}/api/retail/prices?api-version=2023-01-01-preview&currencyCode=%27USD%27&$filter={}",
        settings.base,
        filter.replace(' ', "%20").replace('\'', "%27"),
    );
    let next = |file: &str, bytes: &[u8]| -> Result<Option<String>, Error> {
        let page: Page = parse(file, bytes)?;
        let next = page.next.filter(|next| !next.is_empty());
        match next {
            Some(next) if !same_server(&settings.base, &next) => {
                let to = next.chars().take(200).collect();
                Err(Error::Elsewhere {
                    address: settings.base.clone(),
                    to,
                })
            }
            next => Ok(next),
        }
    };
    let known: BTreeMap<&str, &Machine> = session
        .previous
        .offers()
        .machines()
        .iter()
        .filter(|machine| &*machine.provider == PROVIDER)
        .map(|machine| (&*machine.name, machine))
        .collect();
    // Only primary meters are billed; the others count where there is no primary one.
    let (mut updates, mut others) = (Figures::new(), Figures::new());
    let mut skipped = BTreeSet::new();
    for path in pages(session, &begin, &[], next).await? {
        let bytes = std::fs::read(&path).map_err(Error::file("read", &path))?;
        let page: Page = parse(&path.display().to_string(), &bytes)?;
        for item in page.items.iter().filter(|item| item.is_linux_hour()) {
            let Some(machine) = known.get(item.arm_sku_name.as_str()) else {
                skipped.insert(item.arm_sku_name.clone());
                continue;
            };
            let key = ((*machine).clone(), item.arm_region_name.as_str().into());
            let into = if item.is_primary_meter_region {
                &mut updates
            } else {
                &mut others
            };
            item.take_over(into.entry(key).or_default());
        }
    }
    for (key, figures) in others {
        let known = updates.entry(key).or_default();
        for (known, other) in known.iter_mut().zip(figures) {
            *known = known.take().or(other);
        }
    }
    let source = Source {
        name: format!("azure-retail-{}", session.today).into(),
        note: "Azure retail prices API, Linux machines".into(),
        as_of: session.today,
        exactness: Exactness::Exact,
    };
    let update = |((machine, region), figures)| Update {
        machine,
        region,
        figures,
    };
    let updates = updates.into_iter().map(update).collect();
    Ok(Batch {
        source,
        updates,
        spot: Spot::Listed,
        skipped,
    })
}

fn parse(file: &str, bytes: &[u8]) -> Result<Page, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::json(file, &error))
}

/// Whether the address lies on the base's server; the service writes its port out.
fn same_server(base: &str, next: &str) -> bool {
    let server = |address: &str| -> Option<(String, String)> {
        let (scheme, rest) = address.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let default = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(default).unwrap_or(authority);
        Some((scheme.to_ascii_lowercase(), authority.to_ascii_lowercase()))
    };
    server(base).is_some() && server(base) == server(next)
}

impl Item {
    fn is_linux_hour(&self) -> bool {
        let odd = [
            "Windows",
            "CloudServices",
            "Cloud Services",
            "Dedicated Host",
        ];
        self.kind == "Consumption"
            && self.unit_of_measure == "1 Hour"
            && self.tier_minimum_units <= 0.0
            && !self.arm_sku_name.is_empty()
            && !self.arm_region_name.is_empty()
            && !odd.iter().any(|odd| self.product_name.contains(odd))
            && !self.sku_name.contains("Low Priority")
            && !self.meter_name.contains("Low Priority")
    }

    fn take_over(&self, figures: &mut [Option<Figure>; 4]) {
        let currency: Arc<str> = self.currency_code.as_str().into();
        let figure = |value: &RawValue| {
            Some(Figure {
                text: value.get().to_owned(),
                currency: currency.clone(),
            })
        };
        if self.sku_name.contains("Spot") || self.meter_name.contains("Spot") {
            figures[Purchase::Spot.index()] = figure(&self.retail_price);
            return;
        }
        figures[Purchase::OnDemand.index()] = figure(&self.retail_price);
        for term in &self.savings_plan {
            let purchase = match term.term.as_str() {
                "1 Year" => Purchase::CommittedOneYear,
                "3 Years" => Purchase::CommittedThreeYears,
                _ => continue,
            };
            figures[purchase.index()] = figure(&term.retail_price);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::same_server;

    #[test]
    fn another_server_is_not_followed() {
        let base = "https://prices.azure.com";
        assert!(same_server(
            base,
            "https://prices.azure.com:443/api/retail/prices?$skip=100"
        ));
        assert!(!same_server(
            base,
            "https://prices.azure.com.evil.example/api"
        ));
        assert!(!same_server(
            base,
            "https://prices.azure.com@evil.example/api"
        ));
        assert!(!same_server(base, "http://prices.azure.com/api"));
        assert!(!same_server(base, "/api"));
    }
}
