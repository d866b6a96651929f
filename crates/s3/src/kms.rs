//! Whoever writes or reads what a key of the key ring encrypts needs that key too, and not only the
//! object ("Protecting data with server-side encryption using AWS KMS keys" in the S3 user guide).

use crate::access::{Question, Verdict};
use crate::caller::Caller;
use crate::encryption::{self, Asked};
use crate::fault::access_fault;
use crate::gate::{Gate, denied};
use crate::names;
use objects::{Bucket, Object};
use s3s::S3Result;

impl Gate {
    /// Refuses to write with a key that the caller may not make data keys of.
    pub(crate) async fn demand_sealing(
        &self,
        caller: &Caller,
        asked: Option<&Asked>,
        bucket: &Bucket,
    ) -> S3Result<()> {
        let Some(encryption) = encryption::wanted(asked, bucket) else {
            return Ok(());
        };
        let (keys, name) = (self.store.keys(), encryption.key.as_deref());
        let found = match name {
            Some(name) => keys.get(name),
            None => keys.default_key(),
        };
        // Without such a key nothing is written, which says why.
        let Ok(found) = found else {
            return Ok(());
        };
        let action = "kms:GenerateDataKey";
        self.demand_key(caller, action, &found.id, name.is_some())
            .await
    }

    /// Refuses to read an object by a key that the caller may not decrypt with.
    pub(crate) async fn demand_opening(&self, caller: &Caller, object: &Object) -> S3Result<()> {
        match encryption::sealed_by_kms(object) {
            Some(sealed) => {
                self.demand_key(caller, "kms:Decrypt", &sealed.key, sealed.is_named)
                    .await
            }
            None => Ok(()),
        }
    }

    /// The default key is as the one that AWS manages for S3: everybody of the account may use it
    /// by way of S3, unless a policy denies it.
    async fn demand_key(
        &self,
        caller: &Caller,
        action: &str,
        key: &str,
        is_named: bool,
    ) -> S3Result<()> {
        let region = &self.settings.region;
        let resource = names::key_arn(region, &caller.account, key);
        let verdict = match &caller.identity {
            None => Verdict::Unsaid,
            Some(identity) => {
                let mut facts = caller.facts.as_ref().clone();
                let via = format!("s3.{region}.amazonaws.com");
                facts.insert("kms:viaservice".to_owned(), vec![via]);
                let question = Question {
                    identity,
                    action,
                    resource: &resource,
                    facts: &facts,
                };
                let said = self.access.authorise(&question).await;
                said.map_err(access_fault)?
            }
        };
        let why = match verdict {
            Verdict::Allowed => return Ok(()),
            Verdict::Unsaid if !is_named => return Ok(()),
            Verdict::Unsaid => "because no policy allows the action",
            Verdict::Denied => "with an explicit deny in a policy",
        };
        Err(denied(caller, action, &resource, why))
    }
}
