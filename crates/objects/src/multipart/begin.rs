//! Beginning an upload.

use crate::ObjectStore;
use crate::checksum::{Algorithm, Scope};
use crate::error::Error;
use crate::keys::CustomerKey;
use crate::names::check_key;
use crate::operations::check_description;
use crate::record::{Awaiting, Description, Encryption, Upload};
use crate::rows;
use contracts::store::Commit;
use domain::Workspace;

/// What the object will be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewUpload {
    /// What will describe it.
    pub description: Description,
    /// Checksum that every part has and the object will have.
    pub algorithm: Option<Algorithm>,
    /// What the object's checksum will be over.
    pub scope: Scope,
    /// Encryption; unset for the bucket's.
    pub encryption: Option<Encryption>,
    /// A key that the caller brought, instead; each part must be brought with it.
    pub customer: Option<CustomerKey>,
}

impl ObjectStore {
    /// Begins an upload.
    pub async fn begin_upload(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        new: NewUpload,
    ) -> Result<Upload, Error> {
        check_key(key)?;
        check_description(&new.description)?;
        let owner = self.bucket(workspace, bucket).await?;
        if let Some(name) = new.encryption.as_ref().and_then(|e| e.key.as_deref()) {
            self.keys.get(name)?;
        }
        let customer = match &new.customer {
            None => None,
            Some(customer) => {
                let data = self.keys.data_key_of(customer)?;
                Some(Awaiting {
                    md5: customer.md5().to_owned(),
                    kept: self.keys.keep_data_key(&data)?,
                    wrapped: data.wrapped,
                })
            }
        };
        // Parts are encrypted too while they wait, with the ring's default key.
        let waiting = customer.as_ref().map(|_| Encryption { key: None });
        let now = self.world.now();
        let upload = Upload {
            // Begins with the time, so that uploads of one key list in the order they were begun.
            id: format!("{:012x}{}", now.0.max(0), self.blobs.fresh_id()),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            begun: now,
            description: new.description,
            algorithm: new.algorithm,
            checksum_scope: new.scope,
            encryption: waiting
                .or(new.encryption)
                .or(owner.value.settings.encryption.clone()),
            customer,
            closed: None,
        };
        let commit = Commit {
            now,
            expect: vec![owner.unchanged()],
            put: vec![rows::upload_row(workspace, &upload)?],
            ..Commit::default()
        };
        match self.rows.commit(commit).await {
            Ok(_) => Ok(upload),
            Err(error) if crate::history::is_stale(&error) => {
                Err(Error::Contended(bucket.to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }
}
