//! `catalog refresh`.

use super::{failed, today};
use crate::arguments::{Arguments, RefreshArguments};
use crate::embedded::data_folder;
use crate::failure::Failure;
use crate::output::Output;
use catalog::refresh::{HttpFetch, Settings, aws, azure, google, refresh};
use serde_json::json;
use std::time::Duration;

pub(super) async fn run(
    arguments: &Arguments,
    wanted: &RefreshArguments,
    output: Output,
) -> Result<(), Failure> {
    let settings = settings(wanted)?;
    let data = data_folder(arguments)?;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(20))
        .read_timeout(Duration::from_mins(1))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Failure::here(format!("no HTTP client can be made: {error}")))?;
    let fetch = HttpFetch::new(client);
    let report = refresh(&fetch, &settings, &data, today())
        .await
        .map_err(|error| failed(&error))?;
    let mut refused = Vec::new();
    let mut vendors = Vec::new();
    for vendor in &report.vendors {
        let name = vendor.provider;
        match &vendor.outcome {
            Ok(merged) => {
                output.say(format!(
                    "{name}: {} changed, {} confirmed, {} added, {} jumped, {} machine types unknown",
                    merged.changed,
                    merged.confirmed,
                    merged.added,
                    merged.jumped,
                    merged.skipped.len()
                ));
                vendors.push(json!({
                    "provider": name, "changed": merged.changed, "confirmed": merged.confirmed,
                    "added": merged.added, "jumped": merged.jumped, "skipped": merged.skipped,
                }));
            }
            Err(error) => {
                let Failure::Failed(text) = failed(error) else {
                    continue;
                };
                vendors.push(json!({"provider": name, "error": text}));
                refused.push(format!("{name}: {text}"));
            }
        }
    }
    output.document(&json!({
        "vendors": vendors, "installed": report.installed,
        "offers": report.offers, "quarantined": report.quarantined,
    }));
    if let Some(hash) = &report.installed {
        output.say(format!(
            "installed {hash}: {} offers, {} prices set aside",
            report.offers, report.quarantined
        ));
    }
    if refused.is_empty() {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "the earlier prices of these stay: {}",
        refused.join("; ")
    )))
}

/// Whose lists are read, and from where.
fn settings(wanted: &RefreshArguments) -> Result<Settings, Failure> {
    if wanted.base_url.is_some() && wanted.provider.len() != 1 {
        return Err(Failure::usage(
            "`--base-url` needs exactly one `--provider`",
        ));
    }
    let base = wanted.base_url.as_ref();
    let base = base.map(|url| url.trim_end_matches('/').to_owned());
    let named = |name: &str| wanted.provider.iter().any(|it| it == name);
    let asked = |name: &str| wanted.provider.is_empty() || named(name);
    let mut settings = Settings::default();
    if asked("aws") {
        let usual = aws::Settings::default();
        settings.aws = Some(aws::Settings {
            base: base.clone().unwrap_or(usual.base),
            regions: wanted.region.clone(),
        });
    }
    if asked("azure") {
        let usual = azure::Settings::default();
        settings.azure = Some(azure::Settings {
            base: base.clone().unwrap_or(usual.base),
            regions: wanted.region.clone(),
        });
    }
    match &wanted.google_key {
        Some(key) if asked("google") => {
            let usual = google::Settings::default();
            settings.google = Some(google::Settings {
                base: base.unwrap_or(usual.base),
                key: key.clone(),
            });
        }
        None if named("google") => {
            return Err(Failure::usage(
                "Google Cloud's price list needs an API key: `--google-key` or the variable \
                 GOOGLE_API_KEY",
            ));
        }
        _ => {}
    }
    Ok(settings)
}
