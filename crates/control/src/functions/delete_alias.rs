//! Forgets an alias.

use super::rows::alias_id;
use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control};
use contracts::store::{Commit, Expect, Key};
use domain::function::{Alias, Function};
use domain::{FunctionName, Name, Refusal};
use serde_json::json;

impl Control {
    /// Forgets an alias.
    pub async fn delete_alias(
        &self,
        caller: &Caller,
        function: &FunctionName,
        name: &Name,
    ) -> Result<(), Refusal> {
        caller.may_edit()?;
        self.transact(caller, &("delete-alias", function, name), || {
            Box::pin(async {
                let key = Key::new(Alias::KIND, &caller.workspace, alias_id(function, name));
                let (_, row) = self.require::<Alias>(&key).await?;
                let owner = Key::new(Function::KIND, &caller.workspace, function);
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    delete: vec![key],
                    events: vec![event(
                        caller,
                        &owner,
                        "alias-deleted",
                        json!({"alias": name}),
                    )],
                    ..Commit::default()
                };
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }
}
