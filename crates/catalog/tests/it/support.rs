//! What the tests of refreshes share.

use std::path::Path;
use std::time::Duration;

use domain::day::Day;
use domain::offer::{OfferRef, Purchase};
use tradewind_catalog::Catalog;
use tradewind_catalog::refresh::{HttpFetch, Limits, Report, Settings, aws, azure, refresh};

use crate::server::Server;

pub fn today() -> Day {
    Day::new(2026, 11, 23).unwrap()
}

pub fn limits() -> Limits {
    Limits {
        pause: Duration::from_millis(1),
        attempts: 3,
        ..Limits::default()
    }
}

pub fn only_aws(server: &Server) -> Settings {
    let settings = aws::Settings {
        base: server.base.clone(),
        regions: vec!["eu-central-1".to_owned()],
    };
    Settings {
        aws: Some(settings),
        limits: limits(),
        ..Settings::default()
    }
}

pub fn only_azure(server: &Server) -> Settings {
    let settings = azure::Settings {
        base: server.base.clone(),
        regions: Vec::new(),
    };
    Settings {
        azure: Some(settings),
        limits: limits(),
        ..Settings::default()
    }
}

pub async fn run(settings: &Settings, data: &Path) -> Report {
    // Another test may have been first; one provider is all that is needed.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    refresh(&HttpFetch::new(client), settings, data, today())
        .await
        .unwrap()
}

pub fn offer<'a>(catalog: &'a Catalog, machine: &str, region: &str) -> OfferRef<'a> {
    let mut found = catalog.offers().iter().filter(|it| {
        &*it.machine().name == machine
            && it.region() == region
            && it.machine().accelerator.is_none()
    });
    found.next().unwrap()
}

pub fn price(catalog: &Catalog, machine: &str, region: &str, purchase: Purchase) -> Option<i64> {
    offer(catalog, machine, region)
        .price(purchase)
        .map(|quote| quote.per_hour.micros)
}
