//! Forgets a function with its versions, aliases, schedules and asynchronous calls.

use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control, Error};
use contracts::store::{Commit, Expect, Key, Query};
use domain::function::{Alias, Function, FunctionEvent, FunctionSchedule, FunctionVersion};
use domain::{FunctionName, Refusal, Workspace};
use serde_json::json;

impl Control {
    /// Forgets a function; calls under way are answered first.
    pub async fn delete_function(
        &self,
        caller: &Caller,
        name: &FunctionName,
    ) -> Result<(), Refusal> {
        caller.may_edit()?;
        self.transact(caller, &("delete-function", name), || {
            Box::pin(async {
                let key = Key::new(Function::KIND, &caller.workspace, name);
                let (_, row) = self.require::<Function>(&key).await?;
                let mut delete = vec![key.clone()];
                for kind in [
                    FunctionVersion::KIND,
                    Alias::KIND,
                    FunctionSchedule::KIND,
                    FunctionEvent::KIND,
                ] {
                    delete.extend(self.children(&caller.workspace, name, kind).await?);
                }
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    delete,
                    events: vec![event(caller, &key, "deleted", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }

    async fn children(
        &self,
        workspace: &Workspace,
        name: &FunctionName,
        kind: &str,
    ) -> Result<Vec<Key>, Error> {
        let mut query = Query {
            kind: kind.to_owned(),
            workspace: Some(workspace.clone()),
            parent: Some(name.to_string()),
            limit: 1_000,
            ..Query::default()
        };
        let mut keys = Vec::new();
        loop {
            let page = self.store.list(&query).await?;
            keys.extend(page.rows.into_iter().map(|row| row.row.key));
            query.after = page.next;
            if query.after.is_none() {
                return Ok(keys);
            }
        }
    }
}
