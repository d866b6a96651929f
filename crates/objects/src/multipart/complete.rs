//! Completing an upload: the parts that the caller lists become one object.

use super::LEAST_PART;
use crate::ObjectStore;
use crate::checksum::{Checksums, Expected, Scope, composite, decode, multipart_etag, unhex};
use crate::conditions::check_write;
use crate::error::Error;
use crate::history::Wish;
use crate::keys::DataKey;
use crate::operations::Put;
use crate::record::{Object, Part, Upload};
use crate::rows::Stored;
use contracts::objects::{ByteStream, Precondition};
use domain::Workspace;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeMap;

/// A part as the caller lists it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompletedPart {
    /// Its number.
    pub number: u32,
    /// Its entity tag, with or without quotes; unset when the caller's API has none.
    pub etag: Option<String>,
    /// Checksums that it must have.
    pub checksums: Checksums,
}

/// What a completion demands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Complete {
    /// The parts by ascending number; others are thrown away.
    pub parts: Vec<CompletedPart>,
    /// What must be at the key.
    pub precondition: Precondition,
    /// Checksums that the object must have, over what the upload was begun with.
    pub checksums: Checksums,
    /// Length in bytes that the object must have.
    pub bytes: Option<u64>,
}

impl ObjectStore {
    /// Completes an upload. Asked again after it was completed, it answers with the object while
    /// that is still the present version.
    pub async fn complete_upload(
        &self,
        workspace: &Workspace,
        (bucket, key): (&str, &str),
        upload: &str,
        complete: &Complete,
    ) -> Result<Object, Error> {
        let tried = self.join(workspace, (bucket, key), upload, complete).await;
        match tried {
            Ok(object) => Ok(object),
            // Somebody else may have completed it, and taken the parts away meanwhile.
            Err(error) => self
                .completed(workspace, (bucket, key), upload)
                .await
                .ok_or(error),
        }
    }

    async fn join(
        &self,
        workspace: &Workspace,
        (bucket, key): (&str, &str),
        upload: &str,
        complete: &Complete,
    ) -> Result<Object, Error> {
        let owner = self.upload(workspace, bucket, key, upload).await?;
        let uploaded = self.all_parts(workspace, upload).await?;
        let chosen = choose(&uploaded, &complete.parts)?;
        let present = self.present(workspace, bucket, key).await?;
        let present = present.as_ref().map(|stored| &stored.value);
        check_write(&complete.precondition, bucket, key, present)?;
        let encryption = owner.value.encryption.clone();
        let bucket_record = self.bucket(workspace, bucket).await?.value;
        let data_key = if let Some(awaiting) = &owner.value.customer {
            Some(DataKey {
                material: self.keys.unwrap_own("", &awaiting.kept)?,
                wrapped: awaiting.wrapped.clone(),
                key: String::new(),
                is_named: false,
                customer: Some(awaiting.md5.clone()),
            })
        } else {
            let asked = (encryption.as_ref(), None);
            self.data_key(&bucket_record, asked).await?
        };
        let expected = expectation(&owner.value, &chosen, complete)?;
        let body = self.joined(&owner.value, &chosen);
        let written = self.blobs.write(body, &expected, None, data_key).await?;
        let put = Put {
            description: owner.value.description.clone(),
            expected,
            ..Put::default()
        };
        let content = written.content.clone();
        let mut object = Self::drafted((bucket, key), written, put, self.world.now());
        finish(&mut object, &owner.value, &chosen)?;
        let changed = self
            .change_with(workspace, bucket, key, Some(&owner), |_, present| {
                check_write(&complete.precondition, bucket, key, present)?;
                Ok(Wish::Write(Box::new(object.clone())))
            })
            .await;
        let made = self.made(changed, &content, bucket, key)?;
        // What is left of the upload is invisible; the sweep clears it away when this fails.
        if let Err(error) = self.clear_upload(workspace, &owner.value).await {
            tracing::warn!(upload, %error, "parts are not cleared away yet");
        }
        Ok(made)
    }

    /// The object that an upload has become, while it is the present version.
    async fn completed(
        &self,
        workspace: &Workspace,
        (bucket, key): (&str, &str),
        upload: &str,
    ) -> Option<Object> {
        let object = self.head_object(workspace, bucket, key, None).await.ok()?;
        (object.upload.as_deref() == Some(upload)).then_some(object)
    }

