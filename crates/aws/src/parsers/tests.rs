use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Any bytes, and texts that are nearly right with some of their bytes changed.
fn nearly(examples: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let changed = (
        select(examples),
        vec((any::<Index>(), any::<u8>()), 0..6),
        any::<Index>(),
        vec(any::<u8>(), 0..12),
    )
        .prop_map(|(example, changes, place, added)| {
            let mut bytes = example.as_bytes().to_vec();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let at = place.index(bytes.len());
            bytes.splice(at..at, added);
            bytes
        });
    prop_oneof![vec(any::<u8>(), 0..300), changed]
}

const FORMS: &[&str] = &[
    "Action=ListUsers&Version=2010-05-08&MaxItems=2",
    "Action=X&A.member.1=a&A.member.2=b&B.C.D=d&E.entry.1.key=k&E.entry.1.value=%C3%BC",
    "Action=X&A=1&A.B=2&.=1&..member=",
];

const BODIES: &[&str] = &[
    r#"{"TrainingJobName":"a","RoleArn":"arn:aws:iam::123456789012:role/R","HyperParameters":{"a":"b"},"ResourceConfig":{"InstanceType":"ml.m5.large","InstanceCount":1,"VolumeSizeInGB":1},"StoppingCondition":{"MaxRuntimeInSeconds":60},"OutputDataConfig":{"S3OutputPath":"s3://b/o"}}"#,
    r#"{"TrainingJobName":{"a":[[[[[[1e400]]]]]]},"Tags":[{"Key":"\ud800","Value":null}]}"#,
    r#"{"MaxResults":100,"NextToken":"x","CreationTimeAfter":1.5}"#,
];

const HEADS: &[&str] = &[
    "GET /b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000\nhost: b",
    "POST /\nhost: sts.amazonaws.com\nx-amz-date: 20260101T000000Z\nauthorization: AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000",
    "POST /a/../%2e%2e//./b?x&=&y=%zz\nhost: h\nx-amz-target: SageMaker.ListModels\nauthorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e",
];

const MAPS: &[&str] = &["\u{0}", "a1aAa", "Bcx"];

fn held(found: Result<(), String>) -> Result<(), TestCaseError> {
    found.map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn forms(bytes in nearly(FORMS)) {
        held(super::form(&bytes))?;
    }

    #[test]
    fn bodies(
        operation in select(&["CreateTrainingJob", "ListTrainingJobs", "CreateModel", "AddTags"][..]),
        bytes in nearly(BODIES),
    ) {
        held(super::members(operation, &bytes))?;
    }

    #[test]
    fn maps(bytes in nearly(MAPS), head in select(&[0xa1_u8, 0xa2, 0xbf, 0xb8, 0xc1][..])) {
        held(super::map(&bytes))?;
        let named = [&[head, 0x61, b'a'][..], &bytes].concat();
        held(super::map(&named))?;
    }

    #[test]
    fn signatures(bytes in nearly(HEADS)) {
        held(super::signature(&String::from_utf8_lossy(&bytes)))?;
    }

    #[test]
    fn moments(text in "[0-9TZ:-]{0,24}|.{0,24}") {
        held(super::moment(&text))?;
    }

    #[test]
    fn events(payload in vec(any::<u8>(), 0..3_000)) {
        held(super::event(&payload))?;
    }
}

/// What a request in CBOR says is read back from how it is written.
#[test]
fn values_of_every_kind_come_back() {
    let body = [
        &[0xa3, 0x61, b'a', 0x83, 0x20, 0x3b][..],
        &[0x7f; 8],
        &[0xf9, 0x3c, 0x00, 0x61, b'b', 0x43, 1, 2, 3],
        &[0x61, b'c', 0xc1, 0x1a, 0x5f, 0x5e, 0x10, 0x00],
    ]
    .concat();
    super::map(&body).unwrap();
}
