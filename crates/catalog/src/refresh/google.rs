//! Google Cloud Billing catalog: pages of SKUs that lead to each other by `nextPageToken`.
//!
//! Format: cloud.google.com/billing/v1/how-tos/catalog-api. Machines are not SKUs; their prices are
//! sums of cores, memory and accelerators, see [`skus`].

mod skus;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::offer::{Exactness, Machine, MachineId, Purchase, Source};
use serde::Deserialize;

use super::merge::{Batch, Spot, Update};
use super::pages::pages;
use super::{Header, Session};
use crate::Error;
use crate::import::Figure;
use crate::import::google::PROVIDER;

/// The service "Compute Engine".
const COMPUTE_ENGINE: &str = "6F81-5844-456A";

/// Where to read, and as whom.
#[derive(Clone)]
pub struct Settings {
    /// Base address, without a slash at the end.
    pub base: String,
    /// API key; it is sent as a header, so that it does not show in addresses.
    pub key: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base: "https://cloudbilling.googleapis.com".to_owned(),
            key: String::new(),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Settings {{ base: {:?}, key: … }}", self.base)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    skus: Vec<skus::Sku>,
    #[serde(default)]
    next_page_token: String,
}

/// Reads all pages of Compute Engine SKUs and composes the machines of the catalog.
pub(super) async fn read(session: &Session<'_>, settings: &Settings) -> Result<Batch, Error> {
    let begin = format!(
        "{}/v1/services/{COMPUTE_ENGINE}/skus?currencyCode=USD&pageSize=5000",
        settings.base
    );
    let headers: Vec<Header> = if settings.key.is_empty() {
        Vec::new()
    } else {
        vec![Header {
            name: "x-goog-api-key",
            value: settings.key.clone(),
        }]
    };
    let next = |file: &str, bytes: &[u8]| -> Result<Option<String>, Error> {
        let page = parse(file, bytes)?;
        let token: String = page.next_page_token;
        let escaped: String = token.bytes().map(escape).collect();
        Ok((!token.is_empty()).then(|| format!("{begin}&pageToken={escaped}")))
    };
    let mut rates = skus::Rates::default();
    for path in pages(session, &begin, &headers, next).await? {
        let bytes = std::fs::read(&path).map_err(Error::file("read", &path))?;
        let page = parse(&path.display().to_string(), &bytes)?;
        for sku in &page.skus {
            rates.take(sku);
        }
    }
    let mut updates = Vec::new();
    for (machine, regions) in machines(session) {
        let Some(parts) = skus::parts(machine) else {
            continue;
        };
        for region in regions {
            let figure = |purchase| -> Option<Figure> { rates.sum(&parts, &region, purchase) };
            let figures = Purchase::ALL.map(figure);
            if figures[Purchase::OnDemand.index()].is_some() {
                updates.push(Update {
                    machine: machine.clone(),
                    region,
                    figures,
                });
            }
        }
    }
    let source = Source {
        name: format!("google-skus-{}", session.today).into(),
        note: "Google Cloud Billing catalog, sums of cores, memory and accelerators".into(),
        as_of: session.today,
        exactness: Exactness::Exact,
    };
    Ok(Batch {
        source,
        updates,
        spot: Spot::Listed,
        skipped: BTreeSet::new(),
    })
}

fn parse(file: &str, bytes: &[u8]) -> Result<Page, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::json(file, &error))
}

/// Percent-encodes what is not unreserved (RFC 3986).
fn escape(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    }
}

/// The catalog's machines with the regions in which they are offered or quarantined.
fn machines<'a>(session: &'a Session<'_>) -> Vec<(&'a Machine, BTreeSet<Arc<str>>)> {
    let offers = session.previous.offers();
    let mut quarantined: BTreeMap<&str, BTreeSet<Arc<str>>> = BTreeMap::new();
    for figure in session
        .previous
        .quarantined()
        .iter()
        .filter(|it| it.provider == PROVIDER)
    {
        quarantined
            .entry(&figure.machine)
            .or_default()
            .insert(figure.region.as_str().into());
    }
    let mut found = Vec::new();
    for (index, machine) in offers.machines().iter().enumerate() {
        if &*machine.provider != PROVIDER {
            continue;
        }
        let rows = offers.offers_of(MachineId(index as u32));
        let mut regions: BTreeSet<Arc<str>> = rows.map(|offer| offer.region().into()).collect();
        if let Some(more) = quarantined.get(&*machine.name) {
            regions.extend(more.iter().cloned());
        }
        found.push((machine, regions));
    }
    found
}
