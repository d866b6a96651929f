//! `objects`: the bucket store.

use crate::arguments::{ObjectAction, ObjectArguments};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, ago};
use domain::{ByteSize, Location, Timestamp};
use futures::StreamExt;
use reqwest::{Body, Method};
use serde::{Deserialize, Serialize};
use std::path::Path;
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

#[derive(Debug, Serialize, Deserialize)]
struct Object {
    key: String,
    bytes: u64,
    etag: String,
    modified: Timestamp,
}

#[derive(Debug, Deserialize)]
struct Listing {
    items: Vec<Object>,
    next: Option<String>,
}

pub(super) async fn run(
    client: &Client,
    wanted: &ObjectArguments,
    output: Output,
) -> Result<(), Failure> {
    match &wanted.action {
        ObjectAction::Ls { location } => list(client, location, output).await,
        ObjectAction::Put { file, location } => put(client, file, location, output).await,
        ObjectAction::Get { location, file } => get(client, location, file, output).await,
        ObjectAction::Rm { location } => {
            let (bucket, key) = object(location)?;
            client
                .delete(&["buckets", &bucket, "objects", &key])
                .await?;
            output.say(format!("deleted {location}"));
            Ok(())
        }
    }
}

fn place(text: &str) -> Result<(String, String), Failure> {
    match Location::parse(text).map_err(|error| Failure::usage(error.to_string()))? {
        Location::Object { bucket, key } => Ok((bucket, key)),
        Location::Path { .. } | Location::Package { .. } => Err(Failure::usage(format!(
            "`{text}` is not in a bucket: write `s3://bucket/key`"
        ))),
    }
}

fn object(text: &str) -> Result<(String, String), Failure> {
    let (bucket, key) = place(text)?;
    if key.is_empty() {
        return Err(Failure::usage(format!(
            "`{text}` names a bucket, not an object"
        )));
    }
    Ok((bucket, key))
}

async fn list(client: &Client, location: &str, output: Output) -> Result<(), Failure> {
    let (bucket, prefix) = place(location)?;
    let mut all = Vec::new();
    let mut query = vec![("prefix", prefix), ("limit", "1000".to_owned())];
    loop {
        let page: Listing = client.get(&["buckets", &bucket, "objects"], &query).await?;
        all.extend(page.items);
        let Some(next) = page.next else { break };
        query.truncate(2);
        query.push(("after", next));
    }
    output.table(&["key", "size", "modified"], &all, |object| {
        vec![
            object.key.clone(),
            ByteSize(object.bytes).to_string(),
            ago(object.modified),
        ]
    });
    Ok(())
}

/// Sends a file as an object's bytes, streaming.
pub(super) async fn upload(
    client: &Client,
    file: &Path,
    bucket: &str,
    key: &str,
    only_if_absent: bool,
) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::usage(format!("`{}` cannot be read: {error}", file.display()))
    };
    let opened = tokio::fs::File::open(file).await.map_err(unreadable)?;
    let length = opened.metadata().await.map_err(unreadable)?.len();
    let mut request = client
        .request(Method::PUT, &["buckets", bucket, "objects", key])
        .header("content-length", length)
        .body(Body::wrap_stream(ReaderStream::new(opened)));
    if only_if_absent {
        request = request.header("if-none-match", "*");
    }
    match client.send(request).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused { code, .. }) if only_if_absent && code == "conflict" => Ok(()),
        Err(failure) => Err(failure),
    }
}

async fn put(client: &Client, file: &Path, location: &str, output: Output) -> Result<(), Failure> {
    let (bucket, mut key) = place(location)?;
    if key.is_empty() || key.ends_with('/') {
        let name = file.file_name().and_then(|name| name.to_str());
        key.push_str(name.ok_or_else(|| Failure::usage("the file has no name"))?);
    }
    upload(client, file, &bucket, &key, false).await?;
    output.say(format!("s3://{bucket}/{key}"));
    Ok(())
}

async fn get(client: &Client, location: &str, file: &Path, output: Output) -> Result<(), Failure> {
    let (bucket, key) = object(location)?;
    let request = client.request(Method::GET, &["buckets", &bucket, "objects", &key]);
    let response = client.send(request).await?;
    let mut pieces = response.bytes_stream();
    let broke =
        |error: reqwest::Error| Failure::Unreachable(format!("the object broke off: {error}"));
    if file.as_os_str() == "-" {
        while let Some(piece) = pieces.next().await {
            output.bytes(&piece.map_err(broke)?);
        }
        return Ok(());
    }
    let unwritable = |error: std::io::Error| {
        Failure::here(format!("`{}` cannot be written: {error}", file.display()))
    };
    let mut out = tokio::fs::File::create(file).await.map_err(unwritable)?;
    while let Some(piece) = pieces.next().await {
        out.write_all(&piece.map_err(broke)?)
            .await
            .map_err(unwritable)?;
    }
    out.sync_all().await.map_err(unwritable)
}
