//! S3's questions about callers, answered from the same keys as every other service's.

use crate::Aws;
use crate::credentials::Found;
use ::s3::{Access, AccessError, Identity, Notification, Question, Secret, Verdict};
use async_trait::async_trait;
use control::transact::hexadecimal;
use domain::{Refusal, Workspace};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Keys and policies for the S3 service.
pub struct S3Access(Aws);

impl S3Access {
    /// Answers from the keys of an installation.
    pub fn new(aws: Aws) -> Self {
        Self(aws)
    }

    async fn find(&self, access_key: &str) -> Result<Arc<Found>, AccessError> {
        let found = self.0.access_key(access_key).await.map_err(unavailable)?;
        let found = found.filter(|found| found.holder.active);
        found.ok_or(AccessError::UnknownKey)
    }
}

fn unavailable(refusal: Refusal) -> AccessError {
    AccessError::Unavailable(refusal.to_string())
}

#[async_trait]
impl Access for S3Access {
    async fn secret(&self, access_key: &str) -> Result<Secret, AccessError> {
        let found = self.find(access_key).await?;
        Ok(Secret::new(found.secret.reveal()))
    }

    async fn identify(
        &self,
        access_key: &str,
        token: Option<&str>,
    ) -> Result<Identity, AccessError> {
        let found = self.find(access_key).await?;
        match (&found.holder.session, token) {
            (None, None) => {}
            (Some(session), Some(token)) => {
                if hexadecimal(&Sha256::digest(token.as_bytes())) != session.token_hash {
                    return Err(AccessError::InvalidToken);
                }
                if self.0.control.world.now() >= session.expires {
                    return Err(AccessError::ExpiredToken);
                }
            }
            _ => return Err(AccessError::InvalidToken),
        }
        Ok(Identity {
            principal: found.holder.arn.clone(),
            account: self.0.account.id.clone(),
            workspace: found.holder.workspace.clone(),
            session: found
                .holder
                .session
                .as_ref()
                .map(|session| session.policies.clone())
                .unwrap_or_default(),
        })
    }

    async fn authorise(&self, question: &Question<'_>) -> Result<Verdict, AccessError> {
        let Identity {
            principal,
            workspace,
            session,
            ..
        } = question.identity;
        let (action, resource) = (question.action, question.resource);
        let who = crate::iam::Who {
            workspace,
            arn: principal,
            session,
        };
        crate::iam::verdict(&self.0, who, action, resource, question.facts)
            .await
            .map_err(|fault| AccessError::Unavailable(fault.message))
    }

    async fn public_workspace(&self, bucket: &str) -> Result<Option<Workspace>, AccessError> {
        let workspace = Workspace::default();
        match self.0.objects.get_bucket(&workspace, bucket).await {
            Ok(_) => Ok(Some(workspace)),
            Err(objects::Error::NoSuchBucket(_)) => Ok(None),
            Err(error) => Err(AccessError::Unavailable(error.to_string())),
        }
    }

    async fn notify(
        &self,
        identity: &Identity,
        bucket: &str,
        before: &[Notification],
        wanted: &mut [Notification],
    ) -> Result<(), AccessError> {
        crate::notifications::arrange(&self.0, &identity.workspace, bucket, before, wanted).await
    }
}
