//! What callers read of functions.

use super::rows::{alias_id, version_id};
use crate::rows::{Stored, read};
use crate::{Caller, Control, Error};
use contracts::functions::{FunctionFigures, FunctionLogLine};
use contracts::store::{Key, Query};
use domain::function::{Alias, Function, FunctionSchedule, FunctionVersion};
use domain::{FunctionName, Name, Refusal, Workspace};

/// Items, and the token of the next page.
type Page<T> = (Vec<T>, Option<String>);

impl Control {
    /// A function.
    pub async fn function(
        &self,
        caller: &Caller,
        name: &FunctionName,
    ) -> Result<Function, Refusal> {
        caller.may_read()?;
        let key = Key::new(Function::KIND, &caller.workspace, name);
        let found = self.require(&key).await;
        found.map(|(function, _)| function).map_err(Refusal::from)
    }

    /// A published version.
    pub async fn function_version(
        &self,
        caller: &Caller,
        name: &FunctionName,
        version: u32,
    ) -> Result<FunctionVersion, Refusal> {
        caller.may_read()?;
        let id = version_id(name, version);
        let found = self
            .require(&Key::new(FunctionVersion::KIND, &caller.workspace, id))
            .await;
        found.map(|(version, _)| version).map_err(Refusal::from)
    }

    /// An alias.
    pub async fn function_alias(
        &self,
        caller: &Caller,
        name: &FunctionName,
        alias: &Name,
    ) -> Result<Alias, Refusal> {
        caller.may_read()?;
        let id = alias_id(name, alias);
        let found = self
            .require(&Key::new(Alias::KIND, &caller.workspace, id))
            .await;
        found.map(|(alias, _)| alias).map_err(Refusal::from)
    }

    /// A page of functions, by name.
    pub async fn functions(
        &self,
        caller: &Caller,
        after: Option<String>,
        limit: u32,
    ) -> Result<Page<Function>, Refusal> {
        caller.may_read()?;
        self.page(&caller.workspace, None, after, limit).await
    }

    /// A page of a function's published versions, the oldest first.
    pub async fn function_versions(
        &self,
        caller: &Caller,
        name: &FunctionName,
        after: Option<String>,
        limit: u32,
    ) -> Result<Page<FunctionVersion>, Refusal> {
        caller.may_read()?;
        self.page(&caller.workspace, Some(name), after, limit).await
    }

    /// A page of a function's aliases, by name.
    pub async fn function_aliases(
        &self,
        caller: &Caller,
        name: &FunctionName,
        after: Option<String>,
        limit: u32,
    ) -> Result<Page<Alias>, Refusal> {
        caller.may_read()?;
        self.page(&caller.workspace, Some(name), after, limit).await
    }

    /// The schedules of a function that are at work.
    pub(super) async fn schedules_of(
        &self,
        workspace: &Workspace,
        name: &FunctionName,
    ) -> Result<Vec<FunctionSchedule>, Error> {
        let (schedules, _) = self.page(workspace, Some(name), None, 1_000).await?;
        Ok(schedules)
    }

    /// The last lines that a function logged on this server.
    pub async fn function_log(
        &self,
        caller: &Caller,
        name: &FunctionName,
        limit: usize,
    ) -> Result<Vec<FunctionLogLine>, Refusal> {
        self.function(caller, name).await?;
        Ok(self.function_plane.log(&caller.workspace, name, limit))
    }

    /// How busy a function is on this server.
    pub async fn function_figures(
        &self,
        caller: &Caller,
        name: &FunctionName,
    ) -> Result<FunctionFigures, Refusal> {
        self.function(caller, name).await?;
        Ok(self.function_plane.figures(&caller.workspace, name))
    }

    async fn page<T: Stored>(
        &self,
        workspace: &Workspace,
        parent: Option<&FunctionName>,
        after: Option<String>,
        limit: u32,
    ) -> Result<Page<T>, Refusal> {
        let query = Query {
            kind: T::KIND.to_owned(),
            workspace: Some(workspace.clone()),
            parent: parent.map(ToString::to_string),
            after,
            limit,
            ..Query::default()
        };
        let page = self.store.list(&query).await.map_err(Error::from)?;
        let items: Result<Vec<T>, Error> = page.rows.iter().map(read).collect();
        Ok((items?, page.next))
    }
}
