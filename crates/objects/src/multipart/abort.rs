//! Ending an upload: first it is closed, so that no further part can come; then what is there is
//! cleared away. A crash in between leaves a closed upload, which the sweep clears away.

use crate::error::Error;
use crate::record::Upload;
use crate::rows::{self, Stored};
use crate::{ObjectStore, history};
use contracts::store::{Commit, NewRow, Query};
use domain::{Timestamp, Workspace};
use tokio::task::spawn_blocking;

/// The row of an upload that is over.
pub(crate) fn closed_row(
    workspace: &Workspace,
    upload: &Upload,
    now: Timestamp,
) -> Result<NewRow, Error> {
    let closed = Upload {
        closed: Some(now),
        ..upload.clone()
    };
    rows::upload_row(workspace, &closed)
}

impl ObjectStore {
    /// Aborts an upload and throws its parts away.
    pub async fn abort_upload(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        upload: &str,
    ) -> Result<(), Error> {
        let owner = self.upload(workspace, bucket, key, upload).await?;
        let now = self.world.now();
        let commit = Commit {
            now,
            expect: vec![owner.unchanged()],
            put: vec![closed_row(workspace, &owner.value, now)?],
            ..Commit::default()
        };
        match self.rows.commit(commit).await {
            Ok(_) => self.clear_upload(workspace, &owner.value).await,
            Err(error) if history::is_stale(&error) => Err(Error::NoSuchUpload(upload.to_owned())),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a closed upload with its parts.
    pub(crate) async fn clear_upload(
        &self,
        workspace: &Workspace,
        upload: &Upload,
    ) -> Result<(), Error> {
        let parts = self.all_parts(workspace, &upload.id).await?;
        let own = rows::upload_key(workspace, &upload.bucket, &upload.key, &upload.id);
        let commit = Commit {
            now: self.world.now(),
            delete: parts
                .iter()
                .map(|part: &Stored<_>| part.key.clone())
                .chain([own])
                .collect(),
            ..Commit::default()
        };
        self.rows.commit(commit).await?;
        // Nobody reads parts but a completion, and the upload is over.
        let blobs = self.blobs.clone();
        spawn_blocking(move || {
            for part in &parts {
                blobs.discard(&part.value.content);
            }
        })
        .await
        .map_err(Error::task)
    }

    /// Clears away what crashes left of uploads that are over.
    pub(crate) async fn clear_closed_uploads(&self) -> Result<(), Error> {
        let query = Query {
            kind: rows::UPLOAD.to_owned(),
            phases: vec![rows::CLOSED.to_owned()],
            limit: 1_000,
            ..Query::default()
        };
        for row in self.rows.list(&query).await?.rows {
            let stored: Stored<Upload> = rows::read(row)?;
            self.clear_upload(&stored.key.workspace, &stored.value)
                .await?;
        }
        Ok(())
    }
}
