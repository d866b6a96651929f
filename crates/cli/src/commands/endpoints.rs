//! `endpoints`: what answers predictions.

use super::jobs::Page;
use crate::arguments::Listing;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, ago};
use domain::endpoint::{Endpoint, EndpointPhase};

pub(super) async fn run(client: &Client, wanted: &Listing, output: Output) -> Result<(), Failure> {
    if let Some(name) = &wanted.id {
        let endpoint: Endpoint = client.get(&["endpoints", name], &[]).await?;
        output.document(&endpoint);
        show(&endpoint, client, output);
        return Ok(());
    }
    let query = [("limit", wanted.limit.to_string())];
    let page: Page<Endpoint> = client.get(&["endpoints"], &query).await?;
    output.table(
        &["endpoint", "state", "serves", "updated"],
        &page.items,
        |endpoint| {
            let deployments = endpoint.spec.deployments.iter();
            let serves = deployments.map(|d| format!("{}:{} {}", d.model, d.version, d.share));
            vec![
                endpoint.name.to_string(),
                endpoint.phase.word().to_owned(),
                serves.collect::<Vec<_>>().join(", "),
                ago(endpoint.updated),
            ]
        },
    );
    Ok(())
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
