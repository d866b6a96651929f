//! From locations to files.

use crate::setting::{Setting, noise};
use domain::job::{CodeArchive, Entry, JobSpec};
use domain::{Location, Span};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use tradewind_objects::{Error, JobStager, Staged, StagingLimits, resolve, resolve_within};

async fn found(setting: &Setting, location: &str, base: &Path) -> Result<Staged, Error> {
    let location = Location::parse(location).unwrap();
    resolve(&setting.store, &setting.workspace, &location, base).await
}

fn paths(staged: &Staged) -> Vec<&str> {
    staged.files.iter().map(|file| file.path.as_str()).collect()
}

#[tokio::test]
async fn objects_and_local_files_are_staged_alike() {
    let setting = Setting::with("bucket").await;
    let local = tempfile::tempdir().unwrap();
    fs::create_dir_all(local.path().join("data/sub")).unwrap();
    let contents = [
        ("a.csv", noise(10)),
        ("sub/b.csv", noise(5_000)),
        ("sub/c", vec![]),
    ];
    for (path, bytes) in &contents {
        fs::write(local.path().join("data").join(path), bytes).unwrap();
        setting.put("bucket", &format!("data/{path}"), bytes).await;
    }
    setting.put("bucket", "data/", b"").await;
    setting.put("bucket", "data-other", b"not below").await;
    let mut hashes = Vec::new();
    for location in [
        "data",
        "data/",
        &format!("file://{}/data", local.path().display()),
        "s3://bucket/data",
        "gs://bucket/data/",
        "abfss://bucket@account.dfs.core.windows.net/data",
        "https://account.blob.core.windows.net/bucket/data/",
        "azureml://datastores/bucket/paths/data",
    ] {
        let staged = found(&setting, location, local.path()).await.unwrap();
        assert_eq!(
            paths(&staged),
            ["a.csv", "sub/b.csv", "sub/c"],
            "{location}"
        );
        assert_eq!(staged.bytes, 5_010);
        for (file, (_, bytes)) in staged.files.iter().zip(&contents) {
            assert_eq!(
                &fs::read(&file.source).unwrap(),
                bytes,
                "{location} {}",
                file.path
            );
        }
        hashes.push(staged.content_hash);
    }
    hashes.dedup();
    assert_eq!(
        hashes.len(),
        1,
        "equal files have equal hashes wherever they are"
    );
}

#[tokio::test]
async fn exact_keys_prefixes_and_nothing() {
    let setting = Setting::with("bucket").await;
    for key in ["d/part-1", "d/part-2", "d/other", "top"] {
        setting.put("bucket", key, key.as_bytes()).await;
    }
    let base = Path::new("/");
    for (location, expected) in [
        ("s3://bucket/d/other", vec!["other"]),
        ("s3://bucket/d/part-", vec!["part-1", "part-2"]),
        (
            "s3://bucket",
            vec!["d/other", "d/part-1", "d/part-2", "top"],
        ),
    ] {
        let staged = found(&setting, location, base).await.unwrap();
        assert_eq!(paths(&staged), expected, "{location}");
    }
    for location in ["s3://bucket/none", "s3://bucket/top/"] {
        let staged = found(&setting, location, base).await;
        assert!(
            matches!(staged, Err(Error::Unstageable { .. })),
            "{location}"
        );
    }
    let staged = found(&setting, "s3://never-made/key", base).await;
    assert!(matches!(staged, Err(Error::NoSuchBucket(_))));
}

#[tokio::test]
async fn keys_that_cannot_be_paths_are_refused() {
    for keys in [
        vec!["in/../../escape"],
        vec!["in//double"],
        vec!["in/."],
        vec!["in/a", "in/a/b"],
        vec![&*format!("in/{}", "x".repeat(256))],
    ] {
        let setting = Setting::with("bucket").await;
        for key in &keys {
            setting.put("bucket", key, b"x").await;
        }
        let staged = found(&setting, "s3://bucket/in/", Path::new("/")).await;
        assert!(matches!(staged, Err(Error::Unstageable { .. })), "{keys:?}");
    }
}

