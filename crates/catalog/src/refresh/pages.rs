//! A list in pages: each page is a checked file, and a checkpoint says which is next.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use domain::day::Day;
use serde::{Deserialize, Serialize};

use super::download::{download, forget};
use super::{Header, Request, Session};
use crate::Error;

/// How far a list was read, kept on disk.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Checkpoint {
    /// First address of the list.
    begin: String,
    /// The day of the first page; pages of different days do not fit together.
    day: Option<Day>,
    /// Addresses of the pages so far, the next one last; complete when `done`.
    addresses: Vec<String>,
    /// Whether the last address was read.
    done: bool,
}

/// Fetches all pages. `next` reads a page's bytes and answers the address of the next one.
///
/// A page that `next` refuses is fetched once more, then the error stands.
pub(super) async fn pages(
    session: &Session<'_>,
    begin: &str,
    headers: &[Header],
    next: impl Fn(&str, &[u8]) -> Result<Option<String>, Error>,
) -> Result<Vec<PathBuf>, Error> {
    let path = session.folder.join("checkpoint.json");
    let fresh = || Checkpoint {
        begin: begin.to_owned(),
        day: Some(session.today),
        addresses: vec![begin.to_owned()],
        done: false,
    };
    let stored: Option<Checkpoint> = fs::read(&path)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok());
    let fits = |it: &Checkpoint| {
        it.begin == begin && it.day == Some(session.today) && !it.done && !it.addresses.is_empty()
    };
    let mut checkpoint = if let Some(checkpoint) = stored.filter(fits) {
        checkpoint
    } else {
        clear(session)?;
        fresh()
    };
    let mut read = Vec::new();
    let mut index = 0;
    while let Some(address) = checkpoint.addresses.get(index).cloned() {
        if index >= session.limits.most_pages {
            return Err(Error::TooManyPages {
                address: begin.to_owned(),
                limit: index,
            });
        }
        let name = format!("page-{:05}.data", index + 1);
        let (page, following) = page(session, &address, headers, &name, &next).await?;
        read.push(page);
        index += 1;
        if checkpoint.addresses.get(index) != following.as_ref() {
            // Also drops addresses that a changed page no longer leads to.
            checkpoint.addresses.truncate(index);
            if following
                .as_ref()
                .is_some_and(|next| checkpoint.addresses.contains(next))
            {
                clear(session)?;
                let reason = "a page leads back to an earlier one".to_owned();
                return Err(Error::Broken { address, reason });
            }
            checkpoint.addresses.extend(following);
        }
        checkpoint.done = checkpoint.addresses.len() == index;
        let text = serde_json::to_vec(&checkpoint).map_err(|error| Error::Damaged {
            at: 0,
            reason: error.to_string(),
        })?;
        fs::write(&path, text).map_err(Error::file("write", &path))?;
    }
    Ok(read)
}

/// Forgets all pages, so that none of an earlier list is taken for one of this.
fn clear(session: &Session<'_>) -> Result<(), Error> {
    match fs::remove_dir_all(session.folder) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(source) => {
            let path = session.folder.to_owned();
            return Err(Error::File {
                action: "remove",
                path,
                source,
            });
        }
    }
    fs::create_dir_all(session.folder).map_err(Error::file("create", session.folder))
}

async fn page(
    session: &Session<'_>,
    address: &str,
    headers: &[Header],
    name: &str,
    next: &impl Fn(&str, &[u8]) -> Result<Option<String>, Error>,
) -> Result<(PathBuf, Option<String>), Error> {
    let mut attempt = 0;
    loop {
        let headers = headers.to_vec();
        let request = Request {
            address: address.to_owned(),
            headers,
            resume: None,
        };
        let path = download(session, request, name).await?;
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        match next(&path.display().to_string(), &bytes) {
            Ok(following) => return Ok((path, following)),
            Err(_) if attempt == 0 => {
                forget(&path);
                attempt += 1;
            }
            Err(error) => {
                forget(&path);
                return Err(error);
            }
        }
    }
}
