//! Whatever bytes come, the service answers as S3 does and keeps what it has.

use crate::any::{Any, DOCUMENTS};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

thread_local! {
    static SERVICE: Any = Any::new();
}

/// Some bytes of a text changed, and some put in.
fn changed(examples: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (
        select(examples),
        vec((any::<Index>(), any::<u8>()), 0..5),
        any::<Index>(),
        vec(any::<u8>(), 0..8),
    )
        .prop_map(|(mut bytes, changes, place, added)| {
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let at = place.index(bytes.len());
            bytes.splice(at..at, added);
            bytes
        })
}

fn framed() -> Vec<Vec<u8>> {
    [
        "0\r\n\r\n",
        "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
        "3\r\nhel\r\n2\r\nlo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
        "ffffffffffffffff\r\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

fn heads() -> Vec<Vec<u8>> {
    [
        "GET /data/kept\nhost: localhost\nauthorization: AWS4-HMAC-SHA256 Credential=OWNER/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00\nx-amz-date: 20260101T000000Z\nx-amz-content-sha256: UNSIGNED-PAYLOAD",
        "PUT /data/kept?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=OWNER%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00\nhost: data.localhost",
        "GET /data/kept?AWSAccessKeyId=OWNER&Expires=99999999999&Signature=x\nhost: localhost",
        "POST /data\nhost: localhost\ncontent-type: multipart/form-data; boundary=b\ncontent-length: 3",
        "DELETE /data/%2e%2e%2f%2e%2e%2fkept\nhost: localhost\nauthorization: AWS OWNER:c2ln\ndate: Thu, 01 Jan 2026 00:00:00 GMT",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents(
        (which, bytes) in (0..DOCUMENTS.len()).prop_flat_map(|which| {
            let example = DOCUMENTS[which].2.as_bytes().to_vec();
            (Just(which), prop_oneof![changed(vec![example]), vec(any::<u8>(), 0..200)])
        })
    ) {
        SERVICE.with(|service| service.document(which, &bytes));
    }

    #[test]
    fn chunks(announced in 0..12_usize, bytes in changed(framed())) {
        SERVICE.with(|service| service.chunked(announced, &bytes));
    }

    #[test]
    fn requests(head in changed(heads()), body in vec(any::<u8>(), 0..40)) {
        SERVICE.with(|service| service.request(&String::from_utf8_lossy(&head), &body));
    }
}
