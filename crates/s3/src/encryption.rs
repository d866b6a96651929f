//! Server-side encryption between the headers of S3 and the local key ring. `AES256` is the
//! ring's default key; `aws:kms` a key by name or, without one, the default key too. Which of
//! the two words was used is kept with the object and comes back.

use crate::names;
use objects::{Bucket, Encryption, Object};
use s3s::dto::ServerSideEncryption;
use s3s::{S3Result, s3_error};
use std::collections::BTreeMap;

/// Name of the fact that keeps the word.
const WORD: &str = "s3:encryption";

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) encryption: Encryption,
    word: String,
}

/// Reads the headers of a request.
pub(crate) fn asked(
    algorithm: Option<&ServerSideEncryption>,
    key: Option<&str>,
) -> S3Result<Option<Asked>> {
    let Some(algorithm) = algorithm else {
        if key.is_some() {
            return Err(s3_error!(
                InvalidArgument,
                "x-amz-server-side-encryption must be aws:kms when a KMS key id is given"
            ));
        }
        return Ok(None);
    };
    let encryption = match (algorithm.as_str(), key) {
        ("AES256", None) => Encryption { key: None },
        ("AES256", Some(_)) => {
            return Err(s3_error!(
                InvalidArgument,
                "x-amz-server-side-encryption-aws-kms-key-id header is not applicable with AES256"
            ));
        }
        // The key that Amazon makes for every account is the ring's default one here.
        ("aws:kms", key) => Encryption {
            key: key
                .filter(|name| !name.ends_with("alias/aws/s3"))
                .map(str::to_owned),
        },
        ("aws:kms:dsse" | "aws:fsx", _) => {
            return Err(s3_error!(
                NotImplemented,
                "server-side encryption with {} is not implemented",
                algorithm.as_str()
            ));
        }
        _ => {
            return Err(s3_error!(
                InvalidEncryptionAlgorithmError,
                "The encryption request you specified is not valid. Supported values: AES256, aws:kms"
            ));
        }
    };
    Ok(Some(Asked {
        encryption,
        word: algorithm.as_str().to_owned(),
    }))
}

/// Refuses keys that the caller keeps and contexts that nothing checks.
pub(crate) fn refuse_customer_keys(fields: [Option<&String>; 3]) -> S3Result<()> {
    if fields.iter().any(Option::is_some) {
        return Err(s3_error!(
            NotImplemented,
            "server-side encryption with customer-provided keys or an encryption context is not implemented"
        ));
    }
    Ok(())
}

/// Writes the word that will be shown among the facts of a new object: the request's, else the
/// bucket's.
pub(crate) fn note(extra: &mut BTreeMap<String, String>, asked: Option<&Asked>, bucket: &Bucket) {
    let word = match (asked, &bucket.settings.encryption) {
        (Some(asked), _) => Some(asked.word.clone()),
        (None, Some(_)) => Some(bucket_word(bucket)),
        (None, None) => None,
    };
    match word {
        Some(word) => extra.insert(WORD.to_owned(), word),
        None => extra.remove(WORD),
    };
}

/// The word of a bucket's default encryption.
pub(crate) fn bucket_word(bucket: &Bucket) -> String {
    let documents = &bucket.settings.documents;
    let known = documents.get(crate::operations::ENCRYPTION);
    known.cloned().unwrap_or_else(|| "AES256".to_owned())
}

/// The two headers of an answer about an object.
pub(crate) fn shown(
    object: &Object,
    region: &str,
    account: &str,
) -> (Option<ServerSideEncryption>, Option<String>) {
    let Some(sealed) = object.sealed() else {
        return (None, None);
    };
    // What a job delivered was not written through S3, and has no word of it.
    let unsaid = if sealed.is_named { "aws:kms" } else { "AES256" };
    let word = object.extra.get(WORD).map_or(unsaid, String::as_str);
    let key = (word == "aws:kms").then(|| names::key_arn(region, account, &sealed.key));
    (Some(ServerSideEncryption::from(word.to_owned())), key)
}
