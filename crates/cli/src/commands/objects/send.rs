//! A file to an object: at once when it is small, in parts when it is large. Either way the server
//! is told the SHA-256, and makes no object of other bytes.

use super::{parts, place};
use crate::arguments::PutArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Transfer;
use futures::StreamExt;
use reqwest::{Body, Method, RequestBuilder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::io::Read;
use std::path::Path;
use tokio_util::io::ReaderStream;

/// Files larger than this are sent in parts, unless it is said otherwise.
const LARGE: u64 = 64 << 20;

/// How an object is written.
#[derive(Debug, Clone)]
pub(in crate::commands) struct Sending {
    /// In parts when the file is larger, in bytes.
    pub(in crate::commands) parts_above: u64,
    /// Media type.
    pub(in crate::commands) content_type: Option<String>,
    /// Only when nothing is there.
    pub(in crate::commands) if_absent: bool,
    /// Only over an object with this entity tag.
    pub(in crate::commands) if_match: Option<String>,
}

/// An object that was written.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Written {
    bucket: String,
    key: String,
    version: String,
    bytes: u64,
    etag: String,
    sha256: String,
}

impl Default for Sending {
    fn default() -> Self {
        Self {
            parts_above: LARGE,
            content_type: None,
            if_absent: false,
            if_match: None,
        }
    }
}

impl Sending {
    /// The conditions as headers.
    pub(super) fn conditions(&self, mut request: RequestBuilder) -> RequestBuilder {
        if self.if_absent {
            request = request.header("if-none-match", "*");
        }
        if let Some(tag) = &self.if_match {
            request = request.header("if-match", format!("\"{}\"", tag.trim_matches('"')));
        }
        request
    }
}

pub(super) async fn put(
    client: &Client,
    wanted: &PutArguments,
    output: Output,
) -> Result<(), Failure> {
    let (bucket, mut key) = place(&wanted.location)?;
    if key.is_empty() || key.ends_with('/') {
        let name = wanted.file.file_name().and_then(|name| name.to_str());
        key.push_str(name.ok_or_else(|| Failure::usage("the file has no name"))?);
    }
    let sending = Sending {
        parts_above: wanted.parts_above.0,
        content_type: wanted.content_type.clone(),
        if_absent: wanted.if_absent,
        if_match: wanted.if_match.clone(),
    };
    let written = send(client, &wanted.file, (&bucket, &key), &sending, output).await?;
    output.document(&written);
    output.say(format!("s3://{bucket}/{key}"));
    Ok(())
}

/// Sends a file for another command. With [`Sending::if_absent`] an object that is there already is
/// no failure: its name says what is in it.
pub(in crate::commands) async fn upload(
    client: &Client,
    file: &Path,
    target: (&str, &str),
    sending: &Sending,
) -> Result<(), Failure> {
    let quiet = Output {
        json: true,
        csv: false,
        terminal: false,
    };
    match send(client, file, target, sending, quiet).await {
        Ok(_) => Ok(()),
        Err(Failure::Refused { code, .. })
            if sending.if_absent && code == "precondition-failed" =>
        {
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}

async fn send(
    client: &Client,
    file: &Path,
    target: (&str, &str),
    sending: &Sending,
    output: Output,
) -> Result<Written, Failure> {
    let facts = std::fs::metadata(file).map_err(|error| unreadable(file, &error))?;
    if facts.is_dir() {
        return Err(Failure::usage(format!(
            "`{}` is a folder; name the files in it",
            file.display()
        )));
    }
    let progress = Transfer::new(output, facts.len());
    if facts.len() > sending.parts_above {
        return parts::send(client, (file, facts.len()), target, sending, &progress).await;
    }
    let hash = sha256_of(file).map_err(|error| unreadable(file, &error))?;
    let opened = tokio::fs::File::open(file).await;
    let opened = opened.map_err(|error| unreadable(file, &error))?;
    let count = {
        let progress = progress.clone();
        move |piece: std::io::Result<bytes::Bytes>| {
            progress.more(piece.as_ref().map_or(0, |piece| piece.len() as u64));
            piece
        }
    };
    let body = Body::wrap_stream(ReaderStream::new(opened).map(count));
    let (bucket, key) = target;
    let mut request = client
        .request(Method::PUT, &["buckets", bucket, "objects", key])
        .header("content-length", facts.len())
        .header("tradewind-sha256", hash)
        .body(body);
    if let Some(kind) = &sending.content_type {
        request = request.header("content-type", kind);
    }
    client.read(sending.conditions(request)).await
}

pub(super) fn unreadable(file: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("`{}` cannot be read: {error}", file.display()))
}

fn sha256_of(file: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(file)?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 256 << 10]);
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&piece[..count]);
    }
}

/// The SHA-256 of bytes in hexadecimal.
pub(in crate::commands) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
