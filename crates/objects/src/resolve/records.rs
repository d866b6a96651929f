//! An input whose location is a list of records, a JSON object a line, some of whose values name
//! objects: SageMaker's augmented manifests
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest.html>).

use super::object;
use super::{Counter, Found, Staged, StagingLimits, digest};
use crate::ObjectStore;
use crate::error::Error;
use domain::pipe::Pipe;
use domain::{Location, Workspace};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::io::Read;

/// Bytes of a list that are read.
const LONGEST: u64 = 256 << 20;
/// The list's name among the files: before every name of an object, which begins with a bucket's.
const LIST: &str = "\u{1}list";

/// The list itself, and the objects that its records name, each by its bucket and key.
pub(super) async fn resolve(
    store: &ObjectStore,
    workspace: &Workspace,
    location: &Location,
    attributes: &[String],
) -> Result<Staged, Error> {
    let limits = StagingLimits::default();
    let mut counter = Counter::new(location.to_string(), limits);
    let Location::Object { bucket, key } = location else {
        return Err(counter.fail("a list of records is an object of a bucket"));
    };
    let list = object::exact(store, workspace, (bucket, key), LIST, &mut counter).await?;
    let path = list.file.source.clone();
    let names: Vec<String> = attributes
        .iter()
        .filter(|name| Pipe::is_reference(name))
        .cloned()
        .collect();
    let named = tokio::task::spawn_blocking(move || {
        let mut text = Vec::new();
        let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
        let mut file = file.take(LONGEST + 1);
        file.read_to_end(&mut text)
            .map_err(|error| error.to_string())?;
        references(&text, &names)
    });
    let named = named.await.map_err(Error::task)?;
    let named = named.map_err(|reason| counter.fail(reason))?;
    let mut files: Vec<Found> = vec![list];
    for (bucket, key) in &named {
        let name = format!("{bucket}/{key}");
        let place = (bucket.as_str(), key.as_str());
        let file = object::exact(store, workspace, place, &name, &mut counter).await;
        files.push(file.map_err(|error| match error {
            error @ (Error::NoSuchObject { .. }
            | Error::NoSuchBucket(_)
            | Error::DeleteMarker { .. }) => counter.fail(format!("`s3://{name}`: {error}")),
            error => error,
        })?);
    }
    Ok(Staged {
        content_hash: digest::of(&files),
        bytes: files.iter().map(|found| found.file.bytes).sum(),
        files: files.into_iter().map(|found| found.file).collect(),
    })
}

/// The objects that the records name by these values.
fn references(text: &[u8], names: &[String]) -> Result<BTreeSet<(String, String)>, String> {
    if text.len() as u64 > LONGEST {
        return Err(format!(
            "the list of records is longer than {LONGEST} bytes"
        ));
    }
    let mut found = BTreeSet::new();
    let lines = text.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.trim_ascii().is_empty());
    let mut records = 0;
    for (index, line) in lines.enumerate() {
        records += 1;
        let number = index + 1;
        let record: Map<String, Value> = serde_json::from_slice(line)
            .map_err(|_| format!("record {number} of the list is no JSON object"))?;
        for name in names {
            let place = record.get(name).and_then(Value::as_str);
            let place = place.ok_or_else(|| format!("record {number} has no text `{name}`"))?;
            match Location::parse(place) {
                Ok(Location::Object { bucket, key }) if place.starts_with("s3://") => {
                    found.insert((bucket, key));
                }
                _ => return Err(format!("`{name}` of record {number} is no object in S3")),
            }
        }
    }
    if records == 0 {
        return Err("the list of records is empty".to_owned());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_name_objects() {
        let names = ["source-ref".to_owned()];
        let text =
            b"{\"source-ref\": \"s3://b/k/1\", \"label\": 1}\n\n{\"source-ref\": \"s3://b/k/1\"}";
        let found = references(text, &names).unwrap();
        assert_eq!(found, [("b".to_owned(), "k/1".to_owned())].into());
        for bad in [
            "",
            "[]",
            "no JSON",
            "{}",
            r#"{"source-ref": 3}"#,
            r#"{"source-ref": "/etc/passwd"}"#,
            r#"{"source-ref": "file:///etc/passwd"}"#,
        ] {
            assert!(references(bad.as_bytes(), &names).is_err(), "{bad}");
        }
    }
}
