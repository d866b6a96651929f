//! Experiments, trials, trial components, actions, artifacts and contexts have one shape: a name
//! or an id, what was sent, who made and who changed it. This is that shape.

use super::fault::fault;
use super::listing::{Listed, Listing, Page};
use super::registry::user;
use super::tags::{self, Tag};
use crate::account::Account;
use crate::fault::Fault;
use crate::kept::{self, Which};
use crate::operation::{Call, read};
use crate::time::Epoch;
use control::documents::{Document, NewDocument};
use domain::{Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A kind of entity.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The documents' kind.
    pub(crate) document: &'static str,
    /// As ARNs name it.
    pub(crate) word: &'static str,
    /// What its members begin with: `Trial` for `TrialName` and `TrialArn`.
    pub(crate) prefix: &'static str,
}

pub(crate) const EXPERIMENT: Kind = kind("sagemaker/experiment", "experiment", "Experiment");
pub(crate) const TRIAL: Kind = kind("sagemaker/trial", "experiment-trial", "Trial");
pub(crate) const COMPONENT: Kind = kind(
    "sagemaker/trial-component",
    "experiment-trial-component",
    "TrialComponent",
);
pub(crate) const ACTION: Kind = kind("sagemaker/action", "action", "Action");
pub(crate) const ARTIFACT: Kind = kind("sagemaker/artifact", "artifact", "Artifact");
pub(crate) const CONTEXT: Kind = kind("sagemaker/context", "context", "Context");

const fn kind(document: &'static str, word: &'static str, prefix: &'static str) -> Kind {
    Kind {
        document,
        word,
        prefix,
    }
}

/// Members whose entries are added one by one, each with the member that takes some away.
const MERGED: &[(&str, &str)] = &[
    ("Properties", "PropertiesToRemove"),
    ("Parameters", "ParametersToRemove"),
    ("InputArtifacts", "InputArtifactsToRemove"),
    ("OutputArtifacts", "OutputArtifactsToRemove"),
];

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Body {
    request: Value,
    by: Value,
    changed_by: Option<Value>,
}

/// An entity.
#[derive(Debug, Clone)]
pub(crate) struct Entity {
    pub(crate) id: String,
    /// What it belongs to: a trial's experiment.
    pub(crate) parent: Option<String>,
    /// As it was sent and updated.
    pub(crate) request: Value,
    pub(crate) by: Value,
    pub(crate) changed_by: Option<Value>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    labels: BTreeMap<String, String>,
    revision: Option<i64>,
}

impl Listed for Entity {
    fn name(&self) -> String {
        self.id.clone()
    }
    fn created(&self) -> Timestamp {
        self.created
    }
    fn modified(&self) -> Timestamp {
        self.modified
    }
    fn status(&self) -> String {
        String::new()
    }
}

impl Kind {
    /// The member with its name.
    pub(crate) fn name_member(&self) -> String {
        format!("{}Name", self.prefix)
    }

    /// The member with its ARN.
    pub(crate) fn arn_member(&self) -> String {
        format!("{}Arn", self.prefix)
    }

    /// The ARN of an entity.
    pub(crate) fn arn(&self, call: &Call<'_>, id: &str) -> String {
        call.arn("sagemaker", &format!("{}/{id}", self.word))
    }

    /// The id in a name or an ARN.
    pub(crate) fn id<'a>(&self, text: &'a str) -> &'a str {
        Account::name_of(text, self.word)
    }

    /// The answer that says only which it was.
    pub(crate) fn answer(&self, call: &Call<'_>, id: &str) -> Value {
        json!({ self.arn_member(): self.arn(call, id) })
    }

    /// What is said of one that is not there.
    pub(crate) fn missing(&self, call: &Call<'_>, id: &str) -> Fault {
        let arn = self.arn(call, &id.chars().take(120).collect::<String>());
        Fault::new(
            "ResourceNotFound",
            format!("{} '{arn}' does not exist.", self.prefix),
        )
    }
}

impl Entity {
    /// One that is made out of something else.
    pub(crate) fn derived(id: &str, request: Value, created: Timestamp, at: Timestamp) -> Self {
        Self {
            id: id.to_owned(),
            parent: None,
            request,
            by: json!({}),
            changed_by: None,
            created,
            modified: at,
            labels: BTreeMap::new(),
            revision: None,
        }
    }

