//! What dialects read of documents.

use super::{Document, Known, row_id, row_parent};
use crate::rows::{FOREIGN_LABEL, Stored, read, shared};
use crate::{Caller, Control, Error};
use contracts::store::{Key, Order, Query};
use domain::{Refusal, Workspace};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which documents.
#[derive(Debug, Clone, Default)]
pub struct DocumentFilter {
    /// Of this kind.
    pub kind: String,
    /// Only those of this parent.
    pub parent: Option<String>,
    /// Only these phases; empty for all.
    pub phases: Vec<String>,
    /// Only those with all of these labels.
    pub labels: BTreeMap<String, String>,
    /// Only ids that begin so.
    pub prefix: Option<String>,
    /// Order.
    pub order: Order,
    /// From an earlier page.
    pub after: Option<String>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

impl Control {
    /// A document with its revision.
    pub async fn document(&self, caller: &Caller, kind: &str, id: &str) -> Result<Known, Refusal> {
        let found = self.find_document(caller, kind, id).await?;
        found.ok_or_else(|| Refusal::not_found(kind, id))
    }

    /// A document with its revision, if it is there.
    pub async fn find_document(
        &self,
        caller: &Caller,
        kind: &str,
        id: &str,
    ) -> Result<Option<Known>, Refusal> {
        caller.may_read()?;
        let key = Key::new(Document::KIND, &caller.workspace, row_id(kind, id));
        let found = self.find::<Document>(&key).await?;
        Ok(found.map(|(document, row)| Known {
            document,
            revision: row.revision,
        }))
    }

    /// A document with its revision, for looking only: what is read again and again.
    pub async fn look_at_document(
        &self,
        caller: &Caller,
        kind: &str,
        id: &str,
    ) -> Result<Option<(Arc<Document>, i64)>, Refusal> {
        caller.may_read()?;
        let key = Key::new(Document::KIND, &caller.workspace, row_id(kind, id));
        let Some(row) = self.store.get(&key).await.map_err(Error::from)? else {
            return Ok(None);
        };
        Ok(Some((shared(&row)?, row.revision)))
    }

    /// A page of documents of one kind.
    pub async fn documents(
        &self,
        caller: &Caller,
        filter: &DocumentFilter,
    ) -> Result<(Vec<Document>, Option<String>), Refusal> {
        caller.may_read()?;
        self.documents_of(Some(&caller.workspace), filter).await
    }

    /// A page of documents of one kind in all workspaces, for the installation's own doings.
    pub async fn documents_anywhere(
        &self,
        filter: &DocumentFilter,
    ) -> Result<(Vec<Document>, Option<String>), Refusal> {
        self.documents_of(None, filter).await
    }

    async fn documents_of(
        &self,
        workspace: Option<&Workspace>,
        filter: &DocumentFilter,
    ) -> Result<(Vec<Document>, Option<String>), Refusal> {
        let mut labels = filter.labels.clone();
        labels.insert(FOREIGN_LABEL.to_owned(), filter.kind.clone());
        let parent = filter
            .parent
            .as_ref()
            .map(|parent| row_parent(&filter.kind, Some(parent)));
        let query = Query {
            kind: Document::KIND.to_owned(),
            workspace: workspace.cloned(),
            parent,
            phases: filter.phases.clone(),
            labels,
            prefix: Some(row_id(&filter.kind, filter.prefix.as_deref().unwrap_or(""))),
            order: filter.order,
            after: filter.after.clone(),
            limit: filter.limit,
            ..Query::default()
        };
        let page = self.store.list(&query).await.map_err(Error::from)?;
        let documents: Result<Vec<Document>, Error> = page.rows.iter().map(read).collect();
        Ok((documents?, page.next))
    }
}