    /// The bytes of the parts, one after the other.
    fn joined(&self, upload: &Upload, parts: &[Part]) -> ByteStream {
        let blobs = self.blobs.clone();
        let objects: Vec<Object> = parts
            .iter()
            .map(|part| Object {
                bytes: part.bytes,
                content: Some(part.content.clone()),
                ..Object::blank(&upload.bucket, &upload.key, part.modified)
            })
            .collect();
        stream::iter(objects)
            .then(move |object| {
                let blobs = blobs.clone();
                async move {
                    let read = blobs.read(&object, 0..object.bytes, None).await;
                    read.map_err(contracts::objects::ObjectError::from)
                }
            })
            .try_flatten()
            .boxed()
    }
}

/// Finds the listed parts among the uploaded ones.
fn choose(uploaded: &[Stored<Part>], listed: &[CompletedPart]) -> Result<Vec<Part>, Error> {
    let by_number: BTreeMap<u32, &Part> = uploaded
        .iter()
        .map(|stored| (stored.value.number, &stored.value))
        .collect();
    if listed.is_empty() {
        return Err(Error::Invalid(
            "an upload is completed with at least one part".to_owned(),
        ));
    }
    if let Some(pair) = listed
        .array_windows::<2>()
        .find(|[a, b]| a.number >= b.number)
    {
        return Err(Error::InvalidPartOrder(pair[1].number));
    }
    let mut chosen: Vec<Part> = Vec::with_capacity(listed.len());
    for (index, wanted) in listed.iter().enumerate() {
        let number = wanted.number;
        let part = by_number.get(&number).ok_or(Error::InvalidPart {
            number,
            reason: "was not uploaded",
        })?;
        let etag = wanted.etag.as_deref().map(|etag| etag.trim_matches('"'));
        if etag.is_some_and(|etag| etag != part.etag) {
            return Err(Error::InvalidPart {
                number,
                reason: "has another entity tag",
            });
        }
        let differs = |(algorithm, value): (&crate::Algorithm, &String)| {
            part.checksums.get(algorithm) != Some(value)
        };
        if wanted.checksums.iter().any(differs) {
            return Err(Error::InvalidPart {
                number,
                reason: "has another checksum",
            });
        }
        if index + 1 < listed.len() && part.bytes < LEAST_PART {
            return Err(Error::PartTooSmall {
                number,
                bytes: part.bytes,
                least: LEAST_PART,
            });
        }
        chosen.push((*part).clone());
    }
    Ok(chosen)
}

/// The composite checksum of the parts.
fn composed(upload: &Upload, parts: &[Part]) -> Option<(crate::Algorithm, String)> {
    let algorithm = upload
        .algorithm
        .filter(|_| upload.checksum_scope == Scope::Composite)?;
    let sums = parts
        .iter()
        .map(|part| decode(part.checksums.get(&algorithm)?))
        .collect::<Option<Vec<_>>>()?;
    Some((algorithm, composite(algorithm, &sums)?))
}

/// What the joined bytes must be.
fn expectation(upload: &Upload, parts: &[Part], complete: &Complete) -> Result<Expected, Error> {
    let bytes = parts.iter().map(|part| part.bytes).sum();
    if complete.bytes.is_some_and(|wanted| wanted != bytes) {
        return Err(Error::Invalid(format!(
            "the parts have {bytes} bytes together, not the expected {}",
            complete.bytes.unwrap_or_default()
        )));
    }
    let mut expected = Expected {
        bytes: Some(bytes),
        ..Expected::default()
    };
    if upload.checksum_scope == Scope::Full {
        expected.values = complete.checksums.clone();
        expected.compute.extend(upload.algorithm);
        return Ok(expected);
    }
    let composed = composed(upload, parts);
    for (algorithm, value) in &complete.checksums {
        let actual = composed.as_ref().filter(|(of, _)| of == algorithm);
        if actual.is_none_or(|(_, actual)| actual != value) {
            return Err(Error::BadDigest {
                algorithm: *algorithm,
                expected: value.clone(),
                actual: actual.map(|(_, text)| text.clone()).unwrap_or_default(),
            });
        }
    }
    Ok(expected)
}

/// What distinguishes an object that was uploaded in parts.
fn finish(object: &mut Object, upload: &Upload, parts: &[Part]) -> Result<(), Error> {
    let md5s = parts
        .iter()
        .map(|part| unhex(&part.etag))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Error::Invalid("a part has no readable entity tag".to_owned()))?;
    object.etag = multipart_etag(&md5s);
    object.parts = parts.iter().map(|part| part.bytes).collect();
    object.upload = Some(upload.id.clone());
    object.checksum_scope = upload.checksum_scope;
    if upload.checksum_scope == Scope::Composite {
        object.checksums = composed(upload, parts).into_iter().collect();
    }
    Ok(())
}
