//! Makes a version that never changes of what `$LATEST` is.

use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control};
use contracts::store::{Commit, Expect, Key};
use domain::function::{Function, FunctionPhase, FunctionVersion};
use domain::{FunctionName, Refusal};
use serde_json::json;

impl Control {
    /// Publishes a version. When nothing changed since the newest, that one is the answer, as on
    /// AWS Lambda.
    pub async fn publish_function_version(
        &self,
        caller: &Caller,
        name: &FunctionName,
        description: &str,
    ) -> Result<FunctionVersion, Refusal> {
        caller.may_edit()?;
        self.transact(
            caller,
            &("publish-function-version", name, description),
            || {
                Box::pin(async {
                    let key = Key::new(Function::KIND, &caller.workspace, name);
                    let (mut function, row) = self.require::<Function>(&key).await?;
                    if let FunctionPhase::Failed { message } = &function.phase {
                        let message = format!("function `{name}` cannot be made ready: {message}");
                        return Err(Refusal::conflict(message).into());
                    }
                    if function.last_version > 0 {
                        let newest = super::rows::version_id(name, function.last_version);
                        let newest = Key::new(FunctionVersion::KIND, &caller.workspace, newest);
                        let newest = self.find::<FunctionVersion>(&newest).await?;
                        if let Some((newest, _)) = newest
                            && newest.spec.same_instances(&function.spec)
                        {
                            return Ok(Draft {
                                commit: Commit::default(),
                                answer: newest,
                            });
                        }
                    }
                    function.last_version += 1;
                    let version = FunctionVersion {
                        function: name.clone(),
                        workspace: caller.workspace.clone(),
                        version: function.last_version,
                        spec: function.spec.clone(),
                        description: description.to_owned(),
                        created: self.world.now(),
                    };
                    let due = (function.phase == FunctionPhase::Pending).then(|| self.world.now());
                    let detail = json!({"version": version.version});
                    let commit = Commit {
                        expect: vec![
                            Expect::Revision(key.clone(), row.revision),
                            Expect::Absent(version.key()),
                        ],
                        put: vec![function.row(due)?, version.row(None)?],
                        events: vec![event(caller, &key, "published", detail)],
                        ..Commit::default()
                    };
                    Ok(Draft {
                        commit,
                        answer: version,
                    })
                })
            },
        )
        .await
    }
}
