//! Server-side encryption between the headers of S3 and the local key ring. `AES256` is the
//! ring's default key; `aws:kms` a key by name or, without one, the default key too. Which of
//! the two words was used is kept with the object and comes back. A key that the caller brings is
//! not kept: what it encrypts can be read by who brings it again.

use crate::names;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use objects::{Bucket, CustomerKey, Encryption, Object, Sealed};
use s3s::dto::ServerSideEncryption;
use s3s::{S3Result, s3_error};
use std::collections::BTreeMap;

/// Name of the fact that keeps the word.
const WORD: &str = "s3:encryption";
/// The word of encryption with keys that policies speak of.
const KMS: &str = "aws:kms";

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

/// Refuses contexts that nothing checks.
pub(crate) fn refuse_context(context: Option<&String>) -> S3Result<()> {
    if context.is_some() {
        return Err(s3_error!(
            NotImplemented,
            "an encryption context is not implemented"
        ));
    }
    Ok(())
}

/// The three headers by which a caller brings a key: algorithm, key, and the key's MD5.
pub(crate) type Brought<'a> = [Option<&'a String>; 3];

/// The key that a caller brought, which must not have asked for another kind of encryption.
pub(crate) fn brought(
    [algorithm, key, md5]: Brought<'_>,
    asked: Option<&Asked>,
) -> S3Result<Option<CustomerKey>> {
    let Some(algorithm) = algorithm else {
        if key.is_some() || md5.is_some() {
            return Err(s3_error!(
                InvalidArgument,
                "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm."
            ));
        }
        return Ok(None);
    };
    if algorithm != "AES256" {
        return Err(s3_error!(
            InvalidEncryptionAlgorithmError,
            "The Encryption request you specified is not valid. Supported value: AES256."
        ));
    }
    if asked.is_some() {
        return Err(s3_error!(
            InvalidArgument,
            "Server Side Encryption with Customer provided key is incompatible with the encryption method specified"
        ));
    }
    let Some(key) = key else {
        return Err(s3_error!(
            InvalidArgument,
            "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key."
        ));
    };
    let Some(md5) = md5 else {
        return Err(s3_error!(
            InvalidArgument,
            "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key."
        ));
    };
    let bytes = BASE64_STANDARD.decode(key).ok();
    let Some(found) = bytes.as_deref().and_then(CustomerKey::new) else {
        return Err(s3_error!(
            InvalidArgument,
            "The secret key was invalid for the specified algorithm."
        ));
    };
    if found.md5() != md5 {
        return Err(s3_error!(
            InvalidArgument,
            "The calculated MD5 hash of the key did not match the hash that was provided."
        ));
    }
    Ok(Some(found))
}

/// The headers of a request by which a key is brought for what it names.
macro_rules! key_of {
    ($input:expr) => {
        [
            $input.sse_customer_algorithm.as_ref(),
            $input.sse_customer_key.as_ref(),
            $input.sse_customer_key_md5.as_ref(),
        ]
    };
}

/// The headers of a request by which a key is brought for the source of a copy.
macro_rules! source_key_of {
    ($input:expr) => {
        [
            $input.copy_source_sse_customer_algorithm.as_ref(),
            $input.copy_source_sse_customer_key.as_ref(),
            $input.copy_source_sse_customer_key_md5.as_ref(),
        ]
    };
}

/// Shows in an answer with which of the caller's keys something is encrypted, by its MD5.
macro_rules! show_customer {
    ($md5:expr => $output:expr) => {{
        let md5: Option<&str> = $md5;
        $output.sse_customer_algorithm = md5.map(|_| "AES256".to_owned());
        $output.sse_customer_key_md5 = md5.map(str::to_owned);
    }};
}

pub(crate) use {key_of, show_customer, source_key_of};

/// MD5 of the caller's key that an object is encrypted with.
pub(crate) fn customer_of(object: &Object) -> Option<&str> {
    object
        .sealed()
        .and_then(|sealed| sealed.customer.as_deref())
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

/// How a new object is to be encrypted, as the request has it, else the bucket, when that is by
/// `aws:kms`.
pub(crate) fn wanted<'a>(asked: Option<&'a Asked>, bucket: &'a Bucket) -> Option<&'a Encryption> {
    match asked {
        Some(asked) => (asked.word == KMS).then_some(&asked.encryption),
        None => kms_key_of(bucket),
    }
}

/// How a bucket has new objects encrypted, when that is by `aws:kms`.
pub fn kms_key_of(bucket: &Bucket) -> Option<&Encryption> {
    let encryption = bucket.settings.encryption.as_ref()?;
    (bucket_word(bucket) == KMS).then_some(encryption)
}

/// How an object is encrypted, when that is by `aws:kms`.
pub fn sealed_by_kms(object: &Object) -> Option<&Sealed> {
    let sealed = object.sealed().filter(|sealed| sealed.customer.is_none())?;
    (word_of(object, sealed) == KMS).then_some(sealed)
}

/// The word of an object's encryption. What a job delivered was not written through S3, and has no
/// word of it.
fn word_of<'a>(object: &'a Object, sealed: &Sealed) -> &'a str {
    let unsaid = if sealed.is_named { KMS } else { "AES256" };
    object.extra.get(WORD).map_or(unsaid, String::as_str)
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
    let sealed = object.sealed().filter(|sealed| sealed.customer.is_none());
    let Some(sealed) = sealed else {
        return (None, None);
    };
    let word = word_of(object, sealed);
    let key = (word == KMS).then(|| names::key_arn(region, account, &sealed.key));
    (Some(ServerSideEncryption::from(word.to_owned())), key)
}
