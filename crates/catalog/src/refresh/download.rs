//! A file from the network, continued where it broke off, and checked.
//!
//! Beside `name` lie `name.part` while it is incomplete and `name.json` with what is known about
//! it. A finished file whose checksum no longer matches is thrown away and fetched again.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::StreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Reply, Request, Session};
use crate::Error;
use crate::import::ExchangeRates;

/// Bounds of a refresh.
#[derive(Clone, Debug)]
pub struct Limits {
    /// No file or page may be larger, in bytes.
    pub largest_file: u64,
    /// No list may have more pages.
    pub most_pages: usize,
    /// Attempts for each request, the first included.
    pub attempts: u32,
    /// Pause before the second attempt, doubled for each further one; a `Retry-After` of the
    /// server counts instead, up to a minute.
    pub pause: Duration,
    /// Dated rates for prices in other currencies.
    pub exchange: ExchangeRates,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            largest_file: 2 << 30,
            most_pages: 5_000,
            attempts: 5,
            pause: Duration::from_secs(1),
            exchange: ExchangeRates::default(),
        }
    }
}

/// What is known about a file, kept beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    address: String,
    entity_tag: Option<String>,
    /// Of the finished file.
    sha256: Option<String>,
    bytes: u64,
}

/// Fetches an address into a file of the session's folder and returns its path.
pub(super) async fn download(
    session: &Session<'_>,
    request: Request,
    name: &str,
) -> Result<PathBuf, Error> {
    let folder = session.folder;
    fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    let (path, part) = (folder.join(name), folder.join(format!("{name}.part")));
    let notes = folder.join(format!("{name}.json"));
    if is_whole(&path, &notes, &request.address) {
        return Ok(path);
    }
    let mut last = None;
    for attempt in 0..session.limits.attempts.max(1) {
        if attempt > 0 {
            let pause = session
                .limits
                .pause
                .saturating_mul(1 << (attempt - 1).min(10));
            let asked = last.as_ref().and_then(Error::retry_after);
            tokio::time::sleep(asked.map_or(pause, |it| it.min(Duration::from_mins(1)))).await;
        }
        match continue_file(session, &request, &part, &notes).await {
            Ok(known) => {
                fs::rename(&part, &path).map_err(Error::file("rename", &part))?;
                write_notes(&notes, &known)?;
                return Ok(path);
            }
            Err(error) if error.is_passing() => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or(Error::Unreachable {
        address: request.address,
        reason: "no attempt".into(),
    }))
}

/// Forgets a finished file, so that it is fetched again.
pub(super) fn forget(path: &Path) {
    // What cannot be removed is found wrong by its checksum or overwritten the next time.
    drop(fs::remove_file(path));
}

async fn continue_file(
    session: &Session<'_>,
    request: &Request,
    part: &Path,
    notes: &Path,
) -> Result<Known, Error> {
    let known = read_notes(notes).filter(|known| known.address == request.address);
    let have = fs::metadata(part).map_or(0, |it| it.len());
    let tag = known.and_then(|known| known.entity_tag);
    let mut request = request.clone();
    request.resume = tag.filter(|_| have > 0).map(|tag| (have, tag));
    let reply = session.fetch.get(&request).await?;
    let resumed = reply.status == 206 && request.resume.is_some();
    if !resumed && reply.status != 200 {
        // A range that cannot be had means that the rest was misjudged: begin anew.
        if reply.status == 416 {
            forget(part);
        }
        let (status, retry_after) = (reply.status, reply.retry_after);
        return Err(Error::Refused {
            address: request.address,
            status,
            retry_after,
        });
    }
    if resumed && reply.range_start != Some(have) {
        forget(part);
        let reason = "the server continued at another byte than asked".to_owned();
        return Err(Error::Broken {
            address: request.address,
            reason,
        });
    }
    let entity_tag = reply.entity_tag.clone();
    let address = request.address.clone();
    let begun = Known {
        address,
        entity_tag,
        ..Known::default()
    };
    write_notes(notes, &begun)?;
    let bytes = append(
        session,
        &request,
        reply,
        part,
        if resumed { have } else { 0 },
    )
    .await?;
    Ok(Known {
        sha256: Some(checksum(part)?),
        bytes,
        ..begun
    })
}

/// Writes the body behind the first `have` bytes and returns the size of the whole.
async fn append(
    session: &Session<'_>,
    request: &Request,
    mut reply: Reply,
    part: &Path,
    have: u64,
) -> Result<u64, Error> {
    let broken = |reason: String| Error::Broken {
        address: request.address.clone(),
        reason,
    };
    let mut options = OpenOptions::new();
    options
        .create(true)
        .write(true)
        .append(have > 0)
        .truncate(have == 0);
    let mut file = options.open(part).map_err(Error::file("write", part))?;
    let expected = reply.length.map(|length| have + length);
    let mut bytes = have;
    while let Some(piece) = reply.body.next().await {
        let piece = piece.map_err(|reason| broken(format!("it broke off: {reason}")))?;
        bytes += piece.len() as u64;
        if bytes > session.limits.largest_file {
            let limit = session.limits.largest_file;
            drop(file);
            forget(part);
            return Err(Error::TooLarge {
                address: request.address.clone(),
                limit,
            });
        }
        file.write_all(&piece).map_err(Error::file("write", part))?;
    }
    file.sync_all().map_err(Error::file("write", part))?;
    match expected {
        Some(expected) if expected != bytes => Err(broken(format!(
            "it ended after {bytes} of {expected} bytes"
        ))),
        _ => Ok(bytes),
    }
}

fn is_whole(path: &Path, notes: &Path, address: &str) -> bool {
    let Some(known) = read_notes(notes).filter(|known| known.address == address) else {
        return false;
    };
    let size = fs::metadata(path).map_or(0, |it| it.len());
    size == known.bytes && known.sha256.is_some() && checksum(path).ok() == known.sha256
}

fn read_notes(notes: &Path) -> Option<Known> {
    serde_json::from_slice(&fs::read(notes).ok()?).ok()
}

fn write_notes(notes: &Path, known: &Known) -> Result<(), Error> {
    let text = serde_json::to_vec(known).map_err(|error| Error::Damaged {
        at: 0,
        reason: error.to_string(),
    })?;
    fs::write(notes, text).map_err(Error::file("write", notes))
}

/// SHA-256 of a file in hexadecimal.
fn checksum(path: &Path) -> Result<String, Error> {
    let mut file = File::open(path).map_err(Error::file("read", path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(Error::file("read", path))?;
        if count == 0 {
            return Ok(crate::codec::hexadecimal(&hasher.finalize()));
        }
        hasher.update(&buffer[..count]);
    }
}
