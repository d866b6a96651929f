//! Multi-model endpoints: one container for all the models below a prefix
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints.html>). A model that a
//! request names gets an endpoint of its own beside the caller's, made at the first request, scaled
//! to zero while nobody asks, and ended before others when the workers' memory is used up. It is
//! named by the endpoint and by what it serves, so that another object under the same key is another
//! model.

mod forget;
mod leaving;
mod own;

pub(crate) use forget::forget_all;
pub(crate) use leaving::take_out;

use super::container::Container;
use super::fault::fault;
use super::jobs::{channels, embedded};
use super::models;
use crate::fault::Fault;
use crate::operation::Call;
use contracts::objects::ObjectError;
use control::Caller;
use control::models::NewVersion;
use control::transact::hexadecimal;
use domain::EndpointName;
use domain::endpoint::{Endpoint, EndpointPhase, EndpointSpec};
use domain::job::CodeArchive;
use domain::model::{Approval, ServingContract};
use own::Own;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The label of a multi-model endpoint: the prefix of its models.
const MODELS: &str = "sagemaker:models-below";
/// The label of a model's own endpoint: the caller's endpoint.
const PARENT: &str = "sagemaker:model-of";
/// The label that says which model it is.
const TARGET: &str = "sagemaker:target-model";

/// Longest value of a label, bytes.
const LONGEST: usize = 512;
/// Characters of the caller's endpoint in the name of a model's.
const KEPT: usize = 40;

const FILE: &str = "multi_model.py";
const FILES: &[(&str, &str)] = &[(
    FILE,
    include_str!("../../../../../python/algorithms/multi_model.py"),
)];

/// What is registered for a multi-model container: nothing that answers, in the environment that its
/// models will have.
pub(crate) async fn nothing_yet(
    call: &Call<'_>,
    container: &Container,
) -> Result<NewVersion, Fault> {
    let prefix = container.artifact().unwrap_or_default();
    channels::s3("modelDataUrl", &prefix)?;
    if prefix.len() > LONGEST {
        return Err(Fault::validation(format!(
            "the ModelDataUrl of a multi-model container has at most {LONGEST} bytes here"
        )));
    }
    let location = embedded::folder(call, "algorithms", FILES).await?;
    let code: CodeArchive = channels::code(call, &location).await?;
    Ok(NewVersion {
        artifact: location,
        serving: ServingContract {
            handler: Some(FILE.to_owned()),
            code: Some(code),
            environment: container.environment(),
            ..ServingContract::default()
        },
        approval: Approval::Approved,
        metrics: BTreeMap::new(),
        tags: BTreeMap::from([(models::MADE_HERE.to_owned(), String::new())]),
    })
}

/// Adds the label of an endpoint that serves all models of a container.
pub(crate) fn label(labels: &mut BTreeMap<String, String>, container: &Container) {
    let prefix = container.artifact().unwrap_or_default();
    labels.insert(MODELS.to_owned(), prefix);
}

/// Whether requests must name a model.
pub(crate) fn is_multi_model(spec: &EndpointSpec) -> bool {
    spec.tags.contains_key(MODELS)
}

/// Whether an endpoint is one of a model that was named.
pub(crate) fn is_of_another(endpoint: &Endpoint) -> bool {
    endpoint.spec.tags.contains_key(PARENT)
}

/// The endpoint of a model of a multi-model endpoint, ready to answer.
pub(crate) async fn find(
    call: &Call<'_>,
    parent: &Endpoint,
    target: &str,
) -> Result<EndpointName, Fault> {
    let wrong = |message: String| Fault::new("ValidationError", message);
    let parts = target.trim_start_matches('/').split('/');
    if target.is_empty() || parts.clone().any(|part| part.is_empty() || part == "..") {
        return Err(wrong(format!("Invalid target model `{target}`")));
    }
    let prefix = parent.spec.tags.get(MODELS).cloned().unwrap_or_default();
    let location = format!(
        "{}/{}",
        prefix.trim_end_matches('/'),
        target.trim_start_matches('/')
    );
    let (bucket, key) = channels::s3("modelDataUrl", &location)?;
    let workspace = &call.principal.workspace;
    let head = match call
        .aws
        .control
        .objects
        .head(workspace, &bucket, &key)
        .await
    {
        Ok(head) => head,
        Err(ObjectError::NoSuchObject { .. } | ObjectError::NoSuchBucket { .. }) => {
            return Err(wrong(format!(
                "Failed to download model data(bucket: {bucket}, key: {key}). Please ensure that \
                 there is an object located at the URL and that the role passed to CreateModel \
                 has permissions to download the model."
            )));
        }
        Err(error) => return Err(fault(control::error::of_objects(error))),
    };
    let name = own_name(parent, &location, &head.etag)?;
    let own = Own {
        call,
        system: Caller::system(workspace.clone()),
        name,
        target,
    };
    match own.endpoint().await? {
        Some(found) if found.phase == EndpointPhase::Ready => {}
        Some(found) if found.phase != EndpointPhase::Deleting => own.wait().await?,
        _ => {
            own.make(parent, location).await?;
            own.wait().await?;
            own.forget_earlier(parent).await?;
        }
    }
    Ok(own.name)
}

/// A name for what an endpoint, as it is now, serves of an object, as it is now.
fn own_name(parent: &Endpoint, location: &str, etag: &str) -> Result<EndpointName, Fault> {
    let about = (
        &parent.name,
        parent.created,
        parent.generation,
        location,
        etag,
    );
    let digest = Sha256::digest(format!("{about:?}"));
    let kept: String = parent.name.as_str().chars().take(KEPT).collect();
    let name = format!("{kept}.{}", hexadecimal(&digest[..10]));
    EndpointName::new(name).map_err(|error| Fault::validation(error.to_string()))
}

fn shortened(text: &str) -> String {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::traffic::Traffic;
    use domain::{Timestamp, Workspace};

    fn endpoint(generation: u64) -> Endpoint {
        Endpoint {
            name: EndpointName::new("e".repeat(63)).unwrap(),
            workspace: Workspace::default(),
            spec: EndpointSpec {
                deployments: Vec::new(),
                tags: BTreeMap::new(),
                traffic: Traffic::default(),
                capture: None,
            },
            generation,
            phase: EndpointPhase::Ready,
            created: Timestamp(1),
            updated: Timestamp(1),
        }
    }

    #[test]
    fn a_model_has_a_name_for_what_it_is_now() {
        let name = |generation, etag| own_name(&endpoint(generation), "s3://b/m", etag).unwrap();
        assert_eq!(name(1, "a"), name(1, "a"));
        assert_ne!(name(1, "a"), name(1, "b"), "another object");
        assert_ne!(name(1, "a"), name(2, "a"), "another configuration");
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(shortened("short"), "short");
        let long = "ä".repeat(300);
        assert_eq!(shortened(&long).len(), 512);
        assert_eq!(shortened(&format!("a{long}")).len(), 511);
    }
}
