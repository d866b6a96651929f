//! A large file as a multipart upload: several parts are under way at a time, one that breaks off is
//! sent again, and what cannot be finished is given up with its parts.

use super::send::{Sending, Written, hex, sha256, unreadable};
use crate::client::Client;
use crate::failure::Failure;
use crate::progress::Transfer;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Least bytes of a part here, which are held in memory while it is sent.
const PART: u64 = 16 << 20;
/// Most parts of an upload.
const MOST_PARTS: u64 = 10_000;
/// Parts that are sent at a time.
const AT_ONCE: usize = 4;
/// How often a part is sent that breaks off.
const ATTEMPTS: u32 = 4;

#[derive(Debug, Deserialize)]
struct Begun {
    id: String,
}

/// A part that the server has.
#[derive(Debug, Serialize, Deserialize)]
struct Part {
    number: u32,
    etag: String,
}

/// Reads a file part by part, and hashes the whole on the way.
struct Parts {
    file: File,
    size: u64,
    number: u32,
    hash: Sha256,
    bytes: u64,
}

impl Parts {
    fn next(&mut self) -> std::io::Result<Option<(u32, Bytes)>> {
        let mut piece = Vec::new();
        (&mut self.file).take(self.size).read_to_end(&mut piece)?;
        if piece.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        self.bytes += piece.len() as u64;
        self.hash.update(&piece);
        Ok(Some((self.number, Bytes::from(piece))))
    }
}

/// Sends a file of that length.
pub(super) async fn send(
    client: &Client,
    (file, length): (&Path, u64),
    (bucket, key): (&str, &str),
    sending: &Sending,
    progress: &Transfer,
) -> Result<Written, Failure> {
    let opened = File::open(file).map_err(|error| unreadable(file, &error))?;
    let wanted = json!({"key": key, "content_type": sending.content_type});
    let begun: Begun = client
        .post(&["buckets", bucket, "uploads"], &wanted)
        .await?;
    let mut parts = Parts {
        file: opened,
        size: length.div_ceil(MOST_PARTS).max(PART),
        number: 0,
        hash: Sha256::new(),
        bytes: 0,
    };
    let sent = async {
        let uploaded = upload(client, &mut parts, file, (bucket, key, &begun.id), progress).await?;
        let hash = hex(&parts.hash.clone().finalize());
        let whole = json!({"parts": uploaded, "sha256": hash, "bytes": parts.bytes});
        let path = ["buckets", bucket, "uploads", &begun.id, "complete"];
        let query = [("key", key.to_owned())];
        let request = client
            .request_with(Method::POST, &path, &query)
            .json(&whole);
        client.read(sending.conditions(request)).await
    };
    let outcome = tokio::select! {
        sent = sent => sent,
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted("given up".to_owned())),
    };
    match outcome {
        Ok(written) => Ok(written),
        Err(failure) => Err(match abort(client, bucket, key, &begun.id).await {
            // Asked to complete twice, the server no longer has the upload: nothing is left over.
            Ok(()) | Err(Failure::Refused { .. }) => failure,
            Err(_) => failure.with(format!(
                "; its parts are still there, throw them away with `tradewind objects abort \
                 s3://{bucket}/{key} {}`",
                begun.id
            )),
        }),
    }
}

/// Gives an upload up.
pub(super) async fn abort(
    client: &Client,
    bucket: &str,
    key: &str,
    upload: &str,
) -> Result<(), Failure> {
    let path = ["buckets", bucket, "uploads", upload];
    let query = [("key", key.to_owned())];
    let request = client.request_with(Method::DELETE, &path, &query);
    client.send(request).await.map(|_| ())
}

async fn upload(
    client: &Client,
    parts: &mut Parts,
    file: &Path,
    target: (&str, &str, &str),
    progress: &Transfer,
) -> Result<Vec<Part>, Failure> {
    let pieces = stream::iter(std::iter::from_fn(|| parts.next().transpose()));
    let uploads = pieces.map(|piece| async move {
        let (number, bytes) = piece.map_err(|error| unreadable(file, &error))?;
        let count = bytes.len() as u64;
        let part = upload_part(client, target, number, bytes).await?;
        progress.more(count);
        Ok::<_, Failure>(part)
    });
    uploads.buffered(AT_ONCE).try_collect().await
}

async fn upload_part(
    client: &Client,
    (bucket, key, upload): (&str, &str, &str),
    number: u32,
    bytes: Bytes,
) -> Result<Part, Failure> {
    let hash = sha256(&bytes);
    let number = number.to_string();
    let path = ["buckets", bucket, "uploads", upload, "parts", &number];
    let mut attempt = 1;
    loop {
        let request = client
            .request_with(Method::PUT, &path, &[("key", key.to_owned())])
            .header("tradewind-sha256", &hash)
            .body(bytes.clone());
        match client.read(request).await {
            Err(Failure::Unreachable(_)) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}
