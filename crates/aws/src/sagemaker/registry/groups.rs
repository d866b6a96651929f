//! Groups: a document that counts packages, or a model that another API registered.

use super::fault::{conflict, group_exists, no_group};
use super::{
    GROUP, PACKAGE, is_of_others, model_name, of_group, refused, render, suffixed, versions,
};
use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::sagemaker::listing::{Listed, Listing, Page};
use crate::sagemaker::models::KIND as MODEL;
use crate::sagemaker::names;
use crate::sagemaker::tags::{self, Tag};
use control::documents::{Document, DocumentFilter, NewDocument};
use domain::{ModelName, Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a group's document holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Body {
    /// As it was sent, without tags.
    pub(super) request: Value,
    /// The registry's name for it.
    pub(super) model: ModelName,
    /// The number of its newest package.
    pub(super) newest: u32,
    /// Who made it.
    pub(super) by: Value,
}

/// A group.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(super) body: Body,
    pub(crate) created: Timestamp,
    /// The revision of its document; a model of another API has none.
    pub(super) revision: Option<i64>,
}

impl Listed for Group {
    fn name(&self) -> String {
        self.name.clone()
    }
    fn created(&self) -> Timestamp {
        self.created
    }
    fn modified(&self) -> Timestamp {
        self.created
    }
    fn status(&self) -> String {
        "Completed".to_owned()
    }
}

impl Group {
    /// Its ARN.
    pub(crate) fn arn(&self, call: &Call<'_>) -> String {
        call.arn("sagemaker", &format!("model-package-group/{}", self.name))
    }

    /// What it is for, as its maker said.
    pub(crate) fn request(&self) -> &Value {
        &self.body.request
    }

    /// Who made it.
    pub(crate) fn by(&self) -> &Value {
        &self.body.by
    }
}

/// Makes a group; returns its ARN.
pub(crate) async fn create_group(call: &Call<'_>, mut input: Value) -> Result<String, Fault> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Request {
        model_package_group_name: String,
        #[serde(default)]
        tags: Vec<Tag>,
    }
    let request: Request = read(input.clone())?;
    let name = request.model_package_group_name;
    names::check("ModelPackageGroupName", &name, 63)?;
    if find(call, &name).await?.is_some() {
        return Err(group_exists(call, &name));
    }
    if let Value::Object(members) = &mut input {
        members.remove("Tags");
    }
    let body = Body {
        request: input,
        model: free_model(call, &name).await?,
        newest: 0,
        by: render::user(call),
    };
    let caller = call.caller();
    match call
        .aws
        .control
        .create_document(&caller, &document(&name, &body))
        .await
    {
        Ok(_) => {}
        Err(Refusal::AlreadyExists { .. }) => return Err(group_exists(call, &name)),
        Err(refusal) => return Err(refused(refusal)),
    }
    let arn = call.arn("sagemaker", &format!("model-package-group/{name}"));
    tags::add(call.aws, &caller, &arn, &request.tags)
        .await
        .map_err(refused)?;
    Ok(arn)
}

pub(super) fn document(name: &str, body: &Body) -> NewDocument {
    NewDocument {
        kind: GROUP.to_owned(),
        id: name.to_owned(),
        phase: "kept".to_owned(),
        body: json!(body),
        ..NewDocument::default()
    }
}

/// The registry's name for a new group: its own when nothing else has it. What a deleted group of
/// that name left behind for endpoints is taken away first, so that numbers begin at 1.
async fn free_model(call: &Call<'_>, name: &str) -> Result<ModelName, Fault> {
    let caller = call.caller();
    let control = &call.aws.control;
    let own = model_name(name)?;
    let mut taken = false;
    for kind in [MODEL, PACKAGE] {
        let found = control.find_document(&caller, kind, name).await;
        taken |= found.map_err(refused)?.is_some();
    }
    if !taken && is_away(call, &own).await? {
        return Ok(own);
    }
    let other = suffixed(name, ".packages")?;
    is_away(call, &other).await?;
    Ok(other)
}

