//! The file system as a function sees it: nothing may be written but `/tmp`, and the server's own
//! folder is empty but for what the function needs.

use super::Confinement;
use nix::fcntl::{OFlag, open};
use nix::mount::{MsFlags, mount};
use nix::sys::stat::Mode;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

const NOTHING: Option<&str> = None;

/// Something that stays, held while what is above it is covered.
struct Held {
    path: PathBuf,
    handle: OwnedFd,
    folder: bool,
}

/// Arranges the view in a mount namespace of this process's own.
pub(super) fn arrange(wanted: &Confinement) -> io::Result<()> {
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(NOTHING, "/", NOTHING, private, NOTHING)?;
    let kept = hold_all(&wanted.kept)?;
    let temporary = hold(&wanted.temporary)?;
    let opt = wanted.opt.as_deref().map(hold).transpose()?;
    forbid_writing();
    let covered = outermost(&wanted.hidden);
    for hidden in &covered {
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        mount(
            Some("tmpfs"),
            *hidden,
            Some("tmpfs"),
            flags,
            Some("mode=755"),
        )?;
    }
    show(&temporary, Path::new("/tmp"))?;
    allow_writing(Path::new("/tmp"))?;
    for held in &kept {
        prepare(&held.path, held.folder)?;
        show(held, &held.path)?;
    }
    if let Some(opt) = opt {
        show(&opt, Path::new("/opt"))?;
    }
    for hidden in covered {
        let _ = remount(hidden, MsFlags::MS_RDONLY);
    }
    Ok(())
}

/// Those that exist and are in no other of them.
fn outermost(folders: &[PathBuf]) -> Vec<&Path> {
    let mut all: Vec<&Path> = folders
        .iter()
        .map(PathBuf::as_path)
        .filter(|folder| folder.is_dir())
        .collect();
    all.sort_unstable();
    all.dedup_by(|later, earlier| later.starts_with(earlier));
    all
}

fn hold_all(paths: &[PathBuf]) -> io::Result<Vec<Held>> {
    paths.iter().map(|path| hold(path)).collect()
}

fn hold(path: &Path) -> io::Result<Held> {
    let handle = open(path, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())?;
    Ok(Held {
        path: path.to_owned(),
        handle,
        folder: path.is_dir(),
    })
}

/// Makes the place for something that stays inside a covered folder; what is there already is
/// the thing itself.
fn prepare(path: &Path, folder: bool) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if folder {
        return fs::create_dir_all(path);
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::File::create(path).map(drop)
}

fn show(held: &Held, at: &Path) -> io::Result<()> {
    let source = format!("/proc/self/fd/{}", held.handle.as_raw_fd());
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(source.as_str()), at, NOTHING, flags, NOTHING).map_err(io::Error::from)
}

/// Makes every mounted file system read-only, except those that are no files.
fn forbid_writing() {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    for line in table.lines() {
        // proc(5): the fifth field is the mount point.
        let Some(point) = line.split(' ').nth(4) else {
            continue;
        };
        let point = unescape(point);
        if point.starts_with("/proc") || point.starts_with("/dev") {
            continue;
        }
        let _ = remount(&point, MsFlags::MS_RDONLY);
    }
}

fn allow_writing(point: &Path) -> io::Result<()> {
    remount(point, MsFlags::empty())
}

/// Changes whether a mount may be written; the flags that it had before must stay in a user
/// namespace.
fn remount(point: &Path, writing: MsFlags) -> io::Result<()> {
    let present = nix::sys::statvfs::statvfs(point).map_or(0, |found| found.flags().bits());
    let kept = MsFlags::from_bits_truncate(present)
        & (MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC);
    let flags = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | writing | kept;
    mount(NOTHING, point, NOTHING, flags, NOTHING).map_err(io::Error::from)
}

/// A path of `/proc/self/mountinfo`: blanks and backslashes in it are octal.
fn unescape(text: &str) -> PathBuf {
    let spelled = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    let plain = spelled
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    PathBuf::from(plain)
}