    fn of(document: Document, revision: Option<i64>) -> Result<Self, Fault> {
        let body: Body = read(document.body)?;
        Ok(Self {
            id: document.id,
            parent: document.parent,
            request: body.request,
            by: body.by,
            changed_by: body.changed_by,
            created: document.created,
            modified: document.updated,
            labels: document.labels,
            revision,
        })
    }

    /// Its description.
    pub(crate) fn described(&self, call: &Call<'_>, kind: &Kind) -> Value {
        let mut described = self.request.clone();
        if !(kind == &ARTIFACT) {
            described[kind.name_member()] = json!(self.id);
        }
        described[kind.arn_member()] = json!(kind.arn(call, &self.id));
        described["CreationTime"] = json!(Epoch(self.created));
        described["CreatedBy"] = self.by.clone();
        described["LastModifiedTime"] = json!(Epoch(self.modified));
        described["LastModifiedBy"] = self.changed_by.clone().unwrap_or_else(|| self.by.clone());
        described
    }

    /// Its summary in a list: with these members besides names and times.
    pub(crate) fn summary(&self, call: &Call<'_>, kind: &Kind, members: &[&str]) -> Value {
        let described = self.described(call, kind);
        let (name, arn) = (kind.name_member(), kind.arn_member());
        let common = [name.as_str(), &arn, "CreationTime", "LastModifiedTime"];
        let mut summary = Map::new();
        for member in common.iter().chain(members) {
            if let Some(value) = described.get(*member) {
                summary.insert((*member).to_owned(), value.clone());
            }
        }
        Value::Object(summary)
    }

    /// Takes over what an update says.
    pub(crate) fn merge(&mut self, input: &Value, kind: &Kind) {
        let Some(members) = input.as_object() else {
            return;
        };
        let identity = [kind.name_member(), kind.arn_member()];
        for (name, value) in members {
            let renames = kind == &ARTIFACT && name == "ArtifactName";
            let removal = MERGED.iter().find(|(_, remove)| remove == name);
            let addition = MERGED.iter().any(|(add, _)| add == name);
            match removal {
                _ if value.is_null() || (identity.contains(name) && !renames) => {}
                Some((from, _)) => remove(&mut self.request, from, value),
                None if addition => {
                    let before = self.request.get(name).and_then(Value::as_object);
                    let mut all = before.cloned().unwrap_or_default();
                    all.extend(value.as_object().cloned().unwrap_or_default());
                    self.request[name] = Value::Object(all);
                }
                None => self.request[name] = value.clone(),
            }
        }
    }
}

fn remove(request: &mut Value, from: &str, names: &Value) {
    let Some(Value::Object(members)) = request.get_mut(from) else {
        return;
    };
    for name in names
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        members.remove(name);
    }
}

/// A new entity.
pub(crate) struct New<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) id: &'a str,
    pub(crate) parent: Option<&'a str>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) request: Value,
}

/// Makes an entity.
pub(crate) async fn create(call: &Call<'_>, mut new: New<'_>) -> Result<Value, Fault> {
    let kind = new.kind;
    let mut own: Vec<Tag> = Vec::new();
    if let Value::Object(members) = &mut new.request
        && let Some(sent) = members.remove("Tags").filter(|sent| !sent.is_null())
    {
        own = read(sent)?;
    }
    let entity = Entity {
        parent: new.parent.map(str::to_owned),
        by: user(call),
        labels: new.labels,
        ..Entity::derived(new.id, new.request, Timestamp(0), Timestamp(0))
    };
    let caller = call.caller();
    let arn = kind.arn(call, new.id);
    match call
        .aws
        .control
        .create_document(&caller, &document(kind, &entity))
        .await
    {
        Ok(_) => {}
        Err(Refusal::AlreadyExists { .. }) => {
            return Err(Fault::validation(format!(
                "{} with name {} already exists ({arn}); names must be unique within an AWS \
                 account and region",
                kind.prefix, new.id
            )));
        }
        Err(refusal) => return Err(fault(refusal)),
    }
    tags::add(call.aws, &caller, &arn, &own)
        .await
        .map_err(fault)?;
    Ok(kind.answer(call, new.id))
}

