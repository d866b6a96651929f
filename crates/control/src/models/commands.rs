//! What callers ask of the registry.

use crate::rows::{Stored, read, version_id};
use crate::transact::{Draft, event};
use crate::{Caller, Control, Error};
use contracts::store::{Commit, Expect, Key, Order, Query};
use domain::endpoint::Endpoint;
use domain::lineage::Lineage;
use domain::metric::Finite;
use domain::model::{Approval, Model, ModelReference, ModelVersion, ServingContract};
use domain::{ModelName, Name, Refusal, Workspace};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// A version to be registered by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NewVersion {
    /// Prefix of the artifact in the object store (`s3://…`).
    pub artifact: String,
    /// How it answers.
    #[serde(default)]
    pub serving: ServingContract,
    /// Whether it may be used.
    #[serde(default)]
    pub approval: Approval,
    /// Metrics to be shown with it.
    #[serde(default)]
    pub metrics: BTreeMap<String, Finite>,
    /// Free labels.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

impl Control {
    /// Registers a version; makes the model when it is not there.
    pub async fn register_version(
        &self,
        caller: &Caller,
        name: &ModelName,
        new: &NewVersion,
    ) -> Result<ModelVersion, Refusal> {
        self.register_version_from(caller, name, new, 1).await
    }

    /// Registers a version whose number is at least `least`, for APIs that give numbers to more
    /// than the versions here.
    pub async fn register_version_from(
        &self,
        caller: &Caller,
        name: &ModelName,
        new: &NewVersion,
        least: u32,
    ) -> Result<ModelVersion, Refusal> {
        caller.may_edit()?;
        let hash = self
            .stager
            .content_hash(&caller.workspace, &new.artifact)
            .await;
        let hash = hash.map_err(Error::from)?;
        self.transact(caller, &(name, new), || {
            Box::pin(async {
                let key = Key::new(Model::KIND, &caller.workspace, name);
                let found = self.find::<Model>(&key).await?;
                let revision = found.as_ref().map(|(_, row)| row.revision);
                let now = self.world.now();
                let mut model = found.map_or_else(
                    || Model {
                        name: name.clone(),
                        workspace: caller.workspace.clone(),
                        description: String::new(),
                        newest: 0,
                        newest_left: None,
                        aliases: BTreeMap::new(),
                        tags: BTreeMap::new(),
                        created: now,
                    },
                    |(model, _)| model,
                );
                let number = least.max(model.newest.saturating_add(1));
                model.count(number);
                let version = ModelVersion {
                    model: name.clone(),
                    version: number,
                    workspace: caller.workspace.clone(),
                    artifact: new.artifact.clone(),
                    artifact_hash: hash.clone(),
                    serving: new.serving.clone(),
                    approval: new.approval,
                    metrics: new.metrics.clone(),
                    tags: new.tags.clone(),
                    lineage: Lineage::default(),
                    created: now,
                };
                let detail = json!({"artifact": new.artifact});
                let commit = Commit {
                    expect: vec![expect(&key, revision), Expect::Absent(version.key())],
                    put: vec![model.row(None)?, version.row(None)?],
                    events: vec![event(caller, &version.key(), "registered", detail)],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: version,
                })
            })
        })
        .await
    }

    /// Sets whether a version may be used.
    pub async fn approve_version(
        &self,
        caller: &Caller,
        reference: &ModelReference,
        approval: Approval,
    ) -> Result<ModelVersion, Refusal> {
        caller.may_edit()?;
        self.transact(caller, &("approve", reference, approval), || {
            Box::pin(async {
                let (model, number) = self.resolve_version(&caller.workspace, reference).await?;
                let id = version_id(&model, number);
                let key = Key::new(ModelVersion::KIND, &caller.workspace, id);
                let (mut version, row) = self.require::<ModelVersion>(&key).await?;
                version.approval = approval;
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    put: vec![version.row(None)?],
                    events: vec![event(
                        caller,
                        &key,
                        "approval-set",
                        json!({"approval": approval}),
                    )],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: version,
                })
            })
        })
        .await
    }

    /// Points an alias to a version, or removes it with `None`.
    pub async fn set_alias(
        &self,
        caller: &Caller,
        name: &ModelName,
        alias: &Name,
        version: Option<u32>,
    ) -> Result<Model, Refusal> {
        caller.may_edit()?;
        self.transact(caller, &("alias", name, alias, version), || {
            Box::pin(async {
                if let Some(version) = version {
                    let reference = ModelReference::Version(name.clone(), version);
                    self.resolve_version(&caller.workspace, &reference).await?;
                }
                let key = Key::new(Model::KIND, &caller.workspace, name);
                let (mut model, row) = self.require::<Model>(&key).await?;
                match version {
                    Some(version) => model.aliases.insert(alias.clone(), version),
                    None => model.aliases.remove(alias),
                };
                let detail = json!({"alias": alias, "version": version});
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    put: vec![model.row(None)?],
                    events: vec![event(caller, &key, "alias-set", detail)],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: model,
                })
            })
        })
        .await
    }

    /// Deletes a version; refused while an endpoint uses it. Its artifact stays an object.
    pub async fn delete_version(
        &self,
        caller: &Caller,
        name: &ModelName,
        number: u32,
    ) -> Result<(), Refusal> {
        caller.may_edit()?;
        self.transact(caller, &("delete-version", name, number), || {
            Box::pin(async {
                let id = version_id(name, number);
                let key = Key::new(ModelVersion::KIND, &caller.workspace, &id);
                let (_, row) = self.require::<ModelVersion>(&key).await?;
                self.refuse_when_served(caller, &id).await?;
                let model_key = Key::new(Model::KIND, &caller.workspace, name);
                let (mut model, model_row) = self.require::<Model>(&model_key).await?;
                model.aliases.retain(|_, version| *version != number);
                if model.newest_there() == Some(number) {
                    let next = self.newest_but(&caller.workspace, name, number).await?;
                    model.newest_left = Some(next.unwrap_or(0));
                }
                let commit = Commit {
                    expect: vec![
                        Expect::Revision(key.clone(), row.revision),
                        Expect::Revision(model_key, model_row.revision),
                    ],
                    put: vec![model.row(None)?],
                    delete: vec![key.clone()],
                    events: vec![event(caller, &key, "deleted", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }

    /// Deletes a model with all of its versions; refused while an endpoint uses one.
    pub async fn delete_model(&self, caller: &Caller, name: &ModelName) -> Result<(), Refusal> {
        caller.may_edit()?;
        self.transact(caller, &("delete-model", name), || {
            Box::pin(async {
                let key = Key::new(Model::KIND, &caller.workspace, name);
                let (_, row) = self.require::<Model>(&key).await?;
                let mut delete = vec![key.clone()];
                let mut expect = vec![Expect::Revision(key.clone(), row.revision)];
                let mut query = Query {
                    kind: ModelVersion::KIND.to_owned(),
                    workspace: Some(caller.workspace.clone()),
                    parent: Some(name.to_string()),
                    limit: 1_000,
                    ..Query::default()
                };
                loop {
                    let page = self.store.list(&query).await?;
                    for row in page.rows {
                        self.refuse_when_served(caller, &row.row.key.id).await?;
                        expect.push(Expect::Revision(row.row.key.clone(), row.revision));
                        delete.push(row.row.key);
                    }
                    query.after = page.next;
                    if query.after.is_none() {
                        break;
                    }
                }
                let commit = Commit {
                    expect,
                    delete,
                    events: vec![event(caller, &key, "deleted", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }

    /// The version that was made last, without that of a number.
    async fn newest_but(
        &self,
        workspace: &Workspace,
        name: &ModelName,
        number: u32,
    ) -> Result<Option<u32>, Error> {
        let query = Query {
            kind: ModelVersion::KIND.to_owned(),
            workspace: Some(workspace.clone()),
            parent: Some(name.to_string()),
            order: Order::Newest,
            limit: 2,
            ..Query::default()
        };
        for row in self.store.list(&query).await?.rows {
            let version: ModelVersion = read(&row)?;
            if version.version != number {
                return Ok(Some(version.version));
            }
        }
        Ok(None)
    }

    async fn refuse_when_served(&self, caller: &Caller, version: &str) -> Result<(), Error> {
        let label = (format!("tradewind:serves:{version}"), String::new());
        let query = Query {
            kind: Endpoint::KIND.to_owned(),
            workspace: Some(caller.workspace.clone()),
            labels: BTreeMap::from([label]),
            limit: 1,
            ..Query::default()
        };
        match self.store.list(&query).await?.rows.first() {
            None => Ok(()),
            Some(row) => Err(Refusal::conflict(format!(
                "model version `{}` is used by endpoint `{}`; delete or change that first",
                readable(version),
                row.row.key.id
            ))
            .into()),
        }
    }
}

fn expect(key: &Key, revision: Option<i64>) -> Expect {
    match revision {
        None => Expect::Absent(key.clone()),
        Some(revision) => Expect::Revision(key.clone(), revision),
    }
}

/// A version's row id as callers write it: without the padding.
fn readable(id: &str) -> String {
    match id.split_once(':') {
        Some((model, number)) => format!("{model}:{}", number.trim_start_matches('0')),
        None => id.to_owned(),
    }
}
