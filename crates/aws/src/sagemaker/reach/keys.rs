//! Data that a key of KMS encrypts needs that key, as S3 asks for it of whoever reads and writes.

use super::Reach;
use crate::fault::Fault;
use crate::iam;
use crate::sagemaker::jobs::channels;
use ::s3::Verdict;

impl Reach<'_> {
    /// Refuses to read what is encrypted by a key that may not be decrypted with, as S3 does.
    pub(super) async fn open(&self, bucket: &str, key: &str) -> Result<(), Fault> {
        let (store, workspace) = (&self.call.aws.objects, &self.identity.workspace);
        // What is not there is said where it is looked for.
        let Ok(object) = store.head_object(workspace, bucket, key, None).await else {
            return Ok(());
        };
        let Some(sealed) = ::s3::sealed_by_kms(&object) else {
            return Ok(());
        };
        self.demand_key("kms:Decrypt", &sealed.key, sealed.is_named)
            .await
    }

    /// Refuses to write with a key that no data keys may be made of: one that is named, else the
    /// bucket's.
    pub(super) async fn seal(&self, uri: &str, key: Option<&str>) -> Result<(), Fault> {
        let Ok((bucket, _)) = channels::s3("s3OutputPath", uri) else {
            return Ok(());
        };
        let store = &self.call.aws.objects;
        let bucket = store.get_bucket(&self.identity.workspace, &bucket).await;
        let of_bucket = bucket.as_ref().ok().and_then(::s3::kms_key_of);
        let name = match (key, of_bucket) {
            (Some(name), _) => Some(name),
            (None, Some(encryption)) => encryption.key.as_deref(),
            (None, None) => return Ok(()),
        };
        let found = match name {
            Some(name) => store.keys().get(name),
            None => store.keys().default_key(),
        };
        match found {
            Ok(found) => {
                self.demand_key("kms:GenerateDataKey", &found.id, name.is_some())
                    .await
            }
            // Nothing is written without it, which says why.
            Err(_) => Ok(()),
        }
    }

    /// Refuses unless a key may be used. Whoever may use S3 may use the default one, unless it is
    /// denied.
    async fn demand_key(&self, action: &str, key: &str, is_named: bool) -> Result<(), Fault> {
        let resource = self.call.arn("kms", &format!("key/{key}"));
        let verdict = iam::verdict(self.call.aws, self.who(), action, &resource, &self.facts);
        match (verdict.await?, is_named) {
            (Verdict::Allowed, _) | (Verdict::Unsaid, false) => Ok(()),
            _ => Err(Fault::validation(format!(
                "{} is not authorized to perform: {action} on resource: {resource}",
                self.identity.principal
            ))),
        }
    }
}
