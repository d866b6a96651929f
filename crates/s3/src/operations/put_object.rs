//! `PutObject`, and `PostObject`, which is the same by an HTML form.

use super::S3;
use super::support::MOST_AT_ONCE;
use crate::caller::Caller;
use crate::checksums::{self, promised, sent, show, shown_scope, trailing};
use crate::describe::{self, description};
use crate::encryption::{key_of, show_customer};
use crate::fault::{fault, too_large};
use crate::names::object_arn;
use crate::{body, conditions, encryption};
use objects::{Expected, Put};
use s3s::dto::{ETag, PutObjectInput, PutObjectOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    mut request: S3Request<PutObjectInput>,
) -> S3Result<S3Response<PutObjectOutput>> {
    let caller = Caller::of(&request)?;
    let input = &mut request.input;
    let bucket = caller.bucket(&input.bucket)?;
    if request.method == http::Method::POST {
        // The key of a form upload stands in the form, where the gate has not seen it.
        let resource = object_arn(&bucket.name, &input.key);
        s3.authorise(&caller, Some(bucket), "s3:PutObject", &resource)
            .await?;
    }
    if input.write_offset_bytes.is_some() {
        return Err(s3_error!(NotImplemented, "objects cannot be appended to"));
    }
    let mut description = description!(input, &request.headers);
    let asked = encryption::asked(
        input.server_side_encryption.as_ref(),
        input.ssekms_key_id.as_deref(),
    )?;
    let customer = encryption::brought(key_of!(input), asked.as_ref())?;
    if customer.is_none() {
        s3.demand_sealing(&caller, asked.as_ref(), bucket).await?;
    }
    encryption::note(&mut description.extra, asked.as_ref(), bucket);
    checksums::check_announced(&request.headers, &sent!(input))?;
    let mut expected = expected(input)?;
    expected.name = caller.content_name();
    let trailer = trailing(&request.headers, request.trailing_headers.take())?;
    let trailer = trailer.map(|(algorithm, take)| {
        expected.compute.insert(algorithm);
        take
    });
    let put = Put {
        description,
        precondition: conditions::write(input.if_match.as_ref(), input.if_none_match.as_ref())?,
        expected,
        trailer,
        encryption: asked.map(|asked| asked.encryption),
        customer,
    };
    let stream = body::incoming(input.body.take());
    let object = s3
        .store
        .put_object(&caller.workspace, &input.bucket, &input.key, stream, put)
        .await
        .map_err(fault)?;
    let mut output = PutObjectOutput {
        e_tag: Some(ETag::Strong(object.etag.clone())),
        checksum_type: shown_scope(&object.checksums, object.checksum_scope),
        version_id: describe::version(&object, &caller),
        ..PutObjectOutput::default()
    };
    show!(&object.checksums => output);
    (output.server_side_encryption, output.ssekms_key_id) =
        encryption::shown(&object, &s3.settings.region, &caller.account);
    show_customer!(encryption::customer_of(&object) => output);
    Ok(S3Response::new(output))
}

/// What the request promises about its bytes.
fn expected(input: &PutObjectInput) -> S3Result<Expected> {
    let sums = sent!(input);
    let mut expected = promised(sums, input.content_md5.as_deref(), input.content_length)?;
    if expected.bytes.is_some_and(|bytes| bytes > MOST_AT_ONCE) {
        return Err(too_large());
    }
    let named = checksums::algorithm(input.checksum_algorithm.as_ref())?;
    expected.compute.extend(named);
    Ok(expected)
}
