//! `CopyObject`.

use super::S3;
use super::support::{MOST_AT_ONCE, bare};
use crate::caller::Caller;
use crate::checksums::{self, show, shown_scope};
use crate::describe::{self, description};
use crate::encryption::{key_of, show_customer, source_key_of};
use crate::fault::fault;
use crate::{conditions, encryption, times};
use contracts::objects::Precondition;
use objects::Copy;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, ETag, MetadataDirective, TaggingDirective,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<CopyObjectInput>,
) -> S3Result<S3Response<CopyObjectOutput>> {
    let caller = Caller::of(&request)?;
    let input = &request.input;
    let bucket = caller.bucket(&input.bucket)?;
    let owner = input.expected_source_bucket_owner.as_ref();
    let source = s3.source(&caller, &input.copy_source, owner).await?;
    let description = description!(input, &request.headers);
    let asked = encryption::asked(
        input.server_side_encryption.as_ref(),
        input.ssekms_key_id.as_deref(),
    )?;
    let customer = encryption::brought(key_of!(input), asked.as_ref())?;
    let mut extra = description.extra.clone();
    if customer.is_none() {
        s3.demand_sealing(&caller, asked.as_ref(), bucket).await?;
    }
    encryption::note(&mut extra, asked.as_ref(), bucket);
    let replaces = is_replace(
        input
            .metadata_directive
            .as_ref()
            .map(MetadataDirective::as_str),
    )?;
    let tags = is_replace(
        input
            .tagging_directive
            .as_ref()
            .map(TaggingDirective::as_str),
    )?;
    let is_same = source.bucket.name == input.bucket && source.key == input.key;
    let encrypts = asked.is_some() || customer.is_some();
    let changes = replaces || tags || encrypts || input.storage_class.is_some();
    if is_same && source.version.is_none() && !changes {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
        ));
    }
    let copy = Copy {
        bucket: source.bucket.name,
        key: source.key,
        version: source.version,
        conditions: conditions::read(
            input.copy_source_if_match.as_ref(),
            input.copy_source_if_none_match.as_ref(),
            input.copy_source_if_modified_since.clone(),
            input.copy_source_if_unmodified_since.clone(),
        ),
        lock: description.lock,
        tags: tags.then(|| description.tags.clone()),
        description: replaces.then(|| describe::without_tags(description)),
        extra: Some(extra),
        encryption: asked.map(|asked| asked.encryption),
        customer,
        source_customer: encryption::brought(source_key_of!(input), None)?,
        algorithm: checksums::algorithm(input.checksum_algorithm.as_ref())?,
        precondition: Precondition::default(),
    };
    check_source(s3, &caller, &copy).await?;
    let copied = s3
        .store
        .copy_object(&caller.workspace, &input.bucket, &input.key, &copy)
        .await
        .map_err(source_fault)?;
    let (made, from) = copied;
    let mut result = CopyObjectResult {
        e_tag: Some(ETag::Strong(made.etag.clone())),
        last_modified: Some(times::shown(made.modified)),
        checksum_type: shown_scope(&made.checksums, made.checksum_scope),
        ..CopyObjectResult::default()
    };
    show!(&made.checksums => result);
    let mut output = CopyObjectOutput {
        copy_object_result: Some(result),
        version_id: describe::version(&made, &caller),
        copy_source_version_id: (from.version != objects::NULL_VERSION).then_some(from.version),
        ..CopyObjectOutput::default()
    };
    (output.server_side_encryption, output.ssekms_key_id) =
        encryption::shown(&made, &s3.settings.region, &caller.account);
    show_customer!(encryption::customer_of(&made) => output);
    Ok(bare(output))
}

fn is_replace(directive: Option<&str>) -> S3Result<bool> {
    match directive {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(_) => Err(s3_error!(InvalidArgument, "Unknown metadata directive.")),
    }
}

/// What is longer is copied in parts; what is encrypted is read by its key.
async fn check_source(s3: &S3, caller: &Caller, copy: &Copy) -> S3Result<()> {
    let version = copy.version.as_deref();
    let head = s3
        .store
        .head_object(&caller.workspace, &copy.bucket, &copy.key, version)
        .await
        .map_err(fault)?;
    s3.demand_opening(caller, &head).await?;
    if head.bytes > MOST_AT_ONCE {
        return Err(s3_error!(
            InvalidRequest,
            "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120"
        ));
    }
    Ok(())
}

/// Conditions on the source of a copy never answer "not modified".
pub(super) fn source_fault(error: objects::Error) -> s3s::S3Error {
    match error {
        objects::Error::NotModified { .. } => fault(objects::Error::PreconditionFailed {
            condition: "x-amz-copy-source-if-none-match",
            key: String::new(),
        }),
        other => fault(other),
    }
}
