//! Associations between two entities, by their ARNs.

use crate::fault::Fault;
use crate::kept::{self, Which};
use crate::operation::Call;
use crate::sagemaker::entities::{
    self, ACTION, ARTIFACT, COMPONENT, CONTEXT, EXPERIMENT, Entity, Kind, TRIAL,
};
use crate::sagemaker::experiments::components;
use crate::sagemaker::fault::fault;
use crate::sagemaker::registry::user;
use control::documents::{Document, NewDocument};
use domain::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The documents' kind.
const ASSOCIATION: &str = "sagemaker/association";
/// The labels of both ends.
const SOURCE: &str = "source";
const DESTINATION: &str = "destination";

const KINDS: &[Kind] = &[COMPONENT, ARTIFACT, ACTION, CONTEXT, EXPERIMENT, TRIAL];

/// What an association's document holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Association {
    pub(crate) source_arn: String,
    pub(crate) destination_arn: String,
    #[serde(
        default,
        rename = "AssociationType",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) kind: Option<String>,
    #[serde(default)]
    pub(crate) created_by: Value,
}

/// The end of an association.
pub(crate) struct End {
    pub(crate) kind: &'static Kind,
    pub(crate) entity: Entity,
}

impl End {
    /// `ArtifactType` and its like; what it was made by for components.
    pub(crate) fn type_of(&self) -> Option<&str> {
        let request = &self.entity.request;
        match self.kind.prefix {
            "TrialComponent" => request["Source"]["SourceType"].as_str(),
            prefix => request[format!("{prefix}Type")].as_str(),
        }
    }

    /// Its name, when it has one.
    pub(crate) fn name(&self) -> Option<&str> {
        match self.kind.prefix {
            "Artifact" => self.entity.request["ArtifactName"].as_str(),
            _ => Some(&self.entity.id),
        }
    }
}

/// The entity of an ARN, if it is there.
pub(crate) async fn end(call: &Call<'_>, arn: &str) -> Result<Option<End>, Fault> {
    for kind in KINDS {
        let before = kind.arn(call, "");
        // The region is the one that was asked; an ARN of another one is somewhere else.
        if arn.strip_prefix(&before).is_none_or(|id| id.contains('/')) {
            continue;
        }
        let found = if kind == &COMPONENT {
            components::find(call, arn).await?
        } else {
            entities::find(call, kind, arn).await?
        };
        return Ok(found.map(|entity| End { kind, entity }));
    }
    Ok(None)
}

fn missing(arn: &str) -> Fault {
    let arn: String = arn.chars().take(256).collect();
    Fault::new("ResourceNotFound", format!("'{arn}' does not exist."))
}

fn document(association: &Association) -> NewDocument {
    let (source, destination) = (&association.source_arn, &association.destination_arn);
    NewDocument {
        kind: ASSOCIATION.to_owned(),
        id: format!("{source} {destination}"),
        phase: "kept".to_owned(),
        labels: BTreeMap::from([
            (SOURCE.to_owned(), source.clone()),
            (DESTINATION.to_owned(), destination.clone()),
        ]),
        body: json!(association),
        ..NewDocument::default()
    }
}

/// Associates two entities that are there.
pub(crate) async fn add(call: &Call<'_>, mut association: Association) -> Result<(), Fault> {
    for arn in [&association.source_arn, &association.destination_arn] {
        if end(call, arn).await?.is_none() {
            return Err(missing(arn));
        }
    }
    association.created_by = user(call);
    let new = document(&association);
    match call.aws.control.create_document(&call.caller(), &new).await {
        Ok(_) => Ok(()),
        Err(Refusal::AlreadyExists { .. }) => Err(Fault::validation(format!(
            "the association from '{}' to '{}' already exists",
            association.source_arn, association.destination_arn
        ))),
        Err(refusal) => Err(fault(refusal)),
    }
}

/// Takes an association away.
pub(crate) async fn delete(call: &Call<'_>, association: &Association) -> Result<(), Fault> {
    let id = document(association).id;
    match call
        .aws
        .control
        .delete_document(&call.caller(), ASSOCIATION, &id)
        .await
    {
        Ok(()) => Ok(()),
        Err(Refusal::NotFound { .. }) => Err(missing(&association.source_arn)),
        Err(refusal) => Err(fault(refusal)),
    }
}

/// The associations of a source, a destination, or all.
pub(crate) async fn all(
    call: &Call<'_>,
    source: Option<&str>,
    destination: Option<&str>,
) -> Result<Vec<(Association, Document)>, Fault> {
    let mut which = Which::default();
    for (label, value) in [(SOURCE, source), (DESTINATION, destination)] {
        if let Some(value) = value {
            which.labels.insert(label.to_owned(), value.to_owned());
        }
    }
    let found = kept::all(call, ASSOCIATION, &which).await.map_err(fault)?;
    let read = |document: Document| {
        let association: Association = crate::operation::read(document.body.clone())?;
        Ok((association, document))
    };
    found.into_iter().map(read).collect()
}

/// Whether an entity is associated with anything; such a one is not deleted.
pub(crate) async fn refuse_when_associated(call: &Call<'_>, arn: &str) -> Result<(), Fault> {
    let mut both = all(call, Some(arn), None).await?;
    both.extend(all(call, None, Some(arn)).await?);
    if both.is_empty() {
        return Ok(());
    }
    Err(Fault::validation(format!(
        "'{arn}' has associations; delete them first"
    )))
}
