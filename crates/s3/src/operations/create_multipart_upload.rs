//! `CreateMultipartUpload`.

use super::S3;
use crate::caller::Caller;
use crate::checksums;
use crate::describe::description;
use crate::encryption::{self, key_of, show_customer};
use crate::fault::fault;
use objects::{Algorithm, NewUpload, Scope};
use s3s::dto::{ChecksumType, CreateMultipartUploadInput, CreateMultipartUploadOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

pub(super) async fn handle(
    s3: &S3,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let caller = Caller::of(&request)?;
    let input = &request.input;
    let bucket = caller.bucket(&input.bucket)?;
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
    let algorithm = checksums::algorithm(input.checksum_algorithm.as_ref())?;
    let scope = scope(algorithm, input.checksum_type.as_ref())?;
    let new = NewUpload {
        description,
        algorithm,
        scope,
        encryption: asked.as_ref().map(|asked| asked.encryption.clone()),
        customer,
    };
    let upload = s3
        .store
        .begin_upload(&caller.workspace, &input.bucket, &input.key, new)
        .await
        .map_err(fault)?;
    let md5 = upload.customer_md5().map(str::to_owned);
    let mut output = CreateMultipartUploadOutput {
        bucket: Some(upload.bucket),
        key: Some(upload.key),
        upload_id: Some(upload.id),
        checksum_algorithm: input.checksum_algorithm.clone(),
        checksum_type: algorithm.map(|_| shown(scope)),
        server_side_encryption: input.server_side_encryption.clone(),
        ssekms_key_id: input.ssekms_key_id.clone(),
        ..CreateMultipartUploadOutput::default()
    };
    show_customer!(md5.as_deref() => output);
    Ok(S3Response::new(output))
}

pub(super) fn shown(scope: Scope) -> ChecksumType {
    ChecksumType::from_static(match scope {
        Scope::Full => ChecksumType::FULL_OBJECT,
        Scope::Composite => ChecksumType::COMPOSITE,
    })
}

/// What the object's checksum will be over (Amazon S3, "Checking object integrity": CRC-64 only
/// over all bytes, SHA only over the parts' checksums, the others as the caller likes).
fn scope(algorithm: Option<Algorithm>, asked: Option<&ChecksumType>) -> S3Result<Scope> {
    let asked = asked.map(ChecksumType::as_str);
    let Some(algorithm) = algorithm else {
        return match asked {
            None => Ok(Scope::Full),
            Some(_) => Err(s3_error!(
                InvalidRequest,
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
            )),
        };
    };
    let (usual, other) = match algorithm {
        Algorithm::Crc64Nvme => (Scope::Full, None),
        Algorithm::Crc32 | Algorithm::Crc32c => (Scope::Composite, Some(Scope::Full)),
        Algorithm::Sha1 | Algorithm::Sha256 | Algorithm::Md5 => (Scope::Composite, None),
    };
    let wanted = match asked {
        None => Some(usual),
        Some(ChecksumType::FULL_OBJECT) => Some(Scope::Full),
        Some(ChecksumType::COMPOSITE) => Some(Scope::Composite),
        Some(_) => None,
    };
    wanted
        .filter(|scope| *scope == usual || Some(*scope) == other)
        .ok_or_else(|| {
            s3_error!(
                InvalidRequest,
                "The {} checksum type cannot be used with the {} checksum algorithm.",
                asked.unwrap_or_default(),
                algorithm.name().to_lowercase()
            )
        })
}
