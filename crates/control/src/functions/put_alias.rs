//! Points an alias to a version, or to two by shares.

use super::put_function::Presence;
use super::rows::{alias_id, version_id};
use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control};
use contracts::store::{Commit, Expect, Key};
use domain::function::{Alias, Function, FunctionVersion, Weighted};
use domain::{FunctionName, Name, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Where an alias shall point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NewAlias {
    /// The version; unset is `$LATEST`.
    #[serde(default)]
    pub version: Option<u32>,
    /// A second version with its share.
    #[serde(default)]
    pub weighted: Option<Weighted>,
    /// For people.
    #[serde(default)]
    pub description: String,
}

impl Control {
    /// Points an alias to a version.
    pub async fn put_alias(
        &self,
        caller: &Caller,
        function: &FunctionName,
        name: &Name,
        new: &NewAlias,
        presence: Presence,
    ) -> Result<Alias, Refusal> {
        caller.may_edit()?;
        if new.weighted.is_some() && new.version.is_none() {
            return Err(Refusal::invalid(
                "an alias to `$LATEST` cannot have a second version",
            ));
        }
        if name.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::invalid("an alias is not a number"));
        }
        let request = ("put-alias", function, name, new, presence);
        self.transact(caller, &request, || {
            Box::pin(async {
                let owner = Key::new(Function::KIND, &caller.workspace, function);
                self.require::<Function>(&owner).await?;
                let second = new.weighted.as_ref().map(|weighted| weighted.version);
                let mut expect = Vec::new();
                for version in new.version.into_iter().chain(second) {
                    let id = version_id(function, version);
                    let key = Key::new(FunctionVersion::KIND, &caller.workspace, id);
                    let (_, row) = self.require::<FunctionVersion>(&key).await?;
                    expect.push(Expect::Revision(key, row.revision));
                }
                let key = Key::new(Alias::KIND, &caller.workspace, alias_id(function, name));
                let found = self.store.get(&key).await?;
                expect.push(match (found, presence) {
                    (Some(_), Presence::Absent) => {
                        return Err(Refusal::AlreadyExists {
                            kind: Alias::KIND.to_owned(),
                            name: key.id.clone(),
                        }
                        .into());
                    }
                    (None, Presence::Present) => {
                        return Err(Refusal::not_found(Alias::KIND, &key.id).into());
                    }
                    (None, _) => Expect::Absent(key.clone()),
                    (Some(row), _) => Expect::Revision(key.clone(), row.revision),
                });
                let alias = Alias {
                    name: name.clone(),
                    function: function.clone(),
                    workspace: caller.workspace.clone(),
                    version: new.version,
                    weighted: new.weighted.clone(),
                    description: new.description.clone(),
                    updated: self.world.now(),
                };
                let detail = json!({"alias": name, "version": new.version});
                let commit = Commit {
                    expect,
                    put: vec![alias.row(None)?],
                    events: vec![event(caller, &owner, "alias-set", detail)],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: alias,
                })
            })
        })
        .await
    }
}
