//! `drift`: how far what an endpoint is asked has moved from its baseline.

use crate::arguments::DriftArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use serde::{Deserialize, Serialize};

/// The server's report as far as it is shown.
#[derive(Debug, Serialize, Deserialize)]
struct Report {
    baseline: String,
    baseline_rows: usize,
    rows: usize,
    unread: usize,
    features: Vec<Feature>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Feature {
    name: String,
    change: String,
    psi: f64,
    psi_of_chance: f64,
    ks: Option<f64>,
    ks_chance: Option<f64>,
    mean_before: Option<f64>,
    mean: Option<f64>,
    missing_before: f64,
    missing: f64,
}

pub(super) async fn run(
    client: &Client,
    wanted: &DriftArguments,
    output: Output,
) -> Result<(), Failure> {
    let path = ["endpoints", wanted.endpoint.as_str(), "drift"];
    let report: Report = client.get(&path, &[]).await?;
    if output.json {
        output.value(&report);
        return Ok(());
    }
    output.say(format!(
        "{} newest rows beside {} of {}{}",
        report.rows,
        report.baseline_rows,
        report.baseline,
        match report.unread {
            0 => String::new(),
            unread => format!("; {unread} captured request(s) could not be read as rows"),
        }
    ));
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.4}"));
    output.table(
        &[
            "feature",
            "change",
            "psi",
            "by chance",
            "ks",
            "p",
            "mean before",
            "mean",
            "missing",
        ],
        &report.features,
        |feature| {
            vec![
                feature.name.clone(),
                feature.change.clone(),
                format!("{:.4}", feature.psi),
                format!("{:.4}", feature.psi_of_chance),
                number(feature.ks),
                number(feature.ks_chance),
                number(feature.mean_before),
                number(feature.mean),
                format!(
                    "{:.1} % → {:.1} %",
                    feature.missing_before * 100.0,
                    feature.missing * 100.0
                ),
            ]
        },
    );
    Ok(())
}
