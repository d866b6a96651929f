//! An input whose location is a list of its files, in the form of SageMaker's manifests
//! (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html>):
//! `[{"prefix": "s3://bucket/some/"}, "relative/one.csv", "relative/two.csv"]`.

use super::object;
use super::{Counter, Found, Staged, StagingLimits, digest};
use crate::ObjectStore;
use crate::error::Error;
use domain::{Location, Workspace};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;

/// Bytes of a manifest that are read.
const LONGEST: u64 = 64 << 20;

/// A manifest as it is written: what the keys begin with, and the rest of each.
#[derive(Debug, PartialEq, Eq)]
struct Manifest {
    bucket: String,
    prefix: String,
    relative: BTreeSet<String>,
}

/// The files that the manifest at a location lists, each by its path below the prefix.
pub(super) async fn resolve(
    store: &ObjectStore,
    workspace: &Workspace,
    location: &Location,
) -> Result<Staged, Error> {
    let limits = StagingLimits::default();
    let mut counter = Counter::new(location.to_string(), limits);
    let Location::Object { bucket, key } = location else {
        return Err(counter.fail("a manifest is an object of a bucket"));
    };
    let found = object::exact(store, workspace, (bucket, key), "manifest", &mut counter).await?;
    let path = found.file.source.clone();
    let text = tokio::task::spawn_blocking(move || {
        let mut text = Vec::new();
        let file = std::fs::File::open(path)?;
        file.take(LONGEST + 1).read_to_end(&mut text)?;
        Ok::<_, std::io::Error>(text)
    });
    let text = text.await.map_err(Error::task)?;
    let text = text.map_err(|error| counter.fail(error.to_string()))?;
    let manifest = read(&text).map_err(|reason| counter.fail(reason))?;
    let mut counter = Counter::new(location.to_string(), limits);
    let mut files: Vec<Found> = Vec::new();
    for relative in &manifest.relative {
        let key = format!("{}{relative}", manifest.prefix);
        let place = (manifest.bucket.as_str(), key.as_str());
        let file = object::exact(store, workspace, place, relative, &mut counter).await;
        files.push(file.map_err(|error| match error {
            error @ (Error::NoSuchObject { .. }
            | Error::NoSuchBucket(_)
            | Error::DeleteMarker { .. }) => {
                counter.fail(format!("`s3://{}/{key}`: {error}", manifest.bucket))
            }
            error => error,
        })?);
    }
    digest::check_tree(location, &files)?;
    Ok(Staged {
        content_hash: digest::of(&files),
        bytes: files.iter().map(|found| found.file.bytes).sum(),
        files: files.into_iter().map(|found| found.file).collect(),
    })
}

fn read(text: &[u8]) -> Result<Manifest, String> {
    if text.len() as u64 > LONGEST {
        return Err(format!("the manifest is longer than {LONGEST} bytes"));
    }
    let entries: Vec<Value> = serde_json::from_slice(text)
        .map_err(|error| format!("the manifest is no JSON array: {error}"))?;
    let Some((first, rest)) = entries.split_first() else {
        return Err("the manifest is empty".to_owned());
    };
    let prefix = first.get("prefix").and_then(Value::as_str);
    let prefix = prefix.filter(|_| first.as_object().is_some_and(|all| all.len() == 1));
    let prefix =
        prefix.ok_or("the first entry of a manifest is `{\"prefix\": \"s3://bucket/some/\"}`")?;
    let (bucket, key) = match Location::parse(prefix) {
        Ok(Location::Object { bucket, key }) if prefix.starts_with("s3://") => (bucket, key),
        _ => return Err(format!("the prefix `{}` is no place in S3", short(prefix))),
    };
    let mut relative = BTreeSet::new();
    for entry in rest {
        let Some(path) = entry.as_str() else {
            return Err(format!(
                "the entry `{}` of the manifest is no text",
                short(&entry.to_string())
            ));
        };
        let bad = path.is_empty()
            || path.contains('\0')
            || path.split('/').any(|part| matches!(part, "" | "." | ".."));
        if bad {
            return Err(format!(
                "the entry `{}` of the manifest is no path below the prefix",
                short(path)
            ));
        }
        relative.insert(path.to_owned());
    }
    if relative.is_empty() {
        return Err("the manifest lists no files".to_owned());
    }
    Ok(Manifest {
        bucket,
        prefix: key,
        relative,
    })
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_a_prefix_and_paths() {
        let text = br#"[{"prefix": "s3://b/some/"}, "two/x.csv", "one.csv", "one.csv"]"#;
        let found = read(text).unwrap();
        assert_eq!(
            (found.bucket.as_str(), found.prefix.as_str()),
            ("b", "some/")
        );
        let paths: Vec<_> = found.relative.iter().map(String::as_str).collect();
        assert_eq!(paths, ["one.csv", "two/x.csv"]);
    }

    #[test]
    fn what_is_no_manifest_is_told() {
        for bad in [
            "",
            "{}",
            "[]",
            r#"["s3://b/x"]"#,
            r#"[{"prefix": "s3://b/"}]"#,
            r#"[{"prefix": "/etc/"}, "passwd"]"#,
            r#"[{"prefix": "file:///etc/"}, "passwd"]"#,
            r#"[{"prefix": "s3://b/"}, "../x"]"#,
            r#"[{"prefix": "s3://b/"}, "/etc/passwd"]"#,
            r#"[{"prefix": "s3://b/"}, "a//b"]"#,
            r#"[{"prefix": "s3://b/"}, {"prefix": "s3://c/"}]"#,
            r#"[{"prefix": "s3://b/", "more": 1}, "x"]"#,
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
