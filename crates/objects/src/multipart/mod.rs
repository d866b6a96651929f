//! Multipart uploads (Amazon S3, "Uploading and copying objects using multipart upload").
//!
//! Parts are contents of their own until the upload is completed; then they are joined into one
//! file while its checksums are computed, so that every object is one file that a job can read.

mod abort;
mod begin;
mod complete;
mod listing;
mod part;

pub(crate) use abort::closed_row;
pub use begin::NewUpload;
pub use complete::{Complete, CompletedPart};
pub use listing::{ListUploads, Parts, Uploads};
pub use part::UploadPart;

use crate::ObjectStore;
use crate::error::Error;
use crate::record::{Part, Upload};
use crate::rows::{self, Stored};
use contracts::store::{Order, Query};
use domain::Workspace;

/// Greatest part number.
pub const MOST_PARTS: u32 = 10_000;
/// Least bytes of every part but the last.
pub const LEAST_PART: u64 = 5 << 20;

impl ObjectStore {
    /// The upload, which must be of that key.
    pub(crate) async fn upload(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        upload: &str,
    ) -> Result<Stored<Upload>, Error> {
        let missing = || Error::NoSuchUpload(upload.chars().take(100).collect());
        let is_id = upload.len() <= 64 && upload.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_id || crate::names::check_key(key).is_err() {
            return Err(missing());
        }
        self.bucket(workspace, bucket).await?;
        let row = self
            .rows
            .get(&rows::upload_key(workspace, bucket, key, upload))
            .await?;
        let stored: Stored<Upload> = rows::read(row.ok_or_else(missing)?)?;
        if stored.value.closed.is_some() {
            return Err(missing());
        }
        Ok(stored)
    }

    /// All parts of an upload by number.
    pub(crate) async fn all_parts(
        &self,
        workspace: &Workspace,
        upload: &str,
    ) -> Result<Vec<Stored<Part>>, Error> {
        let mut parts = Vec::new();
        let mut after = None;
        loop {
            let query = Query {
                kind: rows::PART.to_owned(),
                workspace: Some(workspace.clone()),
                prefix: Some(format!("{upload}/")),
                order: Order::Id,
                after,
                limit: 1_000,
                ..Query::default()
            };
            let page = self.rows.list(&query).await?;
            for row in page.rows {
                parts.push(rows::read(row)?);
            }
            after = page.next;
            if after.is_none() {
                return Ok(parts);
            }
        }
    }
}
