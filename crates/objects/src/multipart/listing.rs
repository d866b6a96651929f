//! Listing parts and uploads.

use crate::ObjectStore;
use crate::error::Error;
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
        let limit = bounded(list.limit) as usize;
        let delimiter = list.delimiter.as_deref().filter(|text| !text.is_empty());
        let mut after_id = list
            .after_key
            .as_deref()
            .map(|key| match &list.after_upload {
                Some(upload) if !upload.is_empty() => {
                    rows::upload_key(workspace, bucket, key, upload).id
                }
                // Behind all uploads of the key: U+0002 is the least that can follow its end mark.
                _ => format!("{}\u{10FFFF}", rows::version_prefix(bucket, key)),
            });
        let mut page = Uploads::default();
        let mut last = None;
        loop {
            let query = Query {
                kind: rows::UPLOAD.to_owned(),
                workspace: Some(workspace.clone()),
                prefix: Some(rows::escape_prefix(bucket, &list.prefix)),
                order: Order::Id,
                after_id: after_id.take(),
                limit: 200,
                ..Query::default()
            };
            let found = self.rows.list(&query).await?;
            let is_last = found.next.is_none();
            for row in found.rows {
                let stored: Stored<Upload> = rows::read(row)?;
                let upload = stored.value;
                after_id = Some(stored.key.id);
                let folded = delimiter.and_then(|d| {
                    let rest = upload.key.strip_prefix(list.prefix.as_str())?;
                    let at = rest.find(d)? + d.len() + list.prefix.len();
                    Some(upload.key[..at].to_owned())
                });
                let is_seen = folded.as_ref().is_some_and(|prefix| {
                    page.prefixes.last() == Some(prefix) || list.after_key.as_ref() == Some(prefix)
                });
                if is_seen {
                    continue;
                }
                if page.uploads.len() + page.prefixes.len() == limit {
                    page.next = last;
                    return Ok(page);
                }
                if let Some(prefix) = folded {
                    last = Some((prefix.clone(), String::new()));
                    page.prefixes.push(prefix);
                } else {
                    last = Some((upload.key.clone(), upload.id.clone()));
                    page.uploads.push(upload);
                }
            }
            if is_last {
                return Ok(page);
            }
        }
    }
}
