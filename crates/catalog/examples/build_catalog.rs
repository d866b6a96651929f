//! Builds the embedded catalog from a folder of price lists:
//! `cargo run --release -p tradewind-catalog --example build_catalog -- <folder> <file>`.
//!
//! The lists themselves stay outside of the repository; their figures are carried over with source
//! and day.

use std::collections::BTreeMap;
use std::path::Path;

use catalog::import::{ExchangeRates, Rows, aws, azure, google, transfer};
use catalog::{Prices, encode, facts::Accelerators, plausibility};
use tradewind_catalog as catalog;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[expect(
    clippy::print_stdout,
    reason = "a report for the person who builds the catalog"
)]
fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(target)) = (arguments.next(), arguments.next()) else {
        return Err("usage: build_catalog <folder with price lists> <file to write>".into());
    };
    let folder = Path::new(&folder);
    let list = |name: &str| std::fs::read(folder.join(name));
    let accelerators = Accelerators::embedded()?;
    let mut rows = Rows::default();
    aws::read(
        "aws-vms.csv",
        &list("aws-vms.csv.gz")?,
        &accelerators,
        &mut rows,
    )?;
    azure::read(
        "azure-vms.csv",
        &list("azure-vms.csv.gz")?,
        &accelerators,
        &mut rows,
    )?;
    google::read(
        "gcp-vms.csv",
        &list("gcp-vms.csv.gz")?,
        &accelerators,
        &mut rows,
    )?;
    let transfer_pairs = transfer::read("aws_transfer.csv", &list("aws_transfer_usd_per_gb.csv")?)?;
    let read = rows.rows.len();
    let judged = plausibility::judge(rows, &ExchangeRates::default())?;
    let mut reasons: BTreeMap<(String, String), usize> = BTreeMap::new();
    for figure in &judged.quarantined {
        *reasons
            .entry((figure.provider.clone(), figure.rule.clone()))
            .or_default() += 1;
    }
    let prices = Prices {
        offers: judged.offers,
        quarantined: judged.quarantined,
        transfer_pairs,
    };
    let file = encode(&prices)?;
    std::fs::write(&target, &file)?;
    println!(
        "{read} rows read, {} offers of {} machine types kept, {} figures quarantined",
        prices.offers.len(),
        prices.offers.machines().len(),
        prices.quarantined.len()
    );
    for ((provider, rule), count) in reasons {
        println!("  {provider} {rule}: {count}");
    }
    println!("{} bytes written to {target}", file.len());
    Ok(())
}
