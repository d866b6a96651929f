//! What dialects do to documents.

use super::{Document, JOINT, row_id};
use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control};
use contracts::store::{Commit, Expect, Key};
use domain::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// A document to be written.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NewDocument {
    /// The API and its word for it.
    pub kind: String,
    /// Unique in kind and workspace.
    pub id: String,
    /// What it belongs to, by id.
    pub parent: Option<String>,
    /// One word for filters.
    pub phase: String,
    /// For filters.
    pub labels: BTreeMap<String, String>,
    /// In the API's own form.
    pub body: serde_json::Value,
}

/// A document with the revision that a change must find.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The document.
    pub document: Document,
    /// Its revision.
    pub revision: i64,
}

impl Control {
    /// Makes a document; one of that kind and id that is there already is a refusal.
    pub async fn create_document(
        &self,
        caller: &Caller,
        new: &NewDocument,
    ) -> Result<Document, Refusal> {
        caller.may_edit()?;
        check(new)?;
        self.transact(caller, &("create-document", new), || {
            Box::pin(async {
                let now = self.world.now();
                let document = of(new, caller, now, now);
                let key = document.key();
                if self.store.get(&key).await?.is_some() {
                    let (kind, name) = (new.kind.clone(), new.id.clone());
                    return Err(Refusal::AlreadyExists { kind, name }.into());
                }
                let commit = Commit {
                    expect: vec![Expect::Absent(key.clone())],
                    put: vec![document.row(None)?],
                    events: vec![event(caller, &key, "created", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: document,
                })
            })
        })
        .await
    }

    /// Writes a document anew, made when it is not there. With `revision` it must still be what
    /// was read; somebody else's change in between is a conflict.
    pub async fn put_document(
        &self,
        caller: &Caller,
        new: &NewDocument,
        revision: Option<i64>,
    ) -> Result<Document, Refusal> {
        caller.may_edit()?;
        check(new)?;
        // A change by revision is not a request of its own: the token belongs to the first write.
        let caller = &Caller {
            token: None,
            ..caller.clone()
        };
        self.transact(caller, &("put-document", new, revision), || {
            Box::pin(async {
                let now = self.world.now();
                let key = Key::new(
                    Document::KIND,
                    &caller.workspace,
                    row_id(&new.kind, &new.id),
                );
                let found = self.find::<Document>(&key).await?;
                let present = found.as_ref().map(|(_, row)| row.revision);
                if revision.is_some() && revision != present {
                    return Err(changed(new).into());
                }
                let created = found.map_or(now, |(document, _)| document.created);
                let document = of(new, caller, created, now);
                let commit = Commit {
                    expect: vec![match present {
                        None => Expect::Absent(key.clone()),
                        Some(revision) => Expect::Revision(key.clone(), revision),
                    }],
                    put: vec![document.row(None)?],
                    events: vec![event(caller, &key, "written", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: document,
                })
            })
        })
        .await
    }

    /// Removes a document.
    pub async fn delete_document(
        &self,
        caller: &Caller,
        kind: &str,
        id: &str,
    ) -> Result<(), Refusal> {
        caller.may_edit()?;
        self.transact(caller, &("delete-document", kind, id), || {
            Box::pin(async {
                let key = Key::new(Document::KIND, &caller.workspace, row_id(kind, id));
                let Some(row) = self.store.get(&key).await? else {
                    return Err(Refusal::not_found(kind, id).into());
                };
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    delete: vec![key.clone()],
                    events: vec![event(caller, &key, "deleted", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }
}

fn changed(new: &NewDocument) -> Refusal {
    Refusal::conflict(format!(
        "{} `{}` was changed by somebody else in the meantime",
        new.kind, new.id
    ))
}

pub(super) fn check(new: &NewDocument) -> Result<(), Refusal> {
    let texts = [
        Some(new.kind.as_str()),
        Some(new.id.as_str()),
        new.parent.as_deref(),
    ];
    for text in texts.into_iter().flatten() {
        if text.is_empty() || text.contains(JOINT) || text.contains('\0') {
            return Err(Refusal::invalid(
                "a document's kind, id and parent must be texts without control characters",
            ));
        }
    }
    Ok(())
}

pub(super) fn of(
    new: &NewDocument,
    caller: &Caller,
    created: domain::Timestamp,
    updated: domain::Timestamp,
) -> Document {
    Document {
        kind: new.kind.clone(),
        id: new.id.clone(),
        workspace: caller.workspace.clone(),
        parent: new.parent.clone(),
        phase: new.phase.clone(),
        labels: new.labels.clone(),
        created,
        updated,
        body: new.body.clone(),
    }
}
