//! `deploy`: model versions are put behind an endpoint.

use super::endpoints::show;
use super::models::resolve;
use super::traffic::{capture, traffic};
use crate::arguments::{DeployArguments, NetworkWord, RetryWord};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use domain::endpoint::{
    Deployment, DeploymentOptions, Endpoint, EndpointPhase, EndpointSpec, NativeUse, Retry,
};
use domain::function::Network;
use domain::model::ModelReference;
use domain::traffic::Shadow;
use domain::{ByteSize, Name, Share};
use std::collections::{BTreeMap, BTreeSet};
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
    let path = ["endpoints", wanted.endpoint.as_str()];
    let before: Option<Endpoint> = if wanted.reset {
        None
    } else {
        client.found(&path).await?
    };
    let before = before.as_ref().map(|endpoint| &endpoint.spec);
    let names = names(wanted)?;
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
        deployments.push(deployment(client, wanted, before, names, model, share).await?);
    }
    let mut shadows = Vec::new();
    for text in &wanted.traffic.shadows {
        let (model, percent) = text.split_once('=').unwrap_or((text.as_str(), "100"));
        let shadow = deployment(client, wanted, before, names, model, Share::NONE).await?;
        shadows.push(Shadow {
            deployment: shadow.name.clone(),
            share: share(text, percent)?,
        });
        deployments.push(shadow);
    }
    let mut spec = EndpointSpec {
        deployments,
        tags: BTreeMap::new(),
        traffic: traffic(&wanted.traffic, shadows)?,
        capture: capture(&wanted.traffic)?,
    };
    if let Some(before) = before {
        keep(&mut spec, before);
    }
    spec.check()
        .map_err(|error| Failure::usage(error.to_string()))?;
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

/// How deployments are named.
#[derive(Debug, Clone, Copy)]
enum Names {
    /// `v3`: all are versions of one model.
    Versions,
    /// `digits-v3`: several models answer.
    Models,
}

/// Versions of one model are told apart by their numbers, those of several also by the model.
fn names(wanted: &DeployArguments) -> Result<Names, Failure> {
    let mut models = BTreeSet::new();
    for text in wanted.models.iter().chain(&wanted.traffic.shadows) {
        let model = text
            .split_once('=')
            .map_or(text.as_str(), |(model, _)| model);
        let reference = ModelReference::try_from(model.to_owned()).map_err(Failure::Usage)?;
        models.insert(reference.model().clone());
    }
    Ok(match models.len() {
        0 | 1 => Names::Versions,
        _ => Names::Models,
    })
}

/// What nothing was said of stays as it is: tags, who is kept at one deployment, what is captured.
/// A canary or shadows belong to the deployments they were given with.
fn keep(spec: &mut EndpointSpec, before: &EndpointSpec) {
    spec.tags.clone_from(&before.tags);
    if spec.traffic.sticky.is_none() {
        spec.traffic.sticky.clone_from(&before.traffic.sticky);
    }
    if spec.capture.is_none() {
        spec.capture.clone_from(&before.capture);
    }
}

/// A deployment of a model version. What nothing was said of is as at the endpoint's deployment of
/// the same version, else of the same model, else of the one with most of the traffic.
async fn deployment(
    client: &Client,
    wanted: &DeployArguments,
    before: Option<&EndpointSpec>,
    names: Names,
    model: &str,
    share: Share,
) -> Result<Deployment, Failure> {
    let reference = ModelReference::try_from(model.to_owned()).map_err(Failure::Usage)?;
    let (model, version) = resolve(client, &reference).await?;
    let like = before.and_then(|before| {
        before.deployments.iter().max_by_key(|one| {
            let same = one.model == model.name;
            (same && one.version == version, same, one.share)
        })
    });
    let name = match names {
        Names::Versions => format!("v{version}"),
        Names::Models => format!("{}-v{version}", model.name),
    };
    Ok(Deployment {
        name: Name::new(name).map_err(|e| Failure::usage(e.to_string()))?,
        model: model.name,
        version,
        replicas: wanted
            .replicas
            .or(like.map(|like| like.replicas))
            .unwrap_or(1),
        share,
        options: options(wanted, like.map(|like| like.options.clone()))?,
    })
}

/// How a deployment scales and computes: what was asked for, else what `kept` has.
fn options(
    wanted: &DeployArguments,
    kept: Option<DeploymentOptions>,
) -> Result<DeploymentOptions, Failure> {
    let memory = wanted.memory.as_deref().map(|text| {
        let size = ByteSize::parse(text).filter(|size| size.0 > 0);
        size.ok_or_else(|| Failure::usage(format!("`{text}` is no size such as `512MiB`")))
    });
    let mut options = kept.unwrap_or_default();
    options.most_replicas = match (wanted.max_replicas, wanted.replicas) {
        (Some(most), _) => Some(most),
        // A floor above the most that is kept lifts it.
        (None, Some(floor)) => options.most_replicas.map(|most| most.max(floor)),
        (None, None) => options.most_replicas,
    };
    options.batch = wanted.batch.or(options.batch);
    options.memory = memory.transpose()?.or(options.memory);
    if wanted.no_native {
        options.native = NativeUse::Off;
    }
    if let Some(word) = wanted.network {
        options.network = network(word);
    }
    if let Some(word) = wanted.retry {
        options.retry = match word {
            RetryWord::Once => Retry::Once,
            RetryWord::Never => Retry::Never,
        };
    }
    Ok(options)
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
