//! Landlock (landlock(7)): a second wall behind the view of the file system, and the only one
//! where this machine gives no view.
//!
//! A process that Landlock keeps from files may not change mounts any more, so the Python worker,
//! whose instances take a `/tmp` of their own, has only the rest: it cannot send signals to others
//! or reach their abstract sockets, which user numbers alone would not rule out.

use super::Confinement;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use std::fs;
use std::path::{Path, PathBuf};

/// What Landlock shall keep a process from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Files that are not its own.
    pub(super) files: bool,
    /// Whether the process has a view of its own, in which hidden folders are empty.
    pub(super) viewed: bool,
    /// TCP, for want of a network namespace.
    pub(super) network: bool,
}

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Enforced {
    /// All of the file rules.
    pub(super) files: bool,
    /// Signals and abstract sockets.
    pub(super) scope: bool,
    /// TCP.
    pub(super) network: bool,
}

/// Where anybody writes: none of it holds anything.
const DEVICES: [&str; 6] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/shm",
];

/// Restricts this process as far as the machine has it, each part by itself.
pub(super) fn restrict(confinement: &Confinement, wanted: Wanted) -> Enforced {
    let whole = |restricted: Result<RulesetStatus, RulesetError>| {
        restricted.is_ok_and(|status| status == RulesetStatus::FullyEnforced)
    };
    Enforced {
        scope: whole(scope()),
        network: wanted.network && whole(network()),
        files: wanted.files && whole(files(confinement, wanted.viewed)),
    }
}

fn strict() -> Ruleset {
    Ruleset::default().set_compatibility(CompatLevel::HardRequirement)
}

fn scope() -> Result<RulesetStatus, RulesetError> {
    let ruleset = strict()
        .scope(Scope::AbstractUnixSocket)?
        .scope(Scope::Signal)?;
    Ok(ruleset.create()?.restrict_self()?.ruleset)
}

/// No rule allows anything.
fn network() -> Result<RulesetStatus, RulesetError> {
    let ruleset = strict().handle_access(AccessNet::from_all(ABI::V4))?;
    Ok(ruleset.create()?.restrict_self()?.ruleset)
}

fn files(confinement: &Confinement, viewed: bool) -> Result<RulesetStatus, RulesetError> {
    // Up to truncation (ABI 3): enough to forbid writing, and there since Linux 6.2.
    let abi = ABI::V3;
    let mut ruleset = strict().handle_access(AccessFs::from_all(abi))?.create()?;
    let temporary = if viewed {
        PathBuf::from("/tmp")
    } else {
        confinement.temporary.clone()
    };
    let readable = if viewed {
        vec![PathBuf::from("/")]
    } else {
        readable(confinement)
    };
    for path in readable {
        let access = AccessFs::from_read(abi);
        ruleset = allow(ruleset, &path, access)?;
    }
    for path in DEVICES.iter().map(Path::new).chain([temporary.as_path()]) {
        ruleset = allow(ruleset, path, AccessFs::from_all(abi))?;
    }
    Ok(ruleset.restrict_self()?.ruleset)
}

fn allow(
    ruleset: landlock::RulesetCreated,
    path: &Path,
    access: landlock::BitFlags<AccessFs>,
) -> Result<landlock::RulesetCreated, RulesetError> {
    // What is not there needs no rule.
    let Ok(handle) = PathFd::new(path) else {
        return Ok(ruleset);
    };
    let access = if path.is_dir() {
        access
    } else {
        access & AccessFs::from_file(ABI::V3)
    };
    ruleset.add_rule(PathBeneath::new(handle, access))
}

/// Everything but the hidden folders, and what is kept of them. Rules can only allow, so a folder
/// around a hidden one is allowed by its other entries.
fn readable(confinement: &Confinement) -> Vec<PathBuf> {
    let mut all = confinement.kept.clone();
    let mut pending = vec![PathBuf::from("/")];
    while let Some(path) = pending.pop() {
        let hidden = |folder: &PathBuf| path.starts_with(folder);
        if confinement.hidden.iter().any(hidden) {
            continue;
        }
        if !confinement
            .hidden
            .iter()
            .any(|folder| folder.starts_with(&path))
        {
            all.push(path);
            continue;
        }
        let entries = fs::read_dir(&path).into_iter().flatten().flatten();
        pending.extend(entries.map(|entry| entry.path()));
    }
    all
}
