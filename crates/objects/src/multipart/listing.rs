//! Listing parts and uploads.

use crate::ObjectStore;
use crate::error::Error;
use crate::names::marker;
use crate::operations::{Entry, Fold};
use crate::record::{Part, Upload};
use crate::rows::{self, Stored};
use contracts::store::{Order, Query};
use domain::Workspace;

/// A page of parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Their upload.
    pub upload: Upload,
    /// By number.
    pub parts: Vec<Part>,
    /// Number of the last part, when more follow.
    pub next: Option<u32>,
}

/// Which uploads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListUploads {
    /// Keys that begin so.
    pub prefix: String,
    /// Folds keys that share what comes before it.
    pub delimiter: Option<String>,
    /// Only keys (or folded prefixes) after this.
    pub after_key: Option<String>,
    /// With a key: also those of that key after this upload.
    pub after_upload: Option<String>,
    /// At most so many, 1 to 1,000; 0 means 1,000.
    pub limit: u32,
}

/// A page of uploads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uploads {
    /// By key, then by when they were begun.
    pub uploads: Vec<Upload>,
    /// Prefixes up to the delimiter, in order.
    pub prefixes: Vec<String>,
    /// Key and upload (empty for a folded prefix) of the last entry, when more follow.
    pub next: Option<(String, String)>,
}

fn bounded(limit: u32) -> u32 {
    if limit == 0 { 1_000 } else { limit.min(1_000) }
}

impl ObjectStore {
    /// A page of an upload's parts with numbers greater than `after`.
    pub async fn list_parts(
        &self,
        workspace: &Workspace,
        (bucket, key): (&str, &str),
        upload: &str,
        after: u32,
        limit: u32,
    ) -> Result<Parts, Error> {
        let owner = self.upload(workspace, bucket, key, upload).await?;
        let query = Query {
            kind: rows::PART.to_owned(),
            workspace: Some(workspace.clone()),
            prefix: Some(format!("{upload}/")),
            order: Order::Id,
            after_id: Some(rows::part_key(workspace, upload, after).id),
            limit: bounded(limit),
            ..Query::default()
        };
        let page = self.rows.list(&query).await?;
        let more = page.next.is_some();
        let mut parts: Vec<Part> = Vec::new();
        for row in page.rows {
            let part: Stored<Part> = rows::read(row)?;
            parts.push(part.value);
        }
        Ok(Parts {
            upload: owner.value,
            next: parts.last().filter(|_| more).map(|part| part.number),
            parts,
        })
    }

    /// A page of a bucket's uploads that are under way.
    pub async fn list_uploads(
        &self,
        workspace: &Workspace,
        bucket: &str,
        list: &ListUploads,
    ) -> Result<Uploads, Error> {
        self.bucket(workspace, bucket).await?;
        let (delimiter, after) = (list.delimiter.as_deref(), list.after_key.as_deref());
        let mut fold = Fold::new(bucket, &list.prefix, delimiter, after, list.limit);
        let mut begin = fold.after.map(|key| match list.after_upload.as_deref() {
            Some(upload) if !upload.is_empty() && upload.len() <= 64 => {
                rows::upload_key(workspace, bucket, key, marker(upload)).id
            }
            // Behind all uploads of the key.
            _ => format!("{}\u{10FFFF}", rows::version_prefix(bucket, key)),
        });
        let mut page = Uploads::default();
        while !fold.is_vain() {
            let query = Query {
                kind: rows::UPLOAD.to_owned(),
                workspace: Some(workspace.clone()),
                phases: vec![rows::LIVE.to_owned()],
                prefix: Some(rows::escape_prefix(bucket, &list.prefix)),
                order: Order::Id,
                after_id: begin.take(),
                limit: 200,
                ..Query::default()
            };
            let found = self.rows.list(&query).await?;
            for row in found.rows {
                let stored: Stored<Upload> = rows::read(row)?;
                begin = Some(stored.key.id);
                if !page.take(&mut fold, stored.value) {
                    page.prefixes = fold.prefixes;
                    return Ok(page);
                }
            }
            if found.next.is_none() {
                break;
            }
        }
        page.prefixes = fold.prefixes;
        page.next = None;
        Ok(page)
    }
}

impl Uploads {
    /// Takes the next upload in; `false` when the page is full.
    fn take(&mut self, fold: &mut Fold<'_>, upload: Upload) -> bool {
        let entry = fold.entry(&upload.key);
        if matches!(entry, Entry::Seen(_)) {
            return true;
        }
        if self.uploads.len() + fold.prefixes.len() == fold.limit {
            return false;
        }
        if let Entry::New(prefix) = entry {
            self.next = Some((prefix.clone(), String::new()));
            fold.prefixes.push(prefix);
        } else {
            self.next = Some((upload.key.clone(), upload.id.clone()));
            self.uploads.push(upload);
        }
        true
    }
}
