//! What callers read of models.

use crate::rows::{Stored, read, version_id};
use crate::{Caller, Control, Error};
use contracts::store::{Key, Query};
use domain::model::{Model, ModelReference, ModelVersion};
use domain::{ModelName, Refusal, Workspace};

impl Control {
    /// A model.
    pub async fn model(&self, caller: &Caller, name: &ModelName) -> Result<Model, Refusal> {
        caller.may_read()?;
        let found = self
            .require(&Key::new(Model::KIND, &caller.workspace, name))
            .await;
        found.map(|(model, _)| model).map_err(Refusal::from)
    }

    /// A page of models, by name.
    pub async fn models(
        &self,
        caller: &Caller,
        after: Option<String>,
        limit: u32,
    ) -> Result<(Vec<Model>, Option<String>), Refusal> {
        caller.may_read()?;
        let query = Query {
            kind: Model::KIND.to_owned(),
            workspace: Some(caller.workspace.clone()),
            after,
            limit,
            ..Query::default()
        };
        let page = self.store.list(&query).await.map_err(Error::from)?;
        let models: Result<Vec<Model>, Error> = page.rows.iter().map(read).collect();
        Ok((models?, page.next))
    }

    /// A page of a model's versions, the oldest first.
    pub async fn model_versions(
        &self,
        caller: &Caller,
        name: &ModelName,
        after: Option<String>,
        limit: u32,
    ) -> Result<(Vec<ModelVersion>, Option<String>), Refusal> {
        self.model(caller, name).await?;
        let query = Query {
            kind: ModelVersion::KIND.to_owned(),
            workspace: Some(caller.workspace.clone()),
            parent: Some(name.to_string()),
            after,
            limit,
            ..Query::default()
        };
        let page = self.store.list(&query).await.map_err(Error::from)?;
        let versions: Result<Vec<ModelVersion>, Error> = page.rows.iter().map(read).collect();
        Ok((versions?, page.next))
    }

    /// The version that a reference names.
    pub async fn model_version(
        &self,
        caller: &Caller,
        reference: &ModelReference,
    ) -> Result<ModelVersion, Refusal> {
        caller.may_read()?;
        let (model, version) = self.resolve_version(&caller.workspace, reference).await?;
        let id = version_id(&model, version);
        let found = self
            .require(&Key::new(ModelVersion::KIND, &caller.workspace, id))
            .await;
        found.map(|(version, _)| version).map_err(Refusal::from)
    }

    /// Model and number that a reference names; the version exists.
    pub(crate) async fn resolve_version(
        &self,
        workspace: &Workspace,
        reference: &ModelReference,
    ) -> Result<(ModelName, u32), Error> {
        let (ModelReference::Newest(name)
        | ModelReference::Version(name, _)
        | ModelReference::Alias(name, _)) = reference;
        let (model, _) = self
            .require::<Model>(&Key::new(Model::KIND, workspace, name))
            .await?;
        let unknown = || Error::from(Refusal::not_found("model version", reference));
        let version = match reference {
            ModelReference::Newest(_) => model.newest_there().ok_or_else(unknown)?,
            ModelReference::Version(_, version) => *version,
            ModelReference::Alias(_, alias) => *model.aliases.get(alias).ok_or_else(unknown)?,
        };
        let key = Key::new(ModelVersion::KIND, workspace, version_id(name, version));
        self.store.get(&key).await?.ok_or_else(unknown)?;
        Ok((name.clone(), version))
    }
}