fn document(kind: &Kind, entity: &Entity) -> NewDocument {
    let body = Body {
        request: entity.request.clone(),
        by: entity.by.clone(),
        changed_by: entity.changed_by.clone(),
    };
    NewDocument {
        kind: kind.document.to_owned(),
        id: entity.id.clone(),
        parent: entity.parent.clone(),
        phase: "kept".to_owned(),
        labels: entity.labels.clone(),
        body: json!(body),
    }
}

/// The entity of a name or an ARN, if it is there.
pub(crate) async fn find(
    call: &Call<'_>,
    kind: &Kind,
    name: &str,
) -> Result<Option<Entity>, Fault> {
    let id = kind.id(name);
    if id.is_empty() || id.len() > 256 || id.contains(char::is_control) {
        return Ok(None);
    }
    let caller = call.caller();
    let found = call
        .aws
        .control
        .find_document(&caller, kind.document, id)
        .await
        .map_err(fault)?;
    let found = found.map(|known| Entity::of(known.document, Some(known.revision)));
    found.transpose()
}

/// The entity of a name or an ARN.
pub(crate) async fn require(call: &Call<'_>, kind: &Kind, name: &str) -> Result<Entity, Fault> {
    let found = find(call, kind, name).await?;
    found.ok_or_else(|| kind.missing(call, kind.id(name)))
}

/// Changes an entity by what was sent.
pub(crate) async fn update(
    call: &Call<'_>,
    kind: &Kind,
    entity: &mut Entity,
    input: &Value,
) -> Result<Value, Fault> {
    entity.merge(input, kind);
    entity.changed_by = Some(user(call));
    let new = document(kind, entity);
    let put = call
        .aws
        .control
        .put_document(&call.caller(), &new, entity.revision)
        .await;
    put.map_err(|refusal| match refusal {
        Refusal::Conflict { message } => Fault::new("ConflictException", message),
        other => fault(other),
    })?;
    Ok(kind.answer(call, &entity.id))
}

/// Deletes an entity with its tags.
pub(crate) async fn delete(call: &Call<'_>, kind: &Kind, name: &str) -> Result<Value, Fault> {
    let id = require(call, kind, name).await?.id;
    let caller = call.caller();
    match call
        .aws
        .control
        .delete_document(&caller, kind.document, &id)
        .await
    {
        Ok(()) => {}
        Err(Refusal::NotFound { .. }) => return Err(kind.missing(call, &id)),
        Err(refusal) => return Err(fault(refusal)),
    }
    tags::forget(call.aws, &caller, &kind.arn(call, &id))
        .await
        .map_err(fault)?;
    Ok(kind.answer(call, &id))
}

/// All entities of a kind.
pub(crate) async fn all(call: &Call<'_>, kind: &Kind, which: &Which) -> Result<Vec<Entity>, Fault> {
    let found = kept::all(call, kind.document, which).await.map_err(fault)?;
    found
        .into_iter()
        .map(|document| Entity::of(document, None))
        .collect()
}

/// A page of the entities of a kind.
pub(crate) async fn list(
    call: &Call<'_>,
    kind: &Kind,
    which: &Which,
    listing: &Listing,
) -> Result<Page<Entity>, Fault> {
    listing.pick(all(call, kind, which).await?)
}

/// The text of a member that must be there.
pub(crate) fn member(input: &Value, name: &str) -> Result<String, Fault> {
    #[derive(Deserialize)]
    struct Text(String);
    match input.get(name) {
        Some(value) if !value.is_null() => read::<Text>(value.clone()).map(|text| text.0),
        _ => Err(Fault::validation(format!(
            "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member \
             must not be null",
            crate::operation::lower_first(name)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_add_replace_and_remove() {
        let request = json!({"Description": "a", "Parameters": {"x": 1, "y": 2}});
        let mut entity = Entity::derived("c", request, Timestamp(0), Timestamp(0));
        let update = json!({
            "TrialComponentName": "c",
            "Description": "b",
            "Parameters": {"z": 3},
            "ParametersToRemove": ["x"],
        });
        entity.merge(&update, &COMPONENT);
        let expected = json!({"Description": "b", "Parameters": {"y": 2, "z": 3}});
        assert_eq!(entity.request, expected);
    }
}
