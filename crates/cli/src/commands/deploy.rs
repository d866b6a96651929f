//! `deploy`: model versions are put behind an endpoint.

use super::endpoints::show;
use super::models::resolve;
use super::traffic::{capture, traffic};
use crate::arguments::{DeployArguments, NetworkWord};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use domain::endpoint::{
    Deployment, DeploymentOptions, Endpoint, EndpointPhase, EndpointSpec, NativeUse,
};
use domain::function::Network;
use domain::model::ModelReference;
use domain::traffic::Shadow;
use domain::{ByteSize, Name, Share};
use std::collections::BTreeMap;
use std::time::Duration;

/// Pause between two looks at an endpoint that is being changed.
const POLL: Duration = Duration::from_millis(100);

pub(super) async fn run(
    client: &Client,
    wanted: &DeployArguments,
    output: Output,
) -> Result<(), Failure> {
    if wanted.models.is_empty() {
        return Err(Failure::usage(format!(
            "say which model `{}` shall serve, as in `digits:3`; a template ends with `.yaml`, \
             `.yml` or `.json`",
            wanted.endpoint
        )));
    }
    let mut deployments = Vec::new();
    for text in &wanted.models {
        let (model, share) = match text.split_once('=') {
            Some((model, percent)) => (model, share(text, percent)?),
            None if wanted.models.len() == 1 => (text.as_str(), Share::ALL),
            None => {
                let message = "with several models each needs its share: `digits:3=90 digits:4=10`";
                return Err(Failure::usage(message));
            }
        };
        deployments.push(deployment(client, wanted, model, share).await?);
    }
    let mut shadows = Vec::new();
    for text in &wanted.traffic.shadows {
        let (model, percent) = text.split_once('=').unwrap_or((text.as_str(), "100"));
        let shadow = deployment(client, wanted, model, Share::NONE).await?;
        shadows.push(Shadow {
            deployment: shadow.name.clone(),
            share: share(text, percent)?,
        });
        deployments.push(shadow);
    }
    let spec = EndpointSpec {
        deployments,
        tags: BTreeMap::new(),
        traffic: traffic(&wanted.traffic, shadows)?,
        capture: capture(&wanted.traffic)?,
    };
    spec.check()
        .map_err(|error| Failure::usage(error.to_string()))?;
    let path = ["endpoints", wanted.endpoint.as_str()];
    let mut endpoint: Endpoint = client.put(&path, &spec).await?;
    while matches!(
        endpoint.phase,
        EndpointPhase::Creating | EndpointPhase::Updating
    ) {
        tokio::time::sleep(POLL).await;
        endpoint = client.get(&path, &[]).await?;
    }
    output.document(&endpoint);
    show(&endpoint, client, output);
    match &endpoint.phase {
        EndpointPhase::Failed { message } => Err(Failure::Failed(message.clone())),
        _ => Ok(()),
    }
}

/// A deployment of a model version.
async fn deployment(
    client: &Client,
    wanted: &DeployArguments,
    model: &str,
    share: Share,
) -> Result<Deployment, Failure> {
    let reference = ModelReference::try_from(model.to_owned()).map_err(Failure::Usage)?;
    let (model, version) = resolve(client, &reference).await?;
    Ok(Deployment {
        name: Name::new(format!("v{version}")).map_err(|e| Failure::usage(e.to_string()))?,
        model: model.name,
        version,
        replicas: wanted.replicas,
        share,
        options: options(wanted)?,
    })
}

fn options(wanted: &DeployArguments) -> Result<DeploymentOptions, Failure> {
    let memory = wanted.memory.as_deref().map(|text| {
        let size = ByteSize::parse(text).filter(|size| size.0 > 0);
        size.ok_or_else(|| Failure::usage(format!("`{text}` is no size such as `512MiB`")))
    });
    Ok(DeploymentOptions {
        most_replicas: wanted.max_replicas,
        batch: wanted.batch,
        native: if wanted.no_native {
            NativeUse::Off
        } else {
            NativeUse::Auto
        },
        memory: memory.transpose()?,
        network: network(wanted.network),
    })
}

pub(super) fn network(word: NetworkWord) -> Network {
    match word {
        NetworkWord::None => Network::None,
        NetworkWord::Loopback => Network::Loopback,
        NetworkWord::Open => Network::Open,
    }
}

pub(super) fn share(text: &str, percent: &str) -> Result<Share, Failure> {
    let percent = percent
        .trim_end_matches('%')
        .parse()
        .ok()
        .and_then(Share::percent);
    percent.ok_or_else(|| {
        Failure::usage(format!(
            "`{text}`: a share is a whole number of per cent, 0 to 100"
        ))
    })
}
