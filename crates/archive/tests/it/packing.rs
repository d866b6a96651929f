//! What packing promises: equal content, equal bytes; nothing that is ignored; no way out.

use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tradewind_archive::{Digest, Error, Limits, Packed, Rules, fingerprint, pack, unpack};

use crate::build::write;

fn packed(folder: &Path) -> (Packed, Vec<u8>) {
    let mut bytes = Vec::new();
    let packed = pack(folder, &Rules::of_folder(folder).unwrap(), &mut bytes).unwrap();
    (packed, bytes)
}

fn failure(folder: &Path) -> Error {
    pack(folder, &Rules::built_in(), &mut Vec::new()).unwrap_err()
}

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "train.py", "print('hello')\n");
    write(folder.path(), "package/deep/module.py", vec![b'x'; 200_000]);
    write(
        folder.path(),
        &format!("{}/long.txt", "d".repeat(150)),
        "a name beyond ustar's 100",
    );
    fs::create_dir(folder.path().join("empty")).unwrap();
    symlink("package/deep", folder.path().join("shortcut")).unwrap();
    write(folder.path(), "run.sh", "#!/bin/sh\n");
    fs::set_permissions(folder.path().join("run.sh"), Permissions::from_mode(0o700)).unwrap();
    folder
}

#[test]
fn equal_folders_give_equal_bytes() {
    let (one, two) = (sample(), sample());
    fs::set_permissions(two.path().join("train.py"), Permissions::from_mode(0o600)).unwrap();
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    fs::File::open(two.path().join("train.py"))
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    let ((packed_one, bytes_one), (packed_two, bytes_two)) =
        (packed(one.path()), packed(two.path()));
    assert_eq!(packed_one, packed_two);
    assert!(bytes_one == bytes_two, "the archives differ");
    assert_eq!(
        fingerprint(one.path(), &Rules::built_in()).unwrap(),
        packed_one
    );
}

#[test]
fn the_digest_follows_names_contents_and_the_execute_bit() {
    let folder = sample();
    let digest = |folder: &Path| -> Digest { packed(folder).0.sha256 };
    let before = digest(folder.path());
    write(folder.path(), "train.py", "print('hullo')\n");
    let changed = digest(folder.path());
    assert_ne!(before, changed);
    fs::rename(folder.path().join("train.py"), folder.path().join("fit.py")).unwrap();
    let renamed = digest(folder.path());
    assert_ne!(changed, renamed);
    fs::set_permissions(folder.path().join("fit.py"), Permissions::from_mode(0o755)).unwrap();
    assert_ne!(renamed, digest(folder.path()));
    assert_eq!(before.to_string().len(), 64);
}

#[test]
fn what_is_packed_comes_back() {
    let folder = sample();
    let (packed, bytes) = packed(folder.path());
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("to");
    let unpacked = unpack(&bytes[..], &to, Limits::default()).unwrap();
    assert_eq!(unpacked.sha256, packed.sha256);
    assert_eq!(
        (unpacked.bytes, unpacked.files),
        (packed.bytes, packed.files)
    );
    assert_eq!(
        fs::read(to.join("shortcut/module.py")).unwrap().len(),
        200_000
    );
    assert!(to.join("empty").is_dir());
    let mode = |name: &str| to.join(name).metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!(
        (mode("run.sh"), mode("train.py"), mode("package")),
        (0o755, 0o644, 0o755)
    );
}

#[test]
fn ignored_files_change_nothing() {
    let folder = sample();
    write(
        folder.path(),
        ".tradewindignore",
        "*.log\ndata/\n!keep.log\n",
    );
    let before = packed(folder.path()).0;
    for name in [
        ".git/config",
        "package/__pycache__/module.pyc",
        "a.pyc",
        ".venv/bin/python",
        ".ipynb_checkpoints/x",
        "noise.log",
        "data/huge.bin",
    ] {
        write(folder.path(), name, "noise");
    }
    symlink("/etc/passwd", folder.path().join("data/outside")).unwrap();
    assert_eq!(packed(folder.path()).0, before);
    write(folder.path(), "keep.log", "kept");
    assert_eq!(packed(folder.path()).0.files, before.files + 1);
}

#[test]
fn links_that_leave_are_refused() {
    for target in [
        "/etc/passwd",
        "../outside",
        "package/../../outside",
        "shortcut/../../../x",
    ] {
        let folder = sample();
        symlink(target, folder.path().join("zz")).unwrap();
        let error = failure(folder.path());
        assert!(
            matches!(&error, Error::UnsafeLink { name, .. } if name == "zz"),
            "{error}"
        );
    }
}

#[test]
fn what_cannot_travel_is_refused() {
    let folder = sample();
    let socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    assert!(matches!(failure(folder.path()), Error::SpecialFile { .. }));
    drop(socket);
    fs::remove_file(folder.path().join("socket")).unwrap();
    let name = std::ffi::OsStr::from_bytes(b"latin-\xe9.txt");
    fs::write(folder.path().join(name), "x").unwrap();
    assert!(matches!(failure(folder.path()), Error::UnsafeName { .. }));
    let missing = folder.path().join("missing");
    assert!(matches!(failure(&missing), Error::NotAFolder { .. }));
    assert!(matches!(
        failure(&folder.path().join("train.py")),
        Error::NotAFolder { .. }
    ));
}

#[test]
fn a_full_disk_is_reported() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = pack(sample().path(), &Rules::built_in(), Full).unwrap_err();
    assert!(matches!(error, Error::Write(_)) && !error.is_refusal());
}
