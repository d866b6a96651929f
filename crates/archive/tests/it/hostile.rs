//! Every trick that an archive may try, each with the refusal it must meet.

use tradewind_archive::{Breach, Error, Limits};

use crate::build::{LIMITS, Tar, attempt, gzip, refused, zip};

#[test]
fn names_that_leave_are_refused() {
    for name in [
        "../evil",
        "/etc/evil",
        "a/../../evil",
        "..",
        "..\\evil",
        "C:\\evil",
        "c:evil",
        "a\nb",
    ] {
        for bytes in [
            Tar::default().file(name, b"x").end(),
            Tar::default().folder(name).end(),
            Tar::default().link(name, "a").end(),
            Tar::default().pax("path", name).file("fine", b"x").end(),
            Tar::default()
                .entry(b'L', b"l", b"", name.as_bytes())
                .file("fine", b"x")
                .end(),
            zip(&[(name, 0o100_644, b"x")]),
        ] {
            let error = refused(&bytes);
            assert!(
                matches!(error, Error::UnsafeName { .. }),
                "{name:?}: {error}"
            );
        }
    }
    let error = refused(&Tar::default().entry(b'0', b"latin\xe9", b"", b"").end());
    assert!(error.to_string().contains("UTF-8"), "{error}");
}

#[test]
fn links_that_leave_are_refused() {
    for target in ["/etc/passwd", "..", "../x", "a/../../x", "../to/x"] {
        let error = refused(&Tar::default().link("link", target).end());
        assert!(
            matches!(error, Error::UnsafeLink { .. }),
            "{target}: {error}"
        );
        let error = refused(&zip(&[("link", 0o120_777, target.as_bytes())]));
        assert!(
            matches!(error, Error::UnsafeLink { .. }),
            "{target}: {error}"
        );
        let error = refused(&Tar::default().hard_link("link", target).end());
        assert!(
            matches!(error, Error::UnsafeLink { .. }),
            "{target}: {error}"
        );
    }
    // Hard links to links and to folders would be followed by some readers.
    let base = Tar::default().folder("d/").file("f", b"x").link("l", "f");
    for target in ["l", "d", "missing", "late"] {
        let bytes = base.clone().hard_link("h", target).file("late", b"").end();
        assert!(matches!(refused(&bytes), Error::UnsafeLink { .. }));
    }
}

#[test]
fn chains_of_links_are_refused() {
    // Each step looks harmless as words; together they leave.
    let chain = Tar::default()
        .folder("d/")
        .folder("d/e/")
        .link("d/e/up", "../..");
    let error = refused(&chain.clone().link("d/e/out", "up/../secret").end());
    assert!(matches!(error, Error::UnsafeLink { .. }), "{error}");
    // The order does not help either.
    let reversed = Tar::default()
        .folder("d/")
        .folder("d/e/")
        .link("d/e/out", "up/../secret")
        .link("d/e/up", "../..");
    assert!(matches!(refused(&reversed.end()), Error::UnsafeLink { .. }));
    // A file through a link, even one that stays inside.
    let through = chain.file("d/e/up/planted", b"x").end();
    assert!(matches!(
        refused(&through),
        Error::ParentNotFolder { kind: "link", .. }
    ));
    let circle = Tar::default().link("a", "b/x").link("b", "a/x").end();
    assert!(matches!(refused(&circle), Error::UnsafeLink { .. }));
}

#[test]
fn overwriting_is_refused() {
    let base = Tar::default().file("f", b"x").folder("d/").link("l", "f");
    for again in [
        base.clone().file("f", b"y"),
        base.clone().file("./f", b"y"),
        base.clone().file("d", b"y"),
        base.clone().file("l", b"y"),
        base.clone().link("f", "d"),
        base.clone().link("d", "f"),
        base.clone().folder("l"),
        base.clone().folder("f"),
        base.clone().hard_link("d", "f"),
        base.clone().file(".", b"y"),
        base.clone().link("./", "d"),
    ] {
        let error = refused(&again.end());
        assert!(matches!(error, Error::Duplicate { .. }), "{error}");
    }
    let inside_file = base.file("f/g", b"").end();
    assert!(matches!(
        refused(&inside_file),
        Error::ParentNotFolder { kind: "file", .. }
    ));
    let zipped = zip(&[("a", 0o100_644, b"1"), ("./a", 0o100_644, b"2")]);
    assert!(matches!(refused(&zipped), Error::Duplicate { .. }));
    // The same name twice in a zip: the writer refuses, so the second one is renamed afterwards.
    let mut twice = zip(&[("aa", 0o100_644, b"1"), ("ab", 0o100_644, b"2")]);
    for at in 0..twice.len() - 1 {
        if &twice[at..at + 2] == b"ab" {
            twice[at + 1] = b'a';
        }
    }
    assert!(matches!(refused(&twice), Error::Duplicate { .. }));
}

#[test]
fn special_files_are_refused() {
    for kind in [b'3', b'4', b'6'] {
        let error = refused(&Tar::default().entry(kind, b"node", b"", b"").end());
        assert!(matches!(error, Error::SpecialFile { .. }), "{error}");
    }
    for kind in [b'S', b'V', b'M', b'Z', 0xff] {
        let error = refused(&Tar::default().entry(kind, b"odd", b"", b"").end());
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    }
    let sparse = Tar::default()
        .pax("GNU.sparse.major", "1")
        .file("f", b"x")
        .end();
    assert!(matches!(refused(&sparse), Error::Unsupported { .. }));
}

