//! Packages as they are found: a document, the version in the registry, or both.

use super::fault::{conflict, no_package};
use super::groups::Group;
use super::identifier::Identifier;
use super::{PACKAGE, PACKAGED, find_group, is_of_others, refused, version, versions};
use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::sagemaker::listing::Listed;
use crate::sagemaker::tags;
use control::documents::{Document, DocumentFilter, Known, NewDocument};
use domain::environment::Environment;
use domain::model::{Approval, ModelVersion};
use domain::{ModelName, Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a package's document holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Body {
    /// As it was sent and updated, without tags and token.
    pub(super) request: Value,
    /// The version in the registry; unset without an InferenceSpecification.
    pub(super) registered: Option<(ModelName, u32)>,
    /// Who made it.
    pub(super) by: Value,
    /// Who changed it last.
    pub(super) changed_by: Option<Value>,
}

/// A package.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) identifier: Identifier,
    pub(super) body: Body,
    /// The labels of its document: the token that it was made with.
    pub(super) labels: BTreeMap<String, String>,
    pub(crate) version: Option<ModelVersion>,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    /// The revision of its document; a version of another API has none.
    pub(super) revision: Option<i64>,
}

impl Listed for Package {
    fn name(&self) -> String {
        self.identifier.id()
    }
    fn created(&self) -> Timestamp {
        self.created
    }
    fn modified(&self) -> Timestamp {
        self.modified
    }
    fn status(&self) -> String {
        self.approval().unwrap_or_default().to_owned()
    }
}

impl Package {
    /// Its ARN.
    pub(crate) fn arn(&self, call: &Call<'_>) -> String {
        self.identifier.arn(call)
    }

    /// The request's members.
    pub(crate) fn request(&self) -> &Value {
        &self.body.request
    }

    /// Whether it may be used; packages outside of groups have no such thing.
    pub(crate) fn approval(&self) -> Option<&str> {
        if matches!(self.identifier, Identifier::Unversioned(_)) {
            return None;
        }
        let said = self
            .body
            .request
            .get("ModelApprovalStatus")
            .and_then(Value::as_str);
        match &self.version {
            Some(version) => Some(word(version.approval)),
            None => said,
        }
    }
}

/// SageMaker's word for an approval.
pub(super) fn word(approval: Approval) -> &'static str {
    match approval {
        Approval::Pending => "PendingManualApproval",
        Approval::Approved => "Approved",
        Approval::Rejected => "Rejected",
    }
}

/// The approval of a word.
pub(super) fn approval(word: &str) -> Result<Approval, Fault> {
    match word {
        "PendingManualApproval" => Ok(Approval::Pending),
        "Approved" => Ok(Approval::Approved),
        "Rejected" => Ok(Approval::Rejected),
        other => Err(Fault::validation(format!(
            "1 validation error detected: Value '{}' at 'modelApprovalStatus' failed to satisfy \
             constraint: Member must satisfy enum value set: [Approved, Rejected, \
             PendingManualApproval]",
            other.chars().take(100).collect::<String>()
        ))),
    }
}

/// The package of a name or an ARN.
pub(crate) async fn find(call: &Call<'_>, name: &str) -> Result<Package, Fault> {
    let identifier = Identifier::read(name);
    let missing = no_package(call, &identifier);
    let id = identifier.id();
    if id.is_empty() || id.len() > 200 || id.contains(char::is_control) {
        return Err(missing);
    }
    let found = call
        .aws
        .control
        .find_document(&call.caller(), PACKAGE, &id)
        .await;
    if let Some(Known { document, revision }) = found.map_err(refused)? {
        return of_document(call, document, Some(revision)).await;
    }
    let Identifier::Versioned { group, number } = &identifier else {
        return Err(missing);
    };
    let Ok(group) = find_group(call, group).await else {
        return Err(missing);
    };
    match version(call, group.body.model.clone(), *number).await? {
        Some(version) if is_of_others(&version) => Ok(of_version(&group, version)),
        _ => Err(missing),
    }
}

async fn of_document(
    call: &Call<'_>,
    document: Document,
    revision: Option<i64>,
) -> Result<Package, Fault> {
    let body: Body = read(document.body)?;
    let registered = match body.registered.clone() {
        Some((model, number)) => version(call, model, number).await?,
        None => None,
    };
    Ok(Package {
        identifier: Identifier::read(&document.id),
        version: registered,
        created: document.created,
        modified: document.updated,
        labels: document.labels,
        body,
        revision,
    })
}

