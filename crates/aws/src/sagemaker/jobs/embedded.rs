//! Files of Tradewind's own that a job or a model needs: they are objects, below a prefix that says
//! what is in them.

use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::fault::fault;
use bytes::Bytes;
use contracts::objects::{ObjectError, PutOptions};
use control::context::SYSTEM_BUCKET;
use control::transact::hexadecimal;
use futures::StreamExt;
use sha2::{Digest, Sha256};

/// Where the files are; `word` is what the prefix begins with. They are put there when they are
/// not there.
pub(crate) async fn folder(
    call: &Call<'_>,
    word: &str,
    files: &[(&'static str, &'static str)],
) -> Result<String, Fault> {
    let mut digest = Sha256::new();
    for (path, text) in files {
        digest.update(path);
        digest.update([0]);
        digest.update(text);
        digest.update([0]);
    }
    let hash = hexadecimal(&digest.finalize()[..16]);
    let prefix = format!("{word}/{hash}/");
    let objects = &call.aws.control.objects;
    let workspace = &call.principal.workspace;
    let unkept = |error: ObjectError| fault(control::error::of_objects(error));
    objects
        .ensure_bucket(workspace, SYSTEM_BUCKET)
        .await
        .map_err(unkept)?;
    for (path, text) in files {
        let key = format!("{prefix}{path}");
        match objects.head(workspace, SYSTEM_BUCKET, &key).await {
            Ok(_) => continue,
            Err(ObjectError::NoSuchObject { .. }) => {}
            Err(error) => return Err(unkept(error)),
        }
        let body = futures::stream::iter([Ok(Bytes::from_static(text.as_bytes()))]).boxed();
        let options = PutOptions::default();
        let put = objects
            .put(workspace, SYSTEM_BUCKET, &key, body, options)
            .await;
        put.map_err(unkept)?;
    }
    Ok(format!("s3://{SYSTEM_BUCKET}/{prefix}"))
}
