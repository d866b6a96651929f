//! Puts files where user code expects them. They are copied, never linked: user code may write to
//! what it is given. On file systems that can, a copy shares its blocks until then.

use crate::launch::{Source, StagedFile};
use crate::{Error, files};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Copied between two looks at whether a stop was asked for.
const PORTION: u64 = 64 << 20;

/// Fills `folder` from `source`. `channel` names it in errors.
pub(super) fn stage(
    source: &Source,
    folder: &Path,
    channel: &str,
    stop: &AtomicBool,
) -> Result<(), Error> {
    match source {
        Source::Archive { path } => {
            if let Some(parent) = folder.parent() {
                files::create_folder(parent)?;
            }
            let file = File::open(path).map_err(unreadable(channel, path))?;
            archive::unpack(file, folder, archive::Limits::default())?;
            Ok(())
        }
        Source::Folder { path } => copy_folder(path, folder, channel, stop),
        Source::Files { files: all } => {
            files::create_folder(folder)?;
            for StagedFile { path, source } in all {
                let target = files::join_inside(folder, path, &format!("the input `{channel}`"))?;
                if let Some(parent) = target.parent() {
                    files::create_folder(parent)?;
                }
                copy(source, &target, channel, stop)?;
            }
            Ok(())
        }
    }
}

fn copy_folder(from: &Path, to: &Path, channel: &str, stop: &AtomicBool) -> Result<(), Error> {
    files::create_folder(to)?;
    let entries = fs::read_dir(from).map_err(unreadable(channel, from))?;
    for entry in entries {
        let entry = entry.map_err(unreadable(channel, from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        // What a link leads to is copied, as reading the folder would show it.
        let metadata = fs::metadata(&source).map_err(unreadable(channel, &source))?;
        if metadata.is_dir() {
            let leads_up = fs::canonicalize(&source)
                .is_ok_and(|real| fs::canonicalize(from).is_ok_and(|from| from.starts_with(real)));
            if leads_up {
                return Err(Error::Input {
                    channel: channel.to_owned(),
                    reason: format!("`{}` is a link to a folder that holds it", source.display()),
                });
            }
            copy_folder(&source, &target, channel, stop)?;
        } else if metadata.is_file() {
            copy(&source, &target, channel, stop)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path, channel: &str, stop: &AtomicBool) -> Result<(), Error> {
    let mut source = File::open(from).map_err(unreadable(channel, from))?;
    let mut target = File::create(to).map_err(Error::file("create", to))?;
    loop {
        if stop.load(Ordering::SeqCst) {
            return Err(Error::Input {
                channel: channel.to_owned(),
                reason: "stopped".to_owned(),
            });
        }
        let mut portion = io::Read::take(&mut source, PORTION);
        let copied = io::copy(&mut portion, &mut target).map_err(Error::file("write", to))?;
        if copied == 0 {
            target.flush().map_err(Error::file("write", to))?;
            break;
        }
    }
    if let Ok(metadata) = source.metadata() {
        let _ = fs::set_permissions(to, metadata.permissions());
    }
    Ok(())
}

fn unreadable(channel: &str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let (channel, path) = (channel.to_owned(), path.to_owned());
    move |error| Error::Input {
        channel,
        reason: format!("cannot read `{}`: {error}", path.display()),
    }
}
