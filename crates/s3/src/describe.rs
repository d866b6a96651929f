//! What describes an object besides its bytes, between the headers of S3 and the store.

use http::HeaderMap;
use objects::{ContentHeaders, Description, Tags};
use s3s::dto::{ObjectCannedACL, StorageClass};
use s3s::{S3Result, s3_error};
use std::collections::BTreeMap;

/// Name of the fact that keeps the storage class.
const CLASS: &str = "s3:storage-class";

/// Reads headers, metadata, tags and storage class of a writing request.
macro_rules! description {
    ($input:expr, $headers:expr) => {{
        $crate::describe::refuse_acls(
            $input.acl.as_ref(),
            false,
            [
                &$input.grant_full_control,
                &$input.grant_read,
                &$input.grant_read_acp,
                &$input.grant_write_acp,
            ],
        )?;
        $crate::describe::refuse_redirects($input.website_redirect_location.is_some())?;
        $crate::encryption::refuse_context($input.ssekms_encryption_context.as_ref())?;
        objects::Description {
            headers: objects::ContentHeaders {
                content_type: $input.content_type.clone().map(|text| text.to_string()),
                content_encoding: $input
                    .content_encoding
                    .as_deref()
                    .and_then($crate::describe::plain_encoding),
                content_language: $input.content_language.clone(),
                content_disposition: $input.content_disposition.clone(),
                cache_control: $input.cache_control.clone(),
                expires: $crate::describe::expires($headers),
            },
            metadata: $crate::describe::metadata($input.metadata.as_ref())?,
            tags: $crate::describe::tags($input.tagging.as_deref())?,
            extra: $crate::describe::extra($input.storage_class.as_ref())?,
            lock: $crate::locks::asked(
                $input.object_lock_mode.as_ref(),
                $input.object_lock_retain_until_date.as_ref(),
                $input.object_lock_legal_hold_status.as_ref(),
            )?,
        }
    }};
}

/// Fills the fields that `GetObject` and `HeadObject` share.
macro_rules! describe {
    ($object:expr, $caller:expr, $region:expr => $output:expr) => {{
        let object: &objects::Object = $object;
        $output.accept_ranges = Some("bytes".to_owned());
        $output.cache_control = object.headers.cache_control.clone();
        $output.content_disposition = object.headers.content_disposition.clone();
        $output.content_encoding = object.headers.content_encoding.clone();
        $output.content_language = object.headers.content_language.clone();
        $output.content_type = Some($crate::describe::content_type(object));
        $output.e_tag = Some(s3s::dto::ETag::Strong(object.etag.clone()));
        $output.last_modified = Some($crate::times::shown(object.modified));
        $output.metadata = Some(object.metadata.clone().into_iter().collect());
        $output.version_id = $crate::describe::version(object, $caller);
        $output.storage_class = $crate::describe::shown_class(object);
        if let Some(retention) = object.lock.retention {
            let word = $crate::locks::word(retention.mode);
            $output.object_lock_mode = Some(s3s::dto::ObjectLockMode::from_static(word));
            $output.object_lock_retain_until_date = Some($crate::times::shown(retention.until));
        }
        $output.object_lock_legal_hold_status = object.lock.hold.map($crate::locks::shown_hold);
        ($output.server_side_encryption, $output.ssekms_key_id) =
            $crate::encryption::shown(object, $region, &$caller.account);
        $crate::encryption::show_customer!($crate::encryption::customer_of(object) => $output);
    }};
}

pub(crate) use {describe, description};

/// Canned lists that change nothing are taken; every other is refused, as buckets with the owner
/// enforced do.
pub(crate) fn refuse_acls(
    canned: Option<&ObjectCannedACL>,
    is_listed: bool,
    grants: [&Option<String>; 4],
) -> S3Result<()> {
    let is_harmless = canned.is_none_or(|acl| {
        [
            ObjectCannedACL::PRIVATE,
            ObjectCannedACL::BUCKET_OWNER_FULL_CONTROL,
        ]
        .contains(&acl.as_str())
    });
    if is_harmless && !is_listed && grants.iter().all(|grant| grant.is_none()) {
        return Ok(());
    }
    Err(s3_error!(
        AccessControlListNotSupported,
        "The bucket does not allow ACLs"
    ))
}

pub(crate) fn refuse_redirects(has_redirect: bool) -> S3Result<()> {
    if has_redirect {
        return Err(s3_error!(
            NotImplemented,
            "buckets are not served as web sites, so objects cannot redirect"
        ));
    }
    Ok(())
}

