//! Files that are not what was written: an error, never wrong bytes.

use crate::setting::{Setting, noise};
use contracts::objects::Objects as _;
use futures::StreamExt as _;
use std::fs;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use tradewind_objects::{ByteRange, Encryption, Error, Get, Put};

fn change(setting: &Setting, change: impl Fn(&fs::File)) {
    let [blob] = setting.blobs().try_into().unwrap();
    fs::set_permissions(&blob, fs::Permissions::from_mode(0o600)).unwrap();
    change(&fs::OpenOptions::new().write(true).open(&blob).unwrap());
}

async fn stored(encrypted: bool) -> (Setting, Vec<u8>) {
    let setting = Setting::with("bucket").await;
    let bytes = noise(3_500_000);
    let put = Put {
        encryption: encrypted.then_some(Encryption { key: None }),
        ..Put::default()
    };
    setting
        .put_with("bucket", "key", &bytes, put)
        .await
        .unwrap();
    (setting, bytes)
}

#[tokio::test]
async fn a_changed_byte_ends_the_stream_before_its_block() {
    for encrypted in [false, true] {
        let (setting, bytes) = stored(encrypted).await;
        change(&setting, |file| {
            file.write_all_at(&[bytes[2_300_000] ^ 1, 0], 2_300_000)
                .unwrap();
        });
        let contents = setting
            .store
            .get_object(&setting.workspace, "bucket", "key", &Get::default())
            .await
            .unwrap();
        let (mut body, mut read, mut failed) = (contents.body, Vec::new(), false);
        while let Some(piece) = body.next().await {
            match piece {
                Ok(piece) => {
                    assert!(!failed, "nothing follows an error");
                    read.extend_from_slice(&piece);
                }
                Err(error) => {
                    assert!(error.to_string().contains("damaged"), "{error}");
                    failed = true;
                }
            }
        }
        assert!(failed && read.len() < 2_300_000);
        assert_eq!(read, bytes[..read.len()]);
        // A range elsewhere is still good, one that touches the block is not.
        for (from, to, is_good) in [(0, 10, true), (2_299_990, 2_300_005, false)] {
            let get = Get {
                range: Some(ByteRange::FromTo(from, to)),
                ..Get::default()
            };
            let read = setting.get("bucket", "key", &get).await;
            assert_eq!(read.is_ok(), is_good, "{encrypted} {from}");
        }
        let file = setting
            .store
            .file(&setting.workspace, "bucket", "key")
            .await;
        assert!(file.is_err(), "a damaged object is not given out as a file");
    }
}

#[tokio::test]
async fn a_cut_grown_or_missing_file_is_told_at_once() {
    for encrypted in [false, true] {
        for length in [0, 3_499_999, 4_000_000] {
            let (setting, _) = stored(encrypted).await;
            change(&setting, |file| file.set_len(length).unwrap());
            let read = setting.get("bucket", "key", &Get::default()).await;
            assert!(matches!(read, Err(Error::Damaged { .. })), "{length}");
        }
        let (setting, _) = stored(encrypted).await;
        fs::remove_file(&setting.blobs()[0]).unwrap();
        let read = setting.get("bucket", "key", &Get::default()).await;
        assert!(matches!(read, Err(Error::Damaged { .. })));
    }
}
