//! Forgets a published version that no alias points to.

use super::rows::version_id;
use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control};
use contracts::store::{Commit, Expect, Key};
use domain::function::{Function, FunctionVersion};
use domain::{FunctionName, Refusal};
use serde_json::json;

impl Control {
    /// Forgets a version.
    pub async fn delete_function_version(
        &self,
        caller: &Caller,
        name: &FunctionName,
        version: u32,
    ) -> Result<(), Refusal> {
        caller.may_edit()?;
        self.transact(caller, &("delete-function-version", name, version), || {
            Box::pin(async {
                let key = Key::new(
                    FunctionVersion::KIND,
                    &caller.workspace,
                    version_id(name, version),
                );
                let (_, row) = self.require::<FunctionVersion>(&key).await?;
                let (aliases, _) = self.function_aliases(caller, name, None, 1_000).await?;
                let holder = aliases.iter().find(|alias| {
                    let second = alias.weighted.as_ref().map(|weighted| weighted.version);
                    alias.version == Some(version) || second == Some(version)
                });
                if let Some(alias) = holder {
                    let message = format!(
                        "version {version} is in use: alias `{}` points to it",
                        alias.name
                    );
                    return Err(Refusal::conflict(message).into());
                }
                let function = Key::new(Function::KIND, &caller.workspace, name);
                let detail = json!({"version": version});
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    delete: vec![key],
                    events: vec![event(caller, &function, "version-deleted", detail)],
                    ..Commit::default()
                };
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }
}
