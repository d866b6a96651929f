//! Several documents for several others, in one commit.

use super::commands::{NewDocument, check, of};
use super::{Document, row_id};
use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control};
use contracts::store::{Commit, Expect, Key};
use domain::Refusal;
use serde_json::json;

impl Control {
    /// Writes documents and removes others of theirs, all or none. A document that is written has the
    /// revision that was read of it, or none when it must not be there yet; one that is removed must
    /// still be there.
    ///
    /// # Errors
    /// [`Refusal::Conflict`] when somebody else changed one of them in the meantime.
    pub async fn replace_documents(
        &self,
        caller: &Caller,
        put: &[(NewDocument, Option<i64>)],
        (kind, gone): (&str, &[String]),
    ) -> Result<(), Refusal> {
        caller.may_edit()?;
        for (new, _) in put {
            check(new)?;
        }
        // Not a request of somebody's own.
        let caller = &Caller {
            token: None,
            ..caller.clone()
        };
        self.transact(caller, &("replace-documents", put, kind, gone), || {
            Box::pin(async {
                let now = self.world.now();
                let mut commit = Commit::default();
                let key = |kind: &str, id: &str| {
                    Key::new(Document::KIND, &caller.workspace, row_id(kind, id))
                };
                for (new, revision) in put {
                    let key = key(&new.kind, &new.id);
                    let found = self.find::<Document>(&key).await?;
                    if found.as_ref().map(|(_, row)| row.revision) != *revision {
                        return Err(changed(&new.kind, &new.id).into());
                    }
                    let created = found.map_or(now, |(document, _)| document.created);
                    commit.put.push(of(new, caller, created, now).row(None)?);
                    let (action, expect) = match revision {
                        Some(revision) => ("written", Expect::Revision(key.clone(), *revision)),
                        None => ("created", Expect::Absent(key.clone())),
                    };
                    commit.expect.push(expect);
                    let replaced = json!({"replaced": gone.len()});
                    commit.events.push(event(caller, &key, action, replaced));
                }
                for id in gone {
                    let key = key(kind, id);
                    let Some(row) = self.store.get(&key).await? else {
                        return Err(changed(kind, id).into());
                    };
                    commit
                        .expect
                        .push(Expect::Revision(key.clone(), row.revision));
                    commit.delete.push(key);
                }
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }
}

fn changed(kind: &str, id: &str) -> Refusal {
    Refusal::conflict(format!(
        "{kind} `{id}` was changed by somebody else in the meantime"
    ))
}