/// A version of another API, described as far as SageMaker has words for it.
fn of_version(group: &Group, version: ModelVersion) -> Package {
    let mut container = json!({"ModelDataUrl": version.artifact});
    if let Environment::Image { uri } = &version.serving.environment {
        container["Image"] = json!(uri);
    }
    if !version.serving.env.is_empty() {
        container["Environment"] = json!(version.serving.env);
    }
    Package {
        identifier: Identifier::Versioned {
            group: group.name.clone(),
            number: version.version,
        },
        body: Body {
            request: json!({"InferenceSpecification": {"Containers": [container]}}),
            registered: Some((version.model.clone(), version.version)),
            by: json!({}),
            changed_by: None,
        },
        created: version.created,
        modified: version.created,
        labels: BTreeMap::new(),
        version: Some(version),
        revision: None,
    }
}

/// All packages of a group.
pub(crate) async fn of_group(call: &Call<'_>, group: &Group) -> Result<Vec<Package>, Fault> {
    let all = versions(call, &group.body.model).await?;
    let mut by_number: BTreeMap<u32, ModelVersion> = all
        .into_iter()
        .map(|version| (version.version, version))
        .collect();
    let (mut packages, mut numbers) = (Vec::new(), BTreeSet::new());
    for document in documents(call, Some(&group.name)).await? {
        let body: Body = read(document.body)?;
        let number = body.registered.as_ref().map(|(_, number)| *number);
        let version = number.and_then(|number| by_number.remove(&number));
        let identifier = Identifier::read(&document.id);
        if let Identifier::Versioned { number, .. } = &identifier {
            numbers.insert(*number);
        }
        packages.push(Package {
            identifier,
            body,
            version,
            created: document.created,
            modified: document.updated,
            labels: document.labels,
            revision: None,
        });
    }
    let others = by_number.into_values().filter(is_of_others);
    let others = others.filter(|version| !numbers.contains(&version.version));
    packages.extend(others.map(|version| of_version(group, version)));
    Ok(packages)
}

/// All packages outside of groups.
pub(crate) async fn unversioned(call: &Call<'_>) -> Result<Vec<Package>, Fault> {
    let mut packages = Vec::new();
    for document in documents(call, None).await? {
        if document.parent.is_none() {
            packages.push(of_document(call, document, None).await?);
        }
    }
    Ok(packages)
}

async fn documents(call: &Call<'_>, group: Option<&str>) -> Result<Vec<Document>, Fault> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let filter = DocumentFilter {
            kind: PACKAGE.to_owned(),
            parent: group.map(str::to_owned),
            after,
            limit: 500,
            ..DocumentFilter::default()
        };
        let page = call.aws.control.documents(&call.caller(), &filter).await;
        let (page, next) = page.map_err(refused)?;
        all.extend(page);
        after = next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

/// A package's document.
pub(super) fn document(
    identifier: &Identifier,
    body: &Body,
    token: Option<&String>,
) -> NewDocument {
    let token = token.map(|token| (TOKEN.to_owned(), token.clone()));
    NewDocument {
        kind: PACKAGE.to_owned(),
        id: identifier.id(),
        parent: match identifier {
            Identifier::Versioned { group, .. } => Some(group.clone()),
            Identifier::Unversioned(_) => None,
        },
        phase: "kept".to_owned(),
        labels: token.into_iter().collect(),
        body: json!(body),
    }
}

/// The label of the token that a package was made with.
pub(super) const TOKEN: &str = "token";

/// Deletes a package and its version, unless an endpoint still serves that.
pub(crate) async fn delete(call: &Call<'_>, name: &str) -> Result<(), Fault> {
    let package = find(call, name).await?;
    let caller = call.caller();
    let control = &call.aws.control;
    if let Some(version) = &package.version {
        let ours = version.tags.contains_key(PACKAGED);
        match control
            .delete_version(&caller, &version.model, version.version)
            .await
        {
            Ok(()) | Err(Refusal::NotFound { .. }) => {}
            // Without its document it is no package any more.
            Err(Refusal::Conflict { .. }) if ours => {}
            Err(Refusal::Conflict { message }) => return Err(conflict(message)),
            Err(refusal) => return Err(refused(refusal)),
        }
    }
    match control
        .delete_document(&caller, PACKAGE, &package.identifier.id())
        .await
    {
        Ok(()) | Err(Refusal::NotFound { .. }) => {}
        Err(refusal) => return Err(refused(refusal)),
    }
    tags::forget(call.aws, &caller, &package.arn(call))
        .await
        .map_err(refused)
}
