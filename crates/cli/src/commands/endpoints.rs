//! `endpoints`: what answers predictions.

use super::jobs::first;
use crate::arguments::Listing;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, ago};
use domain::endpoint::{Endpoint, EndpointPhase};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn run(client: &Client, wanted: &Listing, output: Output) -> Result<(), Failure> {
    if let Some(name) = &wanted.id {
        let endpoint: Endpoint = client.get(&["endpoints", name], &[]).await?;
        output.document(&endpoint);
        show(&endpoint, client, output);
        let report = report(client, name).await;
        for deployment in report.iter().flat_map(|report| &report.deployments) {
            output.say(deployment.line());
        }
        return Ok(());
    }
    let mut found: Vec<Endpoint> = first(client, &["endpoints"], &[], wanted.limit).await?;
    if let Some(phases) = &wanted.phase {
        found.retain(|endpoint| phases.split(',').any(|word| word == endpoint.phase.word()));
    }
    let mut engines = BTreeMap::new();
    for endpoint in &found {
        if let Some(report) = report(client, endpoint.name.as_str()).await {
            engines.insert(endpoint.name.clone(), report.engines());
        }
    }
    output.table(
        &["endpoint", "state", "serves", "engine", "updated"],
        &found,
        |endpoint| {
            let deployments = endpoint.spec.deployments.iter();
            let serves = deployments.map(|d| format!("{}:{} {}", d.model, d.version, d.share));
            vec![
                endpoint.name.to_string(),
                endpoint.phase.word().to_owned(),
                serves.collect::<Vec<_>>().join(", "),
                engines.get(&endpoint.name).cloned().unwrap_or_default(),
                ago(endpoint.updated),
            ]
        },
    );
    Ok(())
}

/// What the server says of an endpoint's work, as far as it is shown.
#[derive(Deserialize)]
struct Report {
    deployments: Vec<DeploymentReport>,
}

#[derive(Deserialize)]
struct DeploymentReport {
    name: String,
    engine: Option<String>,
    engine_detail: Option<String>,
    #[serde(default)]
    not_enforced: Vec<String>,
    replicas: Replicas,
    waiting: usize,
    trouble: Option<String>,
    requests: Requests,
    latency: Latency,
}

#[derive(Deserialize)]
struct Replicas {
    ready: u32,
    starting: u32,
    floor: u32,
    most: u32,
}

#[derive(Deserialize)]
struct Requests {
    answered: u64,
    cold_starts: u64,
}

#[derive(Deserialize)]
struct Latency {
    p50: Option<f64>,
    p99: Option<f64>,
}

/// None where this server does not have the endpoint yet.
async fn report(client: &Client, name: &str) -> Option<Report> {
    client.get(&["endpoints", name, "status"], &[]).await.ok()
}

impl Report {
    fn engines(&self) -> String {
        let engines = self.deployments.iter().map(DeploymentReport::engine);
        engines
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl DeploymentReport {
    fn engine(&self) -> &str {
        let idle = match self.trouble {
            Some(_) => "failing",
            None if self.replicas.starting > 0 => "starting",
            None => "asleep",
        };
        self.engine.as_deref().unwrap_or(idle)
    }

    fn line(&self) -> String {
        let idle = match &self.trouble {
            Some(trouble) => trouble.as_str(),
            None if self.replicas.starting > 0 => "a replica loads the model",
            None => "no replica is needed now",
        };
        let detail = match &self.engine {
            Some(_) => self.engine_detail.as_deref(),
            None => Some(idle),
        };
        let detail = detail.map_or_else(String::new, |detail| format!(" ({detail})"));
        let Replicas {
            ready, floor, most, ..
        } = self.replicas;
        let mut line = format!(
            "  {}: {}{detail}; {ready} of {floor} to {most} worker(s) ready, {} waiting, {} answered, {} cold start(s)",
            self.name,
            self.engine(),
            self.waiting,
            self.requests.answered,
            self.requests.cold_starts
        );
        if let (Some(p50), Some(p99)) = (self.latency.p50, self.latency.p99) {
            line += &format!(", p50 {p50:.3} ms, p99 {p99:.3} ms");
        }
        if !self.not_enforced.is_empty() {
            let lacks = self.not_enforced.join(", ");
            line += &format!("\n    not confined in: {lacks}");
        }
        line
    }
}

pub(super) fn show(endpoint: &Endpoint, client: &Client, output: Output) {
    let word = endpoint.phase.word();
    output.say(format!(
        "{}  {word}  generation {}",
        endpoint.name, endpoint.generation
    ));
    if let EndpointPhase::Failed { message } = &endpoint.phase {
        output.say(format!("  {message}"));
    }
    for deployment in &endpoint.spec.deployments {
        output.say(format!(
            "  {}: {}:{}, {} of the traffic, {} worker(s)",
            deployment.name,
            deployment.model,
            deployment.version,
            deployment.share,
            deployment.replicas
        ));
    }
    super::traffic::show(&endpoint.spec, output);
    let address = client.address();
    output.say(format!(
        "  POST {address}/api/v1/endpoints/{}/predict",
        endpoint.name
    ));
    output.say(format!(
        "  POST {address}/v2/models/{}/infer",
        endpoint.name
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(engine: Option<&str>, starting: u32, trouble: Option<&str>) -> String {
        let report = json!({
            "name": "v1", "engine": engine, "engine_detail": null, "waiting": 0,
            "trouble": trouble,
            "replicas": {"ready": u32::from(engine.is_some()), "starting": starting, "floor": 1, "most": 1},
            "requests": {"answered": 0, "cold_starts": 0},
            "latency": {"p50": null, "p99": null},
        });
        let report: DeploymentReport = serde_json::from_value(report).unwrap();
        report.line()
    }

    #[test]
    fn only_what_is_not_wanted_is_called_asleep() {
        let failing = line(None, 0, Some("line 1: ValueError: no licence"));
        assert!(
            failing.starts_with("  v1: failing (line 1: ValueError: no licence); 0 of 1"),
            "{failing}"
        );
        let starting = line(None, 1, None);
        assert!(starting.contains("starting (a replica loads"), "{starting}");
        let asleep = line(None, 0, None);
        assert!(
            asleep.contains("asleep (no replica is needed now)"),
            "{asleep}"
        );
        assert!(line(Some("python"), 0, None).starts_with("  v1: python; 1 of 1"));
    }
}
