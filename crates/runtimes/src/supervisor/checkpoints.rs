//! Checkpoints of a ticket: the files of one folder, read while user code writes them and after
//! it ended, however it ended.

use crate::launch::{Launch, Part};
use crate::record::ExitRecord;
use crate::scripts::Places;
use crate::{Error, Layout, files};
use domain::gang;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long a file must have been left alone to be taken while user code runs: one that is being
/// written is taken when it is whole.
const SETTLED: Duration = Duration::from_secs(1);
/// Folders inside each other.
const DEEPEST: usize = 64;

/// A file of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Relative to the folder, with `/`.
    pub path: String,
    /// Where it is.
    pub source: PathBuf,
    /// Bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: SystemTime,
}

/// The files as they are now, of all hosts of a gang; where two hosts have a file of the same
/// path, the later one counts. Links are not followed. A ticket without checkpoints has none.
///
/// # Errors
/// When the launch cannot be read.
pub fn checkpoints(layout: &Layout) -> Result<Vec<Checkpoint>, Error> {
    let Some(launch) = files::read_record::<Launch>(&layout.launch())? else {
        return Ok(Vec::new());
    };
    if launch.checkpoints.is_none() {
        return Ok(Vec::new());
    }
    let over = files::read_record::<ExitRecord>(&layout.exit())?.is_some();
    let before = if over {
        None
    } else {
        SystemTime::now().checked_sub(SETTLED)
    };
    let mut found = Vec::new();
    for layout in parts(layout, &launch) {
        for folder in [layout.checkpoints(), folder(&layout, &launch)?] {
            if files::is_really(&folder, layout.folder()) {
                walk(&folder, "", before, DEEPEST, &mut found);
            }
        }
    }
    // Stable: of equal paths the last written comes first.
    found.sort_by(|one: &Checkpoint, other| {
        one.path
            .cmp(&other.path)
            .then(other.modified.cmp(&one.modified))
    });
    found.dedup_by(|later, first| later.path == first.path);
    Ok(found)
}

/// Moves the checkpoints of a failed attempt out of the folder that is about to be removed.
pub(super) fn put_aside(layout: &Layout, launch: &Launch) {
    if launch.checkpoints.is_none() || launch.part == Part::Gang {
        return;
    }
    if let Ok(folder) = folder(layout, launch)
        && files::is_really(&folder, layout.folder())
    {
        // On failure they are lost with the rest of what the attempt wrote.
        let _ = fs::rename(&folder, layout.checkpoints());
    }
}

/// The tickets that a ticket is made of.
fn parts(layout: &Layout, launch: &Launch) -> Vec<Layout> {
    if launch.part != Part::Gang {
        return vec![layout.clone()];
    }
    let hosts = gang::hosts(launch.machine.hosts.len() as u32);
    hosts.iter().map(|host| layout.host(host)).collect()
}

fn folder(layout: &Layout, launch: &Launch) -> Result<PathBuf, Error> {
    let places = Places {
        base: layout.base(),
        temporary: layout.temporary(),
        python: PathBuf::new(),
    };
    match &launch.checkpoints {
        Some(output) => places.named_output(output),
        None => Ok(places.checkpoints()),
    }
}

fn walk(
    folder: &Path,
    prefix: &str,
    before: Option<SystemTime>,
    depth: usize,
    found: &mut Vec<Checkpoint>,
) {
    if depth == 0 {
        return;
    }
    // What vanishes meanwhile was removed by user code, which may do that.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (Ok(name), Ok(metadata)) = (entry.file_name().into_string(), entry.metadata()) else {
            continue;
        };
        let path = format!("{prefix}{name}");
        if metadata.is_dir() {
            walk(&entry.path(), &format!("{path}/"), before, depth - 1, found);
            continue;
        }
        let Ok(modified) = metadata.modified() else {
            continue;
        };
        if metadata.is_file() && before.is_none_or(|before| modified <= before) {
            found.push(Checkpoint {
                path,
                source: entry.path(),
                size: metadata.len(),
                modified,
            });
        }
    }
}
