//! New prices from the vendors' public price APIs.
//!
//! Downloads are resumable (byte ranges for files, a checkpoint for pages) and checked; a catalog
//! that was made of them is installed atomically and the one before it is kept. Base addresses are
//! settings, so that tests run against local servers that speak the same formats.

pub mod aws;
pub mod azure;
mod download;
mod fetch;
pub mod google;
mod http;
mod install;
mod jump;
mod merge;
mod pages;

use std::fs::File;
use std::path::Path;

use domain::day::Day;

use crate::plausibility::judge;
use crate::{Catalog, Error, Prices, encode};

pub(crate) use install::restore;
use merge::Batch;

pub use download::Limits;
pub use fetch::{Body, Fetch, Header, Reply, Request};
pub use http::HttpFetch;
pub use merge::{Merged, Update};

/// Whose prices to read, and from where.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// AWS price list bulk files.
    pub aws: Option<aws::Settings>,
    /// Azure retail prices.
    pub azure: Option<azure::Settings>,
    /// Google Cloud Billing catalog.
    pub google: Option<google::Settings>,
    /// Sizes, attempts and pauses.
    pub limits: Limits,
}

/// What a vendor's part of a refresh did.
#[derive(Debug)]
pub struct VendorReport {
    /// The provider.
    pub provider: &'static str,
    /// What it changed, or why it changed nothing.
    pub outcome: Result<Merged, Error>,
}

/// What a refresh did.
#[derive(Debug)]
pub struct Report {
    /// One entry for each vendor that was asked, in order.
    pub vendors: Vec<VendorReport>,
    /// Hash of the installed catalog; `None` when nothing was installed.
    pub installed: Option<String>,
    /// Figures that are not planned on now.
    pub quarantined: usize,
    /// Offers of the installed catalog.
    pub offers: usize,
}

/// What the vendors' readers share.
pub(crate) struct Session<'a> {
    pub(crate) fetch: &'a dyn Fetch,
    pub(crate) limits: &'a Limits,
    /// Where this vendor's downloads are kept.
    pub(crate) folder: &'a Path,
    pub(crate) previous: &'a Catalog,
    pub(crate) today: Day,
}

/// Reads new prices and installs a catalog in `<data>/catalog/`.
///
/// A vendor that fails leaves its offers as they were and does not stop the others; without any
/// new figure nothing is installed. Two refreshes of one folder at a time are refused.
pub async fn refresh(
    fetch: &dyn Fetch,
    settings: &Settings,
    data: &Path,
    today: Day,
) -> Result<Report, Error> {
    let folder = data.join("catalog");
    std::fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    let lock_path = folder.join("refresh.lock");
    let lock = File::create(&lock_path).map_err(Error::file("create", &lock_path))?;
    if lock.try_lock().is_err() {
        return Err(Error::Busy { path: lock_path });
    }
    let previous = Catalog::open(data)?;
    let mut merge = merge::Merge::new(&previous, today)?;
    let mut vendors = Vec::new();
    for provider in ["aws", "azure", "google"] {
        let downloads = folder.join("downloads").join(provider);
        let session = Session {
            fetch,
            limits: &settings.limits,
            folder: &downloads,
            previous: &previous,
            today,
        };
        let batch: Result<Batch, Error> = match provider {
            "aws" => match &settings.aws {
                Some(settings) => aws::read(&session, settings).await,
                None => continue,
            },
            "azure" => match &settings.azure {
                Some(settings) => azure::read(&session, settings).await,
                None => continue,
            },
            _ => match &settings.google {
                Some(settings) => google::read(&session, settings).await,
                None => continue,
            },
        };
        let outcome = batch.and_then(|batch| merge.apply(provider, batch));
        vendors.push(VendorReport { provider, outcome });
    }
    let changed = |report: &VendorReport| {
        report.outcome.as_ref().is_ok_and(|merged| {
            merged.changed + merged.confirmed + merged.added + merged.jumped > 0
        })
    };
    if !vendors.iter().any(changed) {
        let quarantined = previous.quarantined().len();
        let offers = previous.offers().len();
        return Ok(Report {
            vendors,
            installed: None,
            quarantined,
            offers,
        });
    }
    let (rows, kept) = merge.into_rows();
    let judged = judge(rows, &settings.limits.exchange)?;
    let mut quarantined = judged.quarantined;
    quarantined.extend(kept);
    quarantined.sort();
    quarantined.dedup();
    let transfer_pairs = previous.transfer_pairs().to_vec();
    let prices = Prices {
        offers: judged.offers,
        quarantined,
        transfer_pairs,
    };
    let file = encode(&prices)?;
    let installed = install::install(&folder, &file)?;
    Ok(Report {
        vendors,
        quarantined: installed.quarantined().len(),
        offers: installed.offers().len(),
        installed: Some(installed.hash().to_owned()),
    })
}