/// The encoding without `aws-chunked`, which is of the transfer and not of the object.
pub(crate) fn plain_encoding(value: &str) -> Option<String> {
    let kept: Vec<&str> = value
        .split(',')
        .map(str::trim)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// `Expires` as it was sent.
pub(crate) fn expires(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(http::header::EXPIRES)?;
    value.to_str().ok().map(str::to_owned)
}

/// The caller's own metadata, at most 2 KiB (Amazon S3, "User-defined object metadata").
pub(crate) fn metadata(sent: Option<&s3s::dto::Metadata>) -> S3Result<BTreeMap<String, String>> {
    let all: BTreeMap<String, String> = sent
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .collect();
    let size: usize = all.iter().map(|(n, v)| n.len() + v.len()).sum();
    if size > 2 * 1024 {
        return Err(s3_error!(
            MetadataTooLarge,
            "Your metadata headers exceed the maximum allowed metadata size"
        ));
    }
    Ok(all)
}

/// Tags of the header `x-amz-tagging`.
pub(crate) fn tags(header: Option<&str>) -> S3Result<Tags> {
    let invalid = || {
        s3_error!(
            InvalidArgument,
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."
        )
    };
    let pairs = crate::names::read_form(header.unwrap_or_default()).ok_or_else(invalid)?;
    unique(pairs, MOST_OBJECT_TAGS)
}

/// Most tags of an object (Amazon S3, "Categorizing your storage using tags").
pub(crate) const MOST_OBJECT_TAGS: usize = 10;

/// Checks tags as S3 does: no name twice, none too long, not too many.
pub(crate) fn unique(pairs: Vec<(String, String)>, most: usize) -> S3Result<Tags> {
    if pairs.len() > most {
        return Err(s3_error!(
            InvalidTag,
            "Object tags cannot be greater than {most}"
        ));
    }
    let mut all = Tags::new();
    for (name, value) in pairs {
        let is_long = name.is_empty() || name.chars().count() > 128;
        if is_long || name.starts_with("aws:") {
            return Err(s3_error!(
                InvalidTag,
                "The TagKey you have provided is invalid"
            ));
        }
        if value.chars().count() > 256 {
            return Err(s3_error!(
                InvalidTag,
                "The TagValue you have provided is invalid"
            ));
        }
        if all.insert(name, value).is_some() {
            return Err(s3_error!(
                InvalidTag,
                "Cannot provide multiple Tags with the same key"
            ));
        }
    }
    Ok(all)
}

/// Tags of an XML body.
pub(crate) fn tag_set(sent: Vec<s3s::dto::Tag>, most: usize) -> S3Result<Tags> {
    let pairs = sent
        .into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect();
    unique(pairs, most)
}

/// Tags for an XML body.
pub(crate) fn shown_tags(tags: Tags) -> Vec<s3s::dto::Tag> {
    tags.into_iter()
        .map(|(key, value)| s3s::dto::Tag {
            key: Some(key),
            value: Some(value),
        })
        .collect()
}

/// The facts that are kept beside an object: its storage class. Every class that can be read at
/// once is kept as a word; those that need a restoration first cannot be honoured.
pub(crate) fn extra(class: Option<&StorageClass>) -> S3Result<BTreeMap<String, String>> {
    let Some(class) = class.map(StorageClass::as_str) else {
        return Ok(BTreeMap::new());
    };
    match class {
        "STANDARD" => Ok(BTreeMap::new()),
        "STANDARD_IA"
        | "ONEZONE_IA"
        | "INTELLIGENT_TIERING"
        | "GLACIER_IR"
        | "REDUCED_REDUNDANCY" => Ok(BTreeMap::from([(CLASS.to_owned(), class.to_owned())])),
        "GLACIER" | "DEEP_ARCHIVE" => Err(s3_error!(
            NotImplemented,
            "nothing is archived or restored here; the storage class {class} cannot be honoured"
        )),
        _ => Err(s3_error!(
            InvalidStorageClass,
            "The storage class you specified is not valid"
        )),
    }
}

/// The storage class in a listing.
pub(crate) fn class(extra: &BTreeMap<String, String>) -> String {
    extra
        .get(CLASS)
        .cloned()
        .unwrap_or_else(|| "STANDARD".to_owned())
}

/// The header of an answer, which is left out for the standard class.
pub(crate) fn shown_class(object: &objects::Object) -> Option<StorageClass> {
    object.extra.get(CLASS).cloned().map(StorageClass::from)
}

pub(crate) fn content_type(object: &objects::Object) -> String {
    let known = object.headers.content_type.clone();
    known.unwrap_or_else(|| "binary/octet-stream".to_owned())
}

/// The version header, which objects of buckets that never had versions lack.
pub(crate) fn version(object: &objects::Object, caller: &crate::caller::Caller) -> Option<String> {
    let bucket = caller.bucket.as_deref()?;
    (bucket.settings.versioning != objects::Versioning::Off).then(|| object.version.clone())
}

/// Headers that `s3s` has no faithful form for: `Expires` to the letter.
pub(crate) fn further_headers(headers: &ContentHeaders) -> HeaderMap {
    let mut map = HeaderMap::new();
    if let Some(value) = &headers.expires
        && let Ok(value) = http::HeaderValue::from_str(value)
    {
        map.insert(http::header::EXPIRES, value);
    }
    map
}

/// The description of a request that may not have any of it.
pub(crate) fn without_tags(mut description: Description) -> Description {
    description.tags = Tags::new();
    description
}