#[tokio::test]
async fn links_are_followed_only_inside() {
    let setting = Setting::new();
    let local = tempfile::tempdir().unwrap();
    let root = local.path().join("root");
    fs::create_dir_all(root.join("real")).unwrap();
    fs::write(root.join("real/file"), "x").unwrap();
    symlink("real", root.join("linked")).unwrap();
    symlink("real/file", root.join("alias")).unwrap();
    let staged = found(&setting, "root", local.path()).await.unwrap();
    assert_eq!(paths(&staged), ["alias", "linked/file", "real/file"]);
    for (name, target) in [
        ("outside", "/etc/hostname"),
        ("up", "../../"),
        ("circle", "."),
        ("broken", "nowhere"),
    ] {
        symlink(target, root.join(name)).unwrap();
        let staged = found(&setting, "root", local.path()).await;
        assert!(matches!(staged, Err(Error::Unstageable { .. })), "{name}");
        fs::remove_file(root.join(name)).unwrap();
    }
    nix::unistd::mkfifo(&root.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let staged = found(&setting, "root", local.path()).await;
    assert!(
        matches!(staged, Err(Error::Unstageable { .. })),
        "a pipe would block for ever"
    );
    let missing = found(&setting, "missing", local.path()).await;
    assert!(missing.unwrap_err().to_string().contains("no such file"));
}

#[tokio::test]
async fn limits_are_kept() {
    let setting = Setting::with("bucket").await;
    let local = tempfile::tempdir().unwrap();
    let mut deep = local.path().join("in");
    for n in 0..4 {
        let name = format!("in/{n}");
        setting.put("bucket", &name, &[0; 10]).await;
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join(n.to_string()), [0; 10]).unwrap();
        deep = deep.join("deeper");
    }
    let none = StagingLimits::default();
    for (limits, local_only) in [
        (StagingLimits { files: 3, ..none }, false),
        (StagingLimits { bytes: 39, ..none }, false),
        (StagingLimits { depth: 2, ..none }, true),
    ] {
        for text in ["in", "s3://bucket/in"] {
            let location = Location::parse(text).unwrap();
            let staged = resolve_within(
                &setting.store,
                &setting.workspace,
                &location,
                local.path(),
                limits,
            );
            let is_refused = matches!(staged.await, Err(Error::Unstageable { .. }));
            assert_eq!(
                is_refused,
                !(local_only && text.starts_with("s3")),
                "{limits:?} {text}"
            );
        }
    }
}

#[tokio::test]
async fn changes_of_local_files_change_the_hash() {
    let setting = Setting::new();
    let local = tempfile::tempdir().unwrap();
    let file = local.path().join("file");
    let mut seen = Vec::new();
    for content in ["one", "two", "two ", "one"] {
        fs::write(&file, content).unwrap();
        // With the clock far ahead the file counts as settled and its hash is remembered.
        setting.wait(Span::hours(1));
        for _ in 0..2 {
            seen.push(
                found(&setting, "file", local.path())
                    .await
                    .unwrap()
                    .content_hash,
            );
        }
    }
    assert!(seen.chunks(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(seen[0], seen[6]);
    assert_ne!(seen[0], seen[2]);
    assert_ne!(seen[2], seen[4]);
    assert!(setting.folder().join("objects/hashes.json").exists());
}

#[tokio::test]
async fn all_inputs_of_a_job() {
    let setting = Setting::with("bucket").await;
    setting.put("bucket", "code.tar.gz", b"archive").await;
    setting.put("bucket", "x", b"x").await;
    setting.put("bucket", "y/z", b"z").await;
    let mut spec = JobSpec::new(Entry::Command {
        argv: vec!["true".into()],
    });
    spec.code = Some(CodeArchive {
        location: "s3://bucket/code.tar.gz".into(),
        content_hash: String::new(),
    });
    spec.inputs
        .insert("one".into(), vec!["s3://bucket/x".into()]);
    spec.inputs.insert(
        "two".into(),
        vec!["s3://bucket/x".into(), "s3://bucket/y/".into()],
    );
    let stager = JobStager::new(setting.store.clone(), "/".into());
    let staged = stager.stage(&setting.workspace, &spec).await.unwrap();
    assert_eq!(fs::read(staged.code.unwrap()).unwrap(), b"archive");
    let names = |channel: &str| -> Vec<String> {
        staged.inputs[channel]
            .iter()
            .map(|file| file.path.clone())
            .collect()
    };
    assert_eq!(names("one"), ["x"]);
    assert_eq!(names("two"), ["0/x", "1/z"]);
    spec.inputs
        .insert("bad".into(), vec!["s3://bucket/none".into()]);
    let missing = stager.stage(&setting.workspace, &spec).await;
    assert!(matches!(
        missing,
        Err(contracts::staging::StageError::Missing(_))
    ));
}
