//! The fuzz target's rules under stable `cargo test`: no input panics, nothing is left after a
//! refusal, nothing lies outside the destination, and what is packed comes back.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use tradewind_archive::{Limits, Rules, pack, unpack};

use crate::build::{LIMITS, Tar, gzip, write, zip};

/// Unpacks beside a witness file and looks whether anything but the destination changed.
fn contained(bytes: &[u8]) {
    let place = tempfile::tempdir().unwrap();
    write(place.path(), "witness", "untouched");
    let to = place.path().join("inner/to");
    fs::create_dir(place.path().join("inner")).unwrap();
    let result = unpack(bytes, &to, LIMITS);
    let inner = fs::read_dir(place.path().join("inner")).unwrap().count();
    assert_eq!(inner, usize::from(result.is_ok()));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    assert_eq!(
        fs::read(place.path().join("witness")).unwrap(),
        b"untouched"
    );
    if result.is_ok() {
        inside(&to, &to.canonicalize().unwrap());
    }
}

fn inside(folder: &std::path::Path, root: &std::path::Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if let Ok(real) = path.canonicalize() {
            assert!(real.starts_with(root), "{path:?} leads to {real:?}");
        }
        if path.symlink_metadata().unwrap().is_dir() {
            inside(&path, root);
        }
    }
}

fn name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-c]",
        1 => Just("..".to_owned()),
        1 => Just(".".to_owned()),
        1 => Just(String::new()),
        1 => "[\\\\:é\0 -~]{0,3}",
    ];
    prop::collection::vec(part, 1..5).prop_map(|parts| parts.join("/"))
}

fn entry() -> impl Strategy<Value = (u8, String, String, Vec<u8>)> {
    let kind = prop_oneof![4 => Just(b'0'), 3 => Just(b'5'), 4 => Just(b'2'), 2 => Just(b'1'), 1 => any::<u8>()];
    (
        kind,
        name(),
        name(),
        prop::collection::vec(any::<u8>(), 0..40),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_contained(bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
        contained(&bytes);
    }

    #[test]
    fn random_trees_are_contained(entries in prop::collection::vec(entry(), 1..12)) {
        let mut tar = Tar::default();
        for (kind, name, link, content) in &entries {
            let content = if matches!(kind, b'1' | b'2' | b'5') { &[][..] } else { content };
            tar = tar.entry(*kind, name.as_bytes(), link.as_bytes(), content);
        }
        contained(&tar.end());
    }

    #[test]
    fn damaged_archives_are_contained(
        form in 0..3,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let tar = Tar::default().folder("d/").file("d/f", &[7; 700]).link("l", "d/f").pax("path", "p").file("x", b"y").end();
        let mut bytes = match form {
            0 => tar,
            1 => gzip(&tar),
            _ => zip(&[("d/", 0o040_755, b""), ("d/f", 0o100_644, &[7; 700]), ("l", 0o120_777, b"d/f")]),
        };
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        contained(&bytes);
    }

    #[test]
    fn packing_and_unpacking_are_inverse(
        files in prop::collection::btree_map("[a-zé ]{1,8}(/[a-z]{1,8}){0,3}", prop::collection::vec(any::<u8>(), 0..2000), 0..12),
    ) {
        let from = tempfile::tempdir().unwrap();
        let mut written = BTreeMap::new();
        for (name, content) in files {
            let path = from.path().join(&name);
            let free = fs::create_dir_all(path.parent().unwrap()).is_ok() && !path.exists();
            if free && fs::write(&path, &content).is_ok() {
                written.insert(name, content);
            }
        }
        let mut bytes = Vec::new();
        let packed = pack(from.path(), &Rules::none(), &mut bytes).unwrap();
        let place = tempfile::tempdir().unwrap();
        let to = place.path().join("to");
        let unpacked = unpack(&bytes[..], &to, Limits::default()).unwrap();
        prop_assert_eq!(packed.sha256, unpacked.sha256);
        prop_assert_eq!(packed.files, written.len() as u64);
        for (name, content) in written {
            prop_assert_eq!(fs::read(to.join(name)).unwrap(), content);
        }
    }
}
