//! Code is copied under the hash of its content, so that nobody changes it under a function.

use crate::context::SYSTEM_BUCKET;
use crate::{Control, Error};
use contracts::objects::{ObjectError, PutOptions};
use domain::job::CodeArchive;
use domain::{Location, Refusal, Workspace};

/// Forms of archives by the ending of their names.
const ENDINGS: [&str; 4] = [".tar.gz", ".tgz", ".tar", ".zip"];

impl Control {
    /// The archive under the name of its content; made when it is not there.
    pub(super) async fn freeze(
        &self,
        workspace: &Workspace,
        archive: &str,
    ) -> Result<CodeArchive, Refusal> {
        let refuse = |error: ObjectError| Refusal::from(Error::from(error));
        let location = Location::parse(archive).map_err(|e| Refusal::invalid(e.to_string()))?;
        let Location::Object { bucket, key } = location else {
            return Err(Refusal::invalid(format!(
                "`{archive}` is not an object; put the packed code into a bucket"
            )));
        };
        let head = self
            .objects
            .head(workspace, &bucket, &key)
            .await
            .map_err(refuse)?;
        let ending = ENDINGS.into_iter().find(|ending| key.ends_with(ending));
        // Archives whose names say nothing are what AWS takes: zip.
        let frozen = format!("code/{}{}", head.sha256, ending.unwrap_or(".zip"));
        let code = CodeArchive {
            location: format!("s3://{SYSTEM_BUCKET}/{frozen}"),
            content_hash: head.sha256.clone(),
        };
        if bucket == SYSTEM_BUCKET && key == frozen {
            return Ok(code);
        }
        let there = self.objects.head(workspace, SYSTEM_BUCKET, &frozen).await;
        if there.is_ok() {
            return Ok(code);
        }
        self.objects
            .ensure_bucket(workspace, SYSTEM_BUCKET)
            .await
            .map_err(refuse)?;
        let (_, bytes) = self
            .objects
            .get(workspace, &bucket, &key, None)
            .await
            .map_err(refuse)?;
        let options = PutOptions {
            sha256: Some(head.sha256),
            ..PutOptions::default()
        };
        let put = self
            .objects
            .put(workspace, SYSTEM_BUCKET, &frozen, bytes, options);
        put.await.map_err(refuse)?;
        Ok(code)
    }
}
