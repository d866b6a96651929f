//! Ordinary archives of every kind, and where they are put.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use tradewind_archive::{Error, Limits, unpack};

use crate::build::{LIMITS, Tar, attempt, gzip, zip};

#[test]
fn the_same_content_gives_the_same_digest_in_every_format() {
    let tar = Tar::default()
        .folder("a/")
        .file("a/b.txt", b"hello")
        .link("c", "a/b.txt")
        .end();
    let compressed = gzip(&tar);
    let split = [gzip(&tar[..700]), gzip(&tar[700..])].concat();
    let zipped = zip(&[
        ("a/", 0o040_755, b""),
        ("a/b.txt", 0o100_755, b"hello"),
        ("c", 0o120_777, b"a/b.txt"),
    ]);
    let expected = attempt(&tar, LIMITS).unwrap();
    assert_eq!((expected.files, expected.bytes), (2, 5));
    for bytes in [&compressed, &split, &zipped] {
        assert_eq!(attempt(bytes, LIMITS).unwrap().sha256, expected.sha256);
    }
}

#[test]
fn the_top_folder_may_be_named_absolutely_and_nothing_else_may() {
    let top = Tar::default().folder("/");
    let good = attempt(&top.clone().file("a", b"1").end(), LIMITS).unwrap();
    assert_eq!((good.files, good.bytes), (1, 1));
    for bad in [
        top.clone().file("/a", b"1"),
        top.clone().file("/", b"1"),
        top.clone().link("/", "/etc"),
    ] {
        assert!(attempt(&bad.end(), LIMITS).is_err());
    }
}

#[test]
fn long_names_and_hard_links_are_understood() {
    let long = format!("{}/{}", "d".repeat(90), "f".repeat(90));
    let tar = Tar::default()
        .pax("path", &long)
        .file("short", b"pax")
        .entry(
            b'L',
            b"././@LongLink",
            b"",
            format!("{long}.gnu\0").as_bytes(),
        )
        .file("short", b"gnu")
        .hard_link("same", &long[..99])
        .end();
    // A hard link to a name cut at the field's end is to nothing, and is refused.
    assert!(matches!(
        attempt(&tar, LIMITS),
        Err(Error::UnsafeLink { .. })
    ));
    let tar = Tar::default()
        .pax("path", &long)
        .file("short", b"pax")
        .pax("linkpath", &long)
        .hard_link("same", "x")
        .end();
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("to");
    unpack(&tar[..], &to, LIMITS).unwrap();
    assert_eq!(fs::read(to.join(&long)).unwrap(), b"pax");
    let inode = |name: &str| to.join(name).metadata().unwrap().ino();
    assert_eq!(inode("same"), inode(&long));
}

#[test]
fn a_pax_size_overrules_the_header() {
    // Python's tarfile writes 0 into the header of files above 8 GiB.
    let tar = Tar::default()
        .pax("size", "5")
        .sized_entry(b'0', b"f", b"", b"hello", 0);
    let unpacked = attempt(&tar.file("g", b"x").end(), LIMITS).unwrap();
    assert_eq!((unpacked.files, unpacked.bytes), (2, 6));
}

#[test]
fn pax_values_may_hold_anything() {
    let tar = Tar::default()
        .pax("SCHILY.xattr.user.x", "a\n9 b=c\0\n")
        .file("f", b"x")
        .end();
    assert_eq!(attempt(&tar, LIMITS).unwrap().files, 1);
}

#[test]
fn modes_are_made_safe() {
    let tar = Tar::default().file("suid", b"x").folder("f/").end();
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("to");
    unpack(&tar[..], &to, LIMITS).unwrap();
    let mode = |name: &str| to.join(name).metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("suid"), mode("f"), mode("")), (0o755, 0o755, 0o755));
}

#[test]
fn the_destination_must_be_free() {
    let tar = Tar::default().file("f", b"new").end();
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("to");
    fs::create_dir(&to).unwrap();
    unpack(&tar[..], &to, LIMITS).unwrap();
    let again = unpack(&tar[..], &to, LIMITS).unwrap_err();
    assert!(matches!(again, Error::DestinationTaken { .. }));
    assert_eq!(fs::read(to.join("f")).unwrap(), b"new");
    let link = place.path().join("link");
    std::os::unix::fs::symlink("elsewhere", &link).unwrap();
    assert!(matches!(
        unpack(&tar[..], &link, LIMITS),
        Err(Error::DestinationTaken { .. })
    ));
    let nowhere = unpack(&tar[..], &place.path().join("no/parent"), LIMITS).unwrap_err();
    assert!(matches!(nowhere, Error::File { .. }) && !nowhere.is_refusal());
}

#[test]
fn a_failing_reader_is_not_the_archives_fault() {
    struct Failing(Vec<u8>);
    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            let count = buffer.len().min(self.0.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }
    let noise: Vec<u8> = (0..100_000_u32)
        .flat_map(|n| n.wrapping_mul(2654435761).to_le_bytes())
        .collect();
    let tar = Tar::default().file("f", &noise).end();
    for bytes in [tar.clone(), gzip(&tar), zip(&[("f", 0o100_644, &noise)])] {
        let place = tempfile::tempdir().unwrap();
        let reader = Failing(bytes[..bytes.len() / 2].to_vec());
        let error = unpack(reader, &place.path().join("to"), LIMITS).unwrap_err();
        assert!(matches!(&error, Error::Read(_)), "{error:?}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}

#[test]
fn an_empty_archive_is_an_empty_folder() {
    for bytes in [Tar::default().end(), gzip(&Tar::default().end()), zip(&[])] {
        assert_eq!(attempt(&bytes, Limits::default()).unwrap().files, 0);
    }
}
