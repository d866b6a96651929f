//! The folders of tickets: made all at once, seen for what they are, removed all at once.

use contracts::backend::Observation;
use domain::TicketId;
use runtimes::record::{ExitRecord, Stage, Status};
use runtimes::{Error, Launch, Layout, files};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Begins the name of a folder that is being made or removed; a ticket cannot begin so.
const PASSING: char = '~';

/// Makes the ticket's folder with its launch in it, all at once. That it is there already is fine:
/// the first launch counts.
pub(super) fn create(root: &Path, ticket: &TicketId, launch: &Launch) -> Result<Layout, Error> {
    let folder = folder(root, ticket)?;
    let layout = Layout::new(&folder);
    if layout.launch().exists() {
        return Ok(layout);
    }
    files::create_folder(root)?;
    let temporary = root.join(passing(ticket));
    files::remove_folder(&temporary)?;
    files::create_folder(&temporary)?;
    restrict(&temporary);
    files::write_record(&Layout::new(&temporary).launch(), launch)?;
    // Renaming onto a folder with content fails: then another was quicker.
    if let Err(source) = fs::rename(&temporary, &folder) {
        files::remove_folder(&temporary)?;
        if !layout.launch().exists() {
            return Err(Error::File {
                action: "create",
                path: folder,
                source,
            });
        }
    }
    Ok(layout)
}

/// A name that no other thread of this machine uses now.
fn passing(ticket: &TicketId) -> String {
    let thread = files::thread_number();
    format!("{PASSING}{}.{thread}.{ticket}", std::process::id())
}

/// Launches hold variables that may be secrets.
fn restrict(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
}

/// Whether a supervisor has yet to be started.
pub(super) fn is_fresh(layout: &Layout) -> bool {
    !layout.status().exists() && !layout.exit().exists()
}

/// What is seen of a ticket.
pub(super) fn observe(root: &Path, ticket: &TicketId) -> Result<Observation, Error> {
    let layout = Layout::new(folder(root, ticket)?);
    if let Some(observation) = ended(&layout)? {
        return Ok(observation);
    }
    let Some(status) = files::read_record::<Status>(&layout.status())? else {
        // A folder without status has no supervisor yet: to make it exist is still to be done.
        return Ok(Observation::Absent);
    };
    if status.supervisor.is_alive() {
        return Ok(match (status.stage, status.started) {
            (_, Some(since)) => Observation::Running { since },
            (Stage::Inputs, None) => Observation::Preparing {
                step: "inputs".to_owned(),
            },
            (_, None) => Observation::Preparing {
                step: "environment".to_owned(),
            },
        });
    }
    // It may have ended between the two looks.
    if let Some(observation) = ended(&layout)? {
        return Ok(observation);
    }
    let reason = if layout.folder().exists() {
        "the process that supervised it has vanished without a record; the machine was restarted \
         or the process was killed"
    } else {
        return Ok(Observation::Absent);
    };
    Ok(Observation::Lost {
        reason: reason.to_owned(),
    })
}

fn ended(layout: &Layout) -> Result<Option<Observation>, Error> {
    let record = files::read_record::<ExitRecord>(&layout.exit())?;
    Ok(record.map(|record| Observation::Exited { exit: record.exit }))
}

/// Kills what runs and removes the folder; `false` means to ask again.
pub(super) fn remove(root: &Path, ticket: &TicketId) -> Result<bool, Error> {
    let folder = folder(root, ticket)?;
    let layout = Layout::new(&folder);
    if !folder.exists() {
        return Ok(true);
    }
    if !runtimes::supervisor::clear(&layout)? {
        return Ok(false);
    }
    // A supervisor that is just starting holds the lock before it has a status.
    let lock = File::options()
        .create(true)
        .append(true)
        .open(layout.lock());
    let lock = match lock {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(source) => {
            return Err(Error::File {
                action: "open",
                path: layout.lock(),
                source,
            });
        }
    };
    if let Err(TryLockError::WouldBlock) = lock.try_lock() {
        return Ok(false);
    }
    let passing = root.join(passing(ticket));
    files::remove_folder(&passing)?;
    match fs::rename(&folder, &passing) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(source) => {
            return Err(Error::File {
                action: "remove",
                path: folder,
                source,
            });
        }
    }
    files::remove_folder(&passing)?;
    Ok(true)
}

/// All tickets that have a folder. What a crash left half made or half removed is cleared away.
pub(super) fn inventory(root: &Path) -> Result<Vec<TicketId>, Error> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            return Err(Error::File {
                action: "read",
                path: root.to_owned(),
                source,
            });
        }
    };
    let mut tickets = Vec::new();
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if let Some(rest) = name.strip_prefix(PASSING) {
            clear_passing(&entry.path(), rest)?;
        } else if let Ok(ticket) = TicketId::new(name) {
            tickets.push(ticket);
        }
    }
    tickets.sort();
    Ok(tickets)
}

/// Removes a passing folder whose process is gone.
fn clear_passing(path: &Path, rest: &str) -> Result<(), Error> {
    let maker = rest.split('.').next().and_then(|pid| pid.parse().ok());
    let is_gone = maker.is_none_or(|pid: i32| runtimes::process::stat(pid).is_none());
    if is_gone {
        files::remove_folder(path)
    } else {
        Ok(())
    }
}

/// The folder of a ticket. Its name is checked by its type, and once more here.
pub(super) fn folder(root: &Path, ticket: &TicketId) -> Result<PathBuf, Error> {
    files::join_inside(root, ticket.as_str(), "the ticket")
}
