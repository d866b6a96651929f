//! Encryption at rest and the key ring.

use crate::setting::{Setting, files, noise};
use contracts::objects::Objects as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use tradewind_objects::{Copy, Encryption, Error, Get, KeyRing, KeyState, ObjectStore, Put};

fn encrypted(key: Option<&str>) -> Put {
    Put {
        encryption: Some(Encryption {
            key: key.map(str::to_owned),
        }),
        ..Put::default()
    }
}

#[tokio::test]
async fn no_plain_byte_reaches_the_disk() {
    let setting = Setting::with("bucket").await;
    let bytes = b"a secret that nobody may find ".repeat(10_000);
    for (key, bytes) in [("long", bytes.as_slice()), ("short", &bytes[..60])] {
        let made = setting
            .put_with("bucket", key, bytes, encrypted(None))
            .await;
        assert!(made.unwrap().sealed().is_some());
        assert_eq!(setting.read("bucket", key).await, bytes);
    }
    for file in files(setting.folder()) {
        let text = fs::read(&file).unwrap();
        let found = text.windows(8).any(|window| window == b"a secret");
        assert!(!found, "{}", file.display());
    }
    // The file for a job is plain and private.
    for key in ["long", "short"] {
        let (head, path) = setting
            .store
            .file(&setting.workspace, "bucket", key)
            .await
            .unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes[..head.bytes as usize]);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o400
        );
    }
}

#[tokio::test]
async fn the_ring_survives_and_is_private() {
    let setting = Setting::with("bucket").await;
    let key = setting.store.keys().create("for the test").unwrap();
    setting
        .store
        .keys()
        .set_alias("alias/mine", &key.id)
        .unwrap();
    let bytes = noise(200_000);
    setting
        .put_with("bucket", "key", &bytes, encrypted(Some("alias/mine")))
        .await
        .unwrap();
    setting.store.keys().rotate(&key.id).unwrap();
    let arn = format!("arn:aws:kms:us-east-1:123456789012:key/{}", key.id);
    setting
        .put_with("bucket", "new", &bytes, encrypted(Some(&arn)))
        .await
        .unwrap();
    let ring = setting.folder().join("keys/ring.json");
    assert_eq!(
        fs::metadata(&ring).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let again = ObjectStore::open(
        setting.folder(),
        setting.rows.clone(),
        setting.world.clone(),
    )
    .unwrap();
    for name in ["key", "new"] {
        let (_, path) = again
            .file(&setting.workspace, "bucket", name)
            .await
            .unwrap();
        assert_eq!(fs::read(path).unwrap(), bytes);
    }
    assert_eq!(again.keys().get("alias/mine").unwrap().rotations, 1);
    assert!(!format!("{:?}", again.keys()).contains("material"));
    fs::set_permissions(&ring, fs::Permissions::from_mode(0o644)).unwrap();
    let open = KeyRing::open(&ring, setting.world.clone());
    assert!(
        matches!(open, Err(Error::Invalid(_))),
        "a ring that others may read is refused"
    );
}

#[tokio::test]
async fn a_disabled_or_unknown_key_opens_nothing() {
    let setting = Setting::with("bucket").await;
    let ring = setting.store.keys();
    let key = ring.create("").unwrap();
    setting
        .put_with("bucket", "key", b"x", encrypted(Some(&key.id)))
        .await
        .unwrap();
    ring.set_state(&key.id, KeyState::Disabled).unwrap();
    let read = setting.get("bucket", "key", &Get::default()).await;
    assert!(matches!(read, Err(Error::Key { .. })));
    let made = setting
        .put_with("bucket", "other", b"x", encrypted(Some(&key.id)))
        .await;
    assert!(matches!(made, Err(Error::Key { .. })));
    let made = setting
        .put_with("bucket", "other", b"x", encrypted(Some("alias/nobody")))
        .await;
    assert!(matches!(made, Err(Error::Key { .. })));
    ring.set_state(&key.id, KeyState::Enabled).unwrap();
    assert_eq!(setting.read("bucket", "key").await, "x");
}

#[tokio::test]
async fn ciphertexts_are_bound_to_their_context() {
    let setting = Setting::new();
    let ring = setting.store.keys();
    let key = ring.create("").unwrap();
    let (_, sealed) = ring.encrypt(&key.id, b"plain", b"context").unwrap();
    assert_eq!(
        ring.decrypt(&sealed, b"context").unwrap(),
        (key.id.clone(), b"plain".to_vec())
    );
    assert!(ring.decrypt(&sealed, b"other").is_err());
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(ring.decrypt(&changed, b"context").is_err(), "byte {at}");
        assert!(
            ring.decrypt(&sealed[..at], b"context").is_err(),
            "cut at {at}"
        );
    }
}

#[tokio::test]
async fn copies_change_their_encryption() {
    let setting = Setting::with("bucket").await;
    let bytes = noise(300_000);
    setting.put("bucket", "plain", &bytes).await;
    let copy = |key: &str, sealed: bool| Copy {
        bucket: "bucket".into(),
        key: key.into(),
        encryption: sealed.then_some(Encryption { key: None }),
        ..Copy::default()
    };
    for (from, to, sealed) in [
        ("plain", "sealed", true),
        ("sealed", "again", true),
        ("sealed", "open", false),
    ] {
        let copied = setting
            .store
            .copy_object(&setting.workspace, "bucket", to, &copy(from, sealed))
            .await
            .unwrap()
            .0;
        assert_eq!(copied.sealed().is_some(), sealed, "{to}");
        assert_eq!(setting.read("bucket", to).await, bytes, "{to}");
    }
}