/// Whether a model is not there, or could be taken away.
async fn is_away(call: &Call<'_>, name: &ModelName) -> Result<bool, Fault> {
    match call.aws.control.delete_model(&call.caller(), name).await {
        Ok(()) | Err(Refusal::NotFound { .. }) => Ok(true),
        Err(Refusal::Conflict { .. }) => Ok(false),
        Err(refusal) => Err(refused(refusal)),
    }
}

/// The group of a name or an ARN.
pub(crate) async fn find_group(call: &Call<'_>, name: &str) -> Result<Group, Fault> {
    let name = super::group_name(name);
    find(call, name).await?.ok_or_else(|| no_group(call, name))
}

async fn find(call: &Call<'_>, name: &str) -> Result<Option<Group>, Fault> {
    if names::check("ModelPackageGroupName", name, 63).is_err() {
        return Ok(None);
    }
    let caller = call.caller();
    let found = call
        .aws
        .control
        .find_document(&caller, GROUP, name)
        .await
        .map_err(refused)?;
    if let Some(known) = found {
        return of_document(known.document, Some(known.revision)).map(Some);
    }
    let own = model_name(name)?;
    of_model(call, &own).await
}

fn of_document(document: Document, revision: Option<i64>) -> Result<Group, Fault> {
    Ok(Group {
        body: read(document.body)?,
        name: document.id,
        created: document.created,
        revision,
    })
}

/// A model with versions that another API registered.
async fn of_model(call: &Call<'_>, name: &ModelName) -> Result<Option<Group>, Fault> {
    let all = versions(call, name).await?;
    let Some(first) = all.iter().find(|version| is_of_others(version)) else {
        return Ok(None);
    };
    let newest = all.iter().map(|version| version.version).max().unwrap_or(0);
    Ok(Some(Group {
        name: name.to_string(),
        created: first.created,
        body: Body {
            request: json!({}),
            model: name.clone(),
            newest,
            by: json!({}),
        },
        revision: None,
    }))
}

/// All groups.
pub(crate) async fn all_groups(call: &Call<'_>) -> Result<Vec<Group>, Fault> {
    let caller = call.caller();
    let control = &call.aws.control;
    let (mut groups, mut after) = (Vec::new(), None);
    loop {
        let filter = DocumentFilter {
            kind: GROUP.to_owned(),
            after,
            limit: 500,
            ..DocumentFilter::default()
        };
        let (page, next) = control.documents(&caller, &filter).await.map_err(refused)?;
        for document in page {
            groups.push(of_document(document, None)?);
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    let known: std::collections::BTreeSet<String> = groups
        .iter()
        .map(|group| group.body.model.to_string())
        .collect();
    loop {
        let (page, next) = control.models(&caller, after, 500).await.map_err(refused)?;
        for model in page {
            let name = model.name.as_str();
            let ours = known.contains(name);
            if !ours && names::check("ModelPackageGroupName", name, 63).is_ok() {
                groups.extend(of_model(call, &model.name).await?);
            }
        }
        after = next;
        if after.is_none() {
            return Ok(groups);
        }
    }
}

/// A page of groups, the oldest first unless asked otherwise.
pub(crate) async fn list_groups(call: &Call<'_>, listing: Listing) -> Result<Page<Group>, Fault> {
    listing.oldest_first().pick(all_groups(call).await?)
}

/// Deletes a group that has no packages any more.
pub(crate) async fn delete_group(call: &Call<'_>, name: &str) -> Result<(), Fault> {
    let group = find_group(call, name).await?;
    if !of_group(call, &group).await?.is_empty() {
        return Err(conflict(format!(
            "ModelPackageGroup {} cannot be deleted while it has model packages",
            group.arn(call)
        )));
    }
    let caller = call.caller();
    match call
        .aws
        .control
        .delete_document(&caller, GROUP, &group.name)
        .await
    {
        Ok(()) => {}
        Err(Refusal::NotFound { .. }) => return Err(no_group(call, &group.name)),
        Err(refusal) => return Err(refused(refusal)),
    }
    // What an endpoint still serves stays until a group of the name is made again.
    is_away(call, &group.body.model).await?;
    tags::forget(call.aws, &caller, &group.arn(call))
        .await
        .map_err(refused)
}
