//! Conditional reads, checksums, ranges.

use crate::setting::{Setting, noise};
use domain::{Span, Timestamp};
use tradewind_objects::{
    Algorithm, ByteRange, EntityTags, Error, Expected, Get, Put, ReadConditions,
};

fn with(conditions: ReadConditions) -> Get {
    Get {
        conditions,
        ..Get::default()
    }
}

#[tokio::test]
async fn conditional_reads_follow_the_order_of_the_standard() {
    let setting = Setting::with("bucket").await;
    let object = setting.put("bucket", "key", b"x").await;
    let before = object.modified - Span::seconds(5);
    let after = object.modified + Span::seconds(5);
    let this = || {
        Some(EntityTags::parse(&format!(
            "\"other\", W/\"{}\"",
            object.etag
        )))
    };
    let other = || Some(EntityTags::parse("\"other\""));
    let none = ReadConditions::default;
    let cases: Vec<(ReadConditions, &str)> = vec![
        (
            ReadConditions {
                if_match: this(),
                ..none()
            },
            "ok",
        ),
        (
            ReadConditions {
                if_match: other(),
                ..none()
            },
            "failed",
        ),
        (
            ReadConditions {
                if_match: Some(EntityTags::Any),
                ..none()
            },
            "ok",
        ),
        (
            ReadConditions {
                if_none_match: this(),
                ..none()
            },
            "same",
        ),
        (
            ReadConditions {
                if_none_match: other(),
                ..none()
            },
            "ok",
        ),
        (
            ReadConditions {
                if_modified_since: Some(after),
                ..none()
            },
            "same",
        ),
        (
            ReadConditions {
                if_modified_since: Some(before),
                ..none()
            },
            "ok",
        ),
        (
            ReadConditions {
                if_unmodified_since: Some(before),
                ..none()
            },
            "failed",
        ),
        (
            ReadConditions {
                if_unmodified_since: Some(after),
                ..none()
            },
            "ok",
        ),
        // A tag makes the date beside it meaningless.
        (
            ReadConditions {
                if_match: this(),
                if_unmodified_since: Some(before),
                ..none()
            },
            "ok",
        ),
        (
            ReadConditions {
                if_none_match: other(),
                if_modified_since: Some(after),
                ..none()
            },
            "ok",
        ),
    ];
    for (conditions, expected) in cases {
        let read = setting
            .get("bucket", "key", &with(conditions.clone()))
            .await;
        let found = match read {
            Ok(_) => "ok",
            Err(Error::PreconditionFailed { .. }) => "failed",
            Err(Error::NotModified { .. }) => "same",
            Err(error) => panic!("{error}"),
        };
        assert_eq!(found, expected, "{conditions:?}");
    }
    // Dates have whole seconds: what was written in the same second is not newer.
    let floor = Timestamp(object.modified.0 / 1_000 * 1_000);
    let conditions = ReadConditions {
        if_modified_since: Some(floor),
        ..none()
    };
    let read = setting.get("bucket", "key", &with(conditions)).await;
    assert!(matches!(read, Err(Error::NotModified { .. })));
}

#[tokio::test]
async fn promised_checksums_are_kept_or_refused() {
    let setting = Setting::with("bucket").await;
    let right = [
        (Algorithm::Md5, "JfnnlDI7RTiF9RgfG2JNCw=="),
        (Algorithm::Crc32, "y/Q5Jg=="),
        (Algorithm::Crc32c, "4waSgw=="),
        (Algorithm::Crc64Nvme, "rosUhgp5mIg="),
        (Algorithm::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
        (
            Algorithm::Sha256,
            "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
        ),
    ];
    for (algorithm, value) in right {
        let promise = |value: &str| Put {
            expected: Expected::default().with(algorithm, value),
            ..Put::default()
        };
        let made = setting
            .put_with("bucket", "key", b"123456789", promise(value))
            .await;
        let kept = made.unwrap().checksums.get(&algorithm).cloned();
        assert_eq!(
            kept.as_deref(),
            Some(value).filter(|_| algorithm != Algorithm::Md5)
        );
        let made = setting
            .put_with("bucket", "key", b"123456780", promise(value))
            .await;
        assert!(matches!(made, Err(Error::BadDigest { .. })), "{algorithm}");
        for nonsense in ["", "AA==", "not base64!", "y/Q5Jg"] {
            let made = setting
                .put_with("bucket", "key", b"123456789", promise(nonsense))
                .await;
            assert!(
                matches!(made, Err(Error::Invalid(_))),
                "{algorithm} {nonsense}"
            );
        }
    }
    assert_eq!(setting.read("bucket", "key").await, "123456789");
}

#[tokio::test]
async fn checksums_may_follow_the_body() {
    let setting = Setting::with("bucket").await;
    for (value, is_right) in [("y/Q5Jg==", true), ("AAAAAA==", false)] {
        let put = Put {
            expected: Expected::default().computing(Algorithm::Crc32),
            trailer: Some(Box::new(move || {
                Ok([(Algorithm::Crc32, value.to_owned())].into())
            })),
            ..Put::default()
        };
        let made = setting.put_with("bucket", "key", b"123456789", put).await;
        assert_eq!(made.is_ok(), is_right, "{value}");
    }
}

#[tokio::test]
async fn announced_lengths_are_kept_or_refused() {
    let setting = Setting::with("bucket").await;
    for (announced, is_right) in [(9, true), (10, false), (8, false)] {
        let put = Put {
            expected: Expected {
                bytes: Some(announced),
                ..Expected::default()
            },
            ..Put::default()
        };
        let made = setting.put_with("bucket", "key", b"123456789", put).await;
        assert_eq!(made.is_ok(), is_right, "{announced}");
    }
}

#[tokio::test]
async fn suffixes_and_open_ranges() {
    let setting = Setting::with("bucket").await;
    let bytes = noise(2_500_000);
    setting.put("bucket", "key", &bytes).await;
    for (header, from, to) in [
        ("bytes=-1", 2_499_999, 2_500_000),
        ("bytes=-9999999", 0, 2_500_000),
        ("bytes=2400000-", 2_400_000, 2_500_000),
        ("bytes=1048575-1048576", 1_048_575, 1_048_577),
    ] {
        let get = Get {
            range: ByteRange::parse(header).unwrap().pop(),
            ..Get::default()
        };
        let read = setting.get("bucket", "key", &get).await.unwrap();
        assert_eq!(read, bytes[from..to], "{header}");
    }
    let get = Get {
        range: Some(ByteRange::From(2_500_000)),
        ..Get::default()
    };
    let read = setting.get("bucket", "key", &get).await;
    assert!(matches!(
        read,
        Err(Error::InvalidRange { bytes: 2_500_000 })
    ));
}
