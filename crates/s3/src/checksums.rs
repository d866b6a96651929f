//! The five checksum fields that requests and answers share, and checksums after the body.

use objects::{Algorithm, Checksums, Expected, Scope, Trailer};
use s3s::dto::ChecksumType;
use s3s::{S3Result, TrailingHeaders, s3_error};

/// Reads the five checksum fields of a request into [`Checksums`].
macro_rules! sent {
    ($from:expr) => {
        $crate::checksums::collect([
            (objects::Algorithm::Crc32, &$from.checksum_crc32),
            (objects::Algorithm::Crc32c, &$from.checksum_crc32c),
            (objects::Algorithm::Crc64Nvme, &$from.checksum_crc64nvme),
            (objects::Algorithm::Sha1, &$from.checksum_sha1),
            (objects::Algorithm::Sha256, &$from.checksum_sha256),
        ])
    };
}

/// Writes [`Checksums`] into the five fields of an answer.
macro_rules! show {
    ($sums:expr => $to:expr) => {{
        let sums: &objects::Checksums = $sums;
        $to.checksum_crc32 = sums.get(&objects::Algorithm::Crc32).cloned();
        $to.checksum_crc32c = sums.get(&objects::Algorithm::Crc32c).cloned();
        $to.checksum_crc64nvme = sums.get(&objects::Algorithm::Crc64Nvme).cloned();
        $to.checksum_sha1 = sums.get(&objects::Algorithm::Sha1).cloned();
        $to.checksum_sha256 = sums.get(&objects::Algorithm::Sha256).cloned();
    }};
}

pub(crate) use {sent, show};

pub(crate) fn collect(fields: [(Algorithm, &Option<String>); 5]) -> Checksums {
    fields
        .into_iter()
        .filter_map(|(algorithm, value)| Some((algorithm, value.clone()?)))
        .collect()
}

/// Reads an algorithm's name.
pub(crate) fn algorithm(name: Option<&s3s::dto::ChecksumAlgorithm>) -> S3Result<Option<Algorithm>> {
    let Some(name) = name else { return Ok(None) };
    match Algorithm::parse(name.as_str()) {
        Some(Algorithm::Md5) | None => Err(s3_error!(
            InvalidRequest,
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
        )),
        some => Ok(some),
    }
}

/// What a stored checksum is over, as S3 says it; `None` when there is none.
pub(crate) fn shown_scope(sums: &Checksums, scope: Scope) -> Option<ChecksumType> {
    (!sums.is_empty()).then(|| {
        ChecksumType::from_static(match scope {
            Scope::Full => ChecksumType::FULL_OBJECT,
            Scope::Composite => ChecksumType::COMPOSITE,
        })
    })
}

/// Bytes of an answer's checksum algorithms.
pub(crate) fn shown_algorithms(sums: &Checksums) -> Option<Vec<s3s::dto::ChecksumAlgorithm>> {
    let names: Vec<_> = sums
        .keys()
        .map(|algorithm| s3s::dto::ChecksumAlgorithm::from_static(algorithm.name()))
        .collect();
    (!names.is_empty()).then_some(names)
}

/// What a request promises about its body: checksums in headers, `Content-MD5`, the length.
pub(crate) fn promised(
    sums: Checksums,
    md5: Option<&str>,
    bytes: Option<i64>,
) -> S3Result<Expected> {
    if sums.len() > 1 {
        return Err(s3_error!(
            InvalidRequest,
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
        ));
    }
    let mut expected = Expected {
        values: sums,
        bytes: bytes.and_then(|count| u64::try_from(count).ok()),
        ..Expected::default()
    };
    for (algorithm, value) in &expected.values {
        if !is_digest(value, algorithm.width()) {
            return Err(s3_error!(
                InvalidRequest,
                "Value for x-amz-checksum-{} header is invalid.",
                algorithm.name().to_lowercase()
            ));
        }
    }
    if let Some(md5) = md5 {
        if !is_digest(md5, Algorithm::Md5.width()) {
            return Err(s3_error!(
                InvalidDigest,
                "The Content-MD5 you specified was invalid."
            ));
        }
        expected.values.insert(Algorithm::Md5, md5.to_owned());
    }
    Ok(expected)
}

/// Refuses an algorithm that is announced without a checksum before or behind the body.
pub(crate) fn check_announced(headers: &http::HeaderMap, sums: &Checksums) -> S3Result<()> {
    let announced = headers.contains_key("x-amz-sdk-checksum-algorithm");
    if announced && sums.is_empty() && !headers.contains_key("x-amz-trailer") {
        return Err(s3_error!(
            InvalidRequest,
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."
        ));
    }
    Ok(())
}

fn is_digest(text: &str, width: usize) -> bool {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(text.trim())
        .is_ok_and(|bytes| bytes.len() == width)
}

/// The checksum that follows the body: which one is announced in `x-amz-trailer`, and how it is
/// taken once the body has ended.
pub(crate) fn trailing(
    headers: &http::HeaderMap,
    trailers: Option<TrailingHeaders>,
) -> S3Result<Option<(Algorithm, Trailer)>> {
    let (Some(trailers), Some(announced)) = (trailers, headers.get("x-amz-trailer")) else {
        return Ok(None);
    };
    let name = announced
        .to_str()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let algorithm = name
        .strip_prefix("x-amz-checksum-")
        .and_then(Algorithm::parse)
        .filter(|algorithm| *algorithm != Algorithm::Md5)
        .ok_or_else(|| {
            s3_error!(
                InvalidRequest,
                "The value specified in the x-amz-trailer header is not supported"
            )
        })?;
    let take: Trailer = Box::new(move || {
        let missing = || objects::Error::Incomplete(crate::fault::MALFORMED_TRAILER.to_owned());
        let all = trailers.take().ok_or_else(missing)?;
        let value = all.get(&name).and_then(|value| value.to_str().ok());
        let value = value.ok_or_else(missing)?.trim().to_owned();
        Ok(Checksums::from([(algorithm, value)]))
    });
    Ok(Some((algorithm, take)))
}
