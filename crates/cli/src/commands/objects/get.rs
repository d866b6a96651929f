//! An object to a file or to standard output.

use super::of_version;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::Transfer;
use futures::StreamExt;
use reqwest::{Method, Response};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;

pub(super) async fn run(
    client: &Client,
    (bucket, key): &(String, String),
    version: Option<&str>,
    file: &Path,
    output: Output,
) -> Result<(), Failure> {
    let path = ["buckets", bucket, "objects", key];
    let request = client.request_with(Method::GET, &path, &of_version(version));
    let response = client.send(request).await?;
    if file.as_os_str() == "-" {
        let print = |piece: &[u8]| {
            output.bytes(piece);
            Ok(())
        };
        return receive(response, print, |_| ()).await;
    }
    let inside = || file.join(key.rsplit('/').next().unwrap_or(key));
    let file = if file.is_dir() {
        inside()
    } else {
        file.to_owned()
    };
    save(response, &file, output).await
}

/// Writes the object beside the file and puts it in its place when it is whole; what is no plain
/// file, such as a pipe, is written to as it is.
async fn save(response: Response, file: &Path, output: Output) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| {
        Failure::here(format!("`{}` cannot be written: {error}", file.display()))
    };
    let length = response.content_length().unwrap_or(0);
    let progress = Transfer::new(output, length);
    if file.exists() && !file.is_file() {
        let mut out = std::fs::File::options()
            .write(true)
            .open(file)
            .map_err(unwritable)?;
        let write = |piece: &[u8]| out.write_all(piece).map_err(unwritable);
        return receive(response, write, |count| progress.more(count)).await;
    }
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    // As any new file is, and not for its owner alone as temporary files are.
    let mut out = tempfile::Builder::new()
        .prefix(".tradewind-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
        .tempfile_in(folder)
        .map_err(unwritable)?;
    let write = |piece: &[u8]| out.write_all(piece).map_err(unwritable);
    receive(response, write, |count| progress.more(count)).await?;
    out.as_file().sync_all().map_err(unwritable)?;
    let kept = out.persist(file);
    kept.map(|_| ()).map_err(|error| unwritable(error.error))
}

/// Takes the bytes as they come, and at the end holds them against the announced SHA-256.
async fn receive(
    response: Response,
    mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
    mut came: impl FnMut(u64),
) -> Result<(), Failure> {
    let announced = response.headers().get("tradewind-sha256");
    let announced = announced.and_then(|value| value.to_str().ok());
    let announced = announced.filter(|hash| !hash.is_empty()).map(str::to_owned);
    let mut hash = Sha256::new();
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece
            .map_err(|error| Failure::Unreachable(format!("the object broke off: {error}")))?;
        hash.update(&piece);
        take(&piece)?;
        came(piece.len() as u64);
    }
    let actual = super::send::hex(&hash.finalize());
    if announced.as_ref().is_some_and(|hash| *hash != actual) {
        return Err(Failure::Unreachable(
            "the bytes that came are not the object's: their SHA-256 is another".to_owned(),
        ));
    }
    Ok(())
}
