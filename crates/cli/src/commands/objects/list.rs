//! What is in a bucket: objects, versions, uploads that are under way.

use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, ago};
use domain::{ByteSize, Timestamp};
use serde::{Deserialize, Serialize};

/// Most items of a page.
const PAGE: &str = "1000";

#[derive(Debug, Serialize, Deserialize)]
struct Object {
    key: String,
    bytes: u64,
    etag: String,
    modified: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct Version {
    key: String,
    version: String,
    latest: bool,
    delete_marker: bool,
    bytes: u64,
    etag: String,
    modified: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct Upload {
    key: String,
    id: String,
    begun: Timestamp,
}

/// A page of any of them; the second marker has a name of its own in each.
#[derive(Debug, Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
    #[serde(alias = "next_version", alias = "next_upload")]
    beside: Option<String>,
}

/// All pages of a list.
async fn all<T: serde::de::DeserializeOwned>(
    client: &Client,
    path: &[&str],
    prefix: &str,
    beside: &'static str,
) -> Result<Vec<T>, Failure> {
    let first = [("prefix", prefix.to_owned()), ("limit", PAGE.to_owned())];
    let (mut items, mut query) = (Vec::new(), first.to_vec());
    loop {
        let page: Page<T> = client.get(path, &query).await?;
        items.extend(page.items);
        let Some(next) = page.next else {
            return Ok(items);
        };
        query = first.to_vec();
        query.push(("after", next));
        query.extend(page.beside.map(|marker| (beside, marker)));
    }
}

pub(super) async fn objects(
    client: &Client,
    (bucket, prefix): &(String, String),
    output: Output,
) -> Result<(), Failure> {
    let path = ["buckets", bucket, "objects"];
    let found: Vec<Object> = all(client, &path, prefix, "").await?;
    output.table(&["key", "size", "modified"], &found, |object| {
        vec![
            object.key.clone(),
            ByteSize(object.bytes).to_string(),
            ago(object.modified),
        ]
    });
    Ok(())
}

pub(super) async fn versions(
    client: &Client,
    (bucket, prefix): &(String, String),
    output: Output,
) -> Result<(), Failure> {
    let path = ["buckets", bucket, "versions"];
    let found: Vec<Version> = all(client, &path, prefix, "after_version").await?;
    let heads = ["key", "version", "size", "modified", ""];
    output.table(&heads, &found, |version| {
        let size = ByteSize(version.bytes).to_string();
        vec![
            version.key.clone(),
            version.version.clone(),
            if version.delete_marker {
                "deleted".to_owned()
            } else {
                size
            },
            ago(version.modified),
            if version.latest { "latest" } else { "" }.to_owned(),
        ]
    });
    Ok(())
}

pub(super) async fn uploads(
    client: &Client,
    (bucket, prefix): &(String, String),
    output: Output,
) -> Result<(), Failure> {
    let path = ["buckets", bucket, "uploads"];
    let found: Vec<Upload> = all(client, &path, prefix, "after_upload").await?;
    output.table(&["key", "upload", "begun"], &found, |upload| {
        vec![upload.key.clone(), upload.id.clone(), ago(upload.begun)]
    });
    Ok(())
}
