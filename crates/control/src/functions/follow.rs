//! Keeps this server's instances at what the store says, whoever wrote it.

use super::resolve::{latest, published};
use crate::rows::{Stored, read};
use crate::{Caller, Control, Error};
use contracts::store::{Key, Query};
use domain::function::Function;
use domain::{FunctionName, Workspace};

impl Control {
    /// Has the functions with a warm floor made ready; a server begins with this.
    pub(crate) async fn warm_all_functions(&self) {
        let mut query = Query {
            kind: Function::KIND.to_owned(),
            limit: 1_000,
            ..Query::default()
        };
        loop {
            let page = match self.store.list(&query).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(%error, "functions could not be listed");
                    return;
                }
            };
            for row in page.rows {
                let warmed = match read::<Function>(&row) {
                    Ok(function) => self.warm(&function).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = warmed {
                    tracing::error!(%error, "a function is passed over");
                }
            }
            query.after = page.next;
            if query.after.is_none() {
                return;
            }
        }
    }

    async fn warm(&self, function: &Function) -> Result<(), Error> {
        if function.spec.scale.min > 0 {
            self.function_plane.prepare(&latest(function)?).await;
        }
        Ok(())
    }

    /// Ends what is left of versions that are no more.
    pub(crate) async fn follow_function(&self, workspace: &Workspace, name: &str) {
        let Ok(name) = FunctionName::new(name) else {
            return;
        };
        match self.revisions(workspace, &name).await {
            Ok(keep) => self.function_plane.retire(workspace, &name, &keep).await,
            Err(error) => tracing::warn!(%error, function = %name, "not followed"),
        }
    }

    /// The revisions of a function that may be called.
    async fn revisions(
        &self,
        workspace: &Workspace,
        name: &FunctionName,
    ) -> Result<Vec<String>, Error> {
        let key = Key::new(Function::KIND, workspace, name);
        let Some((function, _)) = self.find::<Function>(&key).await? else {
            return Ok(Vec::new());
        };
        self.warm(&function).await?;
        let mut keep = vec![latest(&function)?.revision];
        let caller = Caller::system(workspace.clone());
        let mut after = None;
        loop {
            let (versions, next) = self.function_versions(&caller, name, after, 1_000).await?;
            for version in &versions {
                keep.push(published(version)?.revision);
            }
            after = next;
            if after.is_none() {
                return Ok(keep);
            }
        }
    }
}
