//! Uploading a part, from the caller or from another object.

use super::MOST_PARTS;
use crate::blob::Written;
use crate::checksum::{Algorithm, ContentName, Expected, Trailer};
use crate::error::Error;
use crate::keys::CustomerKey;
use crate::operations::{Contents, Get};
use crate::record::{Object, Part, Upload};
use crate::rows::{self, Stored};
use crate::{ObjectStore, history};
use contracts::objects::ByteStream;
use contracts::store::{Commit, Expect};
use domain::Workspace;
use tokio::task::spawn_blocking;

/// How often a part is tried again when the same part is uploaded twice at once.
const ATTEMPTS: u32 = 20;

/// What comes with a part.
#[derive(Default)]
pub struct UploadPart {
    /// What was promised about its bytes.
    pub expected: Expected,
    /// Checksums that follow the body.
    pub trailer: Option<Trailer>,
    /// The key that the upload was begun with, if the caller brought one.
    pub customer: Option<CustomerKey>,
}

fn check_number(number: u32) -> Result<(), Error> {
    if (1..=MOST_PARTS).contains(&number) {
        return Ok(());
    }
    Err(Error::Invalid(format!(
        "part number {number} is not between 1 and {MOST_PARTS}"
    )))
}

impl ObjectStore {
    /// Uploads a part; one of the same number is replaced.
    pub async fn upload_part(
        &self,
        workspace: &Workspace,
        (bucket, key): (&str, &str),
        upload: &str,
        number: u32,
        body: ByteStream,
        mut part: UploadPart,
    ) -> Result<Part, Error> {
        check_number(number)?;
        let owner = self.upload(workspace, bucket, key, upload).await?;
        owner.value.takes(part.customer.as_ref())?;
        part.expected.compute.extend(owner.value.algorithm);
        part.expected.name = ContentName::Unneeded;
        let data_key = match &owner.value.encryption {
            None => None,
            Some(encryption) => {
                let (keys, name) = (self.keys.clone(), encryption.key.clone());
                let made = spawn_blocking(move || keys.data_key(name.as_deref()));
                Some(made.await.map_err(Error::task)??)
            }
        };
        let written = self
            .blobs
            .write(body, &part.expected, part.trailer, data_key)
            .await?;
        let part = Part {
            number,
            bytes: written.bytes,
            etag: written.computed.hex(Algorithm::Md5),
            checksums: written.computed.kept(&part.expected.algorithms()),
            modified: self.world.now(),
            content: written.content.clone(),
        };
        let committed = self.commit_part(workspace, &owner, &part).await;
        self.discard_unless(committed.as_ref().err(), &written);
        committed.map(|()| part)
    }

    /// Uploads a range of another object as a part. Returns the part and the source.
    pub async fn copy_part(
        &self,
        workspace: &Workspace,
        target: (&str, &str),
        upload: &str,
        number: u32,
        source: (&str, &str, &Get),
        customer: Option<CustomerKey>,
    ) -> Result<(Part, Object), Error> {
        check_number(number)?;
        let owner = self.upload(workspace, target.0, target.1, upload).await?;
        owner.value.takes(customer.as_ref())?;
        let (bucket, key, get) = source;
        let contents = self.get_object(workspace, bucket, key, get).await?;
        let Contents {
            object,
            range,
            body,
        } = contents;
        let mut part = UploadPart {
            customer,
            ..UploadPart::default()
        };
        part.expected.bytes = Some(range.end - range.start);
        let part = self
            .upload_part(workspace, target, upload, number, body, part)
            .await?;
        Ok((part, object))
    }

    fn discard_unless(&self, error: Option<&Error>, written: &Written) {
        // After a failure of the database nobody knows whether the commit happened.
        if error.is_some_and(|error| !matches!(error, Error::Store(_))) {
            self.blobs.discard(&written.content);
        }
    }

    async fn commit_part(
        &self,
        workspace: &Workspace,
        upload: &Stored<Upload>,
        part: &Part,
    ) -> Result<(), Error> {
        let key = rows::part_key(workspace, &upload.value.id, part.number);
        for _ in 0..ATTEMPTS {
            let row = self.rows.get(&key).await?;
            let before: Option<Stored<Part>> = row.map(rows::read).transpose()?;
            let mut expect = vec![upload.unchanged()];
            match &before {
                None => expect.push(Expect::Absent(key.clone())),
                Some(before) => {
                    expect.push(before.unchanged());
                    self.blobs.touch(Some(&before.value.content))?;
                }
            }
            let commit = Commit {
                now: self.world.now(),
                expect,
                put: vec![rows::part_row(workspace, &upload.value.id, part)?],
                ..Commit::default()
            };
            match self.rows.commit(commit).await {
                Ok(_) => return Ok(()),
                Err(error) if history::is_stale(&error) => {
                    // Either the same part came twice at once, or the upload is over.
                    let (bucket, key) = (&upload.value.bucket, &upload.value.key);
                    self.upload(workspace, bucket, key, &upload.value.id)
                        .await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended(format!(
            "{}/{}",
            upload.value.bucket, upload.value.key
        )))
    }
}
