//! Aborting an upload.

use crate::error::Error;
use crate::rows::Stored;
use crate::{ObjectStore, history};
use contracts::store::Commit;
use domain::Workspace;
use tokio::task::spawn_blocking;

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
        // First the upload, so that no further part can come; then the parts that are there.
        let commit = Commit {
            now: self.world.now(),
            expect: vec![owner.unchanged()],
            delete: vec![owner.key.clone()],
            ..Commit::default()
        };
        match self.rows.commit(commit).await {
            Ok(_) => {}
            Err(error) if history::is_stale(&error) => {
                return Err(Error::NoSuchUpload(upload.to_owned()));
            }
            Err(error) => return Err(error.into()),
        }
        self.discard_parts(workspace, upload).await
    }

    /// Removes the parts of an upload that is no more.
    pub(crate) async fn discard_parts(
        &self,
        workspace: &Workspace,
        upload: &str,
    ) -> Result<(), Error> {
        let parts = self.all_parts(workspace, upload).await?;
        if parts.is_empty() {
            return Ok(());
        }
        let commit = Commit {
            now: self.world.now(),
            delete: parts
                .iter()
                .map(|part: &Stored<_>| part.key.clone())
                .collect(),
            ..Commit::default()
        };
        self.rows.commit(commit).await?;
        // Nobody reads parts but a completion, and that needs the upload.
        let blobs = self.blobs.clone();
        spawn_blocking(move || {
            for part in &parts {
                blobs.discard(&part.value.content);
            }
        })
        .await
        .map_err(Error::task)
    }
}