fn breach(bytes: &[u8], limits: Limits) -> Breach {
    match attempt(bytes, limits) {
        Err(Error::LimitExceeded { breach, .. }) => breach,
        other => panic!("expected a broken limit, got {other:?}"),
    }
}

#[test]
fn bombs_meet_their_limit() {
    let zeros = vec![0; 30 << 20];
    let wide = Limits {
        bytes: 1 << 30,
        ..LIMITS
    };
    let bomb = Tar::default().file("zeros", &zeros).end();
    assert_eq!(breach(&gzip(&bomb), wide), Breach::Ratio);
    assert_eq!(
        breach(&zip(&[("zeros", 0o100_644, &zeros)]), wide),
        Breach::Ratio
    );
    assert_eq!(breach(&gzip(&bomb), LIMITS), Breach::Bytes);
    assert_eq!(
        breach(&zip(&[("zeros", 0o100_644, &zeros)]), LIMITS),
        Breach::Bytes
    );
    // A size that is only claimed is refused before anything is read.
    let claim = Tar::default()
        .sized_entry(b'0', b"f", b"", b"", (1 << 33) - 1)
        .end();
    assert_eq!(breach(&claim, LIMITS), Breach::Bytes);
    let claim = Tar::default()
        .pax("size", &u64::MAX.to_string())
        .file("f", b"")
        .end();
    assert_eq!(breach(&claim, LIMITS), Breach::Bytes);
    let mut many = Tar::default();
    for index in 0..101 {
        many = many.file(&format!("f{index}"), b"");
    }
    assert_eq!(breach(&many.end(), LIMITS), Breach::Files);
    let deep = Tar::default()
        .file(&"d/".repeat(49), b"")
        .file(&format!("{}f", "e/".repeat(49)), b"");
    let deep = deep
        .pax("path", &format!("{}f", "g/".repeat(95)))
        .file("x", b"")
        .end();
    assert_eq!(breach(&deep, LIMITS), Breach::Files);
    let long = Tar::default()
        .pax("path", &"n".repeat(201))
        .file("x", b"")
        .end();
    assert_eq!(breach(&long, LIMITS), Breach::NameLength);
}

#[test]
fn extension_records_cannot_fill_the_memory() {
    let huge = Tar::default()
        .entry(b'L', b"l", b"", &vec![b'a'; 2 << 20])
        .file("x", b"")
        .end();
    assert!(matches!(refused(&huge), Error::Corrupt { .. }));
    let mut chain = Tar::default();
    for _ in 0..20 {
        chain = chain.entry(b'g', b"g", b"", b"");
    }
    assert!(matches!(refused(&chain.end()), Error::Corrupt { .. }));
}

#[test]
fn every_truncation_is_noticed() {
    let tar = Tar::default()
        .folder("d/")
        .file("d/f", &[7; 1500])
        .link("l", "d/f")
        .end();
    // Without its end marker an archive may have lost entries; the second zero block may go.
    for length in (0..tar.len() - 1024)
        .step_by(13)
        .chain([tar.len() - 1023, tar.len() - 600])
    {
        let error = refused(&tar[..length]);
        let expected = matches!(error, Error::Truncated { .. } | Error::UnknownFormat { .. });
        assert!(expected, "{length}: {error}");
    }
    let compressed = gzip(&tar);
    for length in 0..compressed.len() {
        let error = refused(&compressed[..length]);
        let expected = matches!(error, Error::Truncated { .. } | Error::UnknownFormat { .. });
        assert!(expected, "{length}: {error}");
    }
    let zipped = zip(&[("f", 0o100_644, &[7; 1500]), ("g", 0o100_644, b"x")]);
    for length in 0..zipped.len() {
        refused(&zipped[..length]);
    }
}

#[test]
fn corruption_is_named() {
    let tar = Tar::default().file("f", &[7; 1500]).end();
    let mut header = tar.clone();
    header[600] ^= 1;
    // A content byte is not protected by a tar; by gzip and zip it is.
    attempt(&header, LIMITS).unwrap();
    header[512 * 4 + 5] = 1;
    assert!(matches!(refused(&header), Error::Corrupt { .. }));
    let mut compressed = gzip(&tar);
    let crc = compressed.len() - 8;
    compressed[crc] ^= 1;
    let error = refused(&compressed);
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    let mut zipped = zip(&[("f", 0o100_644, b"stored")]);
    let at = zipped
        .windows(4)
        .position(|four| four == [b'P', b'K', 1, 2])
        .unwrap();
    zipped[at + 16] ^= 1;
    assert!(matches!(refused(&zipped), Error::Corrupt { .. }));
    let mut trailing = tar.clone();
    trailing.extend_from_slice(&Tar::default().file("hidden", b"x").end());
    assert!(matches!(refused(&trailing), Error::Corrupt { .. }));
}

#[test]
fn other_formats_are_named() {
    for (bytes, word) in [
        (&b""[..], "empty"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"hello", "too short"),
        (&[7; 600], "something else"),
    ] {
        let error = refused(bytes).to_string();
        assert!(error.contains(word), "{error}");
    }
    // Compressed twice is not a tar inside a gzip.
    let twice = gzip(&gzip(&Tar::default().end()));
    assert!(attempt(&twice, LIMITS).is_err());
}

#[test]
fn an_encrypted_zip_is_refused_as_such() {
    let mut zipped = zip(&[("f", 0o100_644, b"x")]);
    let central = zipped
        .windows(4)
        .position(|four| four == [b'P', b'K', 1, 2])
        .unwrap();
    zipped[6] |= 1;
    zipped[central + 8] |= 1;
    let error = refused(&zipped);
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
}
