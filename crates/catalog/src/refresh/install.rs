//! Puts a catalog in place in one step and keeps the one before it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::catalog::{CURRENT, PREVIOUS};
use crate::{Catalog, Error};

/// Writes the file beside its place, reads it back, and only then takes the place.
pub(super) fn install(folder: &Path, file: &[u8]) -> Result<Catalog, Error> {
    let (current, previous) = (folder.join(CURRENT), folder.join(PREVIOUS));
    let new = folder.join("prices.new.twc");
    let mut written = File::create(&new).map_err(Error::file("create", &new))?;
    written
        .write_all(file)
        .map_err(Error::file("write", &new))?;
    written.sync_all().map_err(Error::file("write", &new))?;
    drop(written);
    let read = fs::read(&new).map_err(Error::file("read", &new))?;
    let catalog = Catalog::from_bytes(&read)?;
    // A damaged catalog is not worth keeping: it must not push out a good one.
    let usable = fs::read(&current).is_ok_and(|file| Catalog::from_bytes(&file).is_ok());
    if usable {
        keep(folder, &current, &previous)?;
    }
    fs::rename(&new, &current).map_err(Error::file("rename", &new))?;
    sync(folder)?;
    Ok(catalog)
}

/// Goes back to the catalog before the last refresh; `false` when there is none.
pub(crate) fn restore(folder: &Path) -> Result<bool, Error> {
    let (current, previous) = (folder.join(CURRENT), folder.join(PREVIOUS));
    let file = match fs::read(&previous) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(source) => {
            return Err(Error::File {
                action: "read",
                path: previous,
                source,
            });
        }
    };
    Catalog::from_bytes(&file)?;
    fs::rename(&previous, &current).map_err(Error::file("rename", &previous))?;
    sync(folder)?;
    Ok(true)
}

/// A second name for the same content: at every moment there is a whole current catalog.
fn keep(folder: &Path, current: &Path, previous: &Path) -> Result<(), Error> {
    let copy = folder.join("prices.copy.twc");
    drop(fs::remove_file(&copy));
    fs::copy(current, &copy).map_err(Error::file("copy", current))?;
    fs::rename(&copy, previous).map_err(Error::file("rename", &copy))
}

fn sync(folder: &Path) -> Result<(), Error> {
    let handle = File::open(folder).map_err(Error::file("open", folder))?;
    handle.sync_all().map_err(Error::file("sync", folder))
}
