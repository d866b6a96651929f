//! A private view of the file system in which the job's folder is `/opt/ml`, as in the clouds'
//! containers. Outside nothing changes: where the machine has no `/opt/ml`, the view gets a copy
//! of `/opt` that has one.

use crate::Layout;
use crate::launch::Machine;
use crate::scripts::BASE;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{getgid, getuid};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

const NOTHING: Option<&str> = None;

/// Enters the view; false where the machine does not allow it, and then nothing has changed that
/// user code could notice.
pub(super) fn enter(layout: &Layout) -> bool {
    !layout.folder().starts_with(BASE) && unshared() && arrange(layout)
}

/// The same without a user namespace, in which a process that has begun can follow this one.
pub(super) fn enter_with_rights(layout: &Layout) -> bool {
    let is_below = layout.folder().starts_with(BASE);
    !is_below && unshare(CloneFlags::CLONE_NEWNS).is_ok() && arrange(layout)
}

/// Makes this process' own mounts the view.
fn arrange(layout: &Layout) -> bool {
    let folder = layout.folder();
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    if mount(NOTHING, "/", NOTHING, private, NOTHING).is_err() {
        return false;
    }
    let base = layout.base();
    if Path::new(BASE).is_dir() {
        return bind(&base, Path::new(BASE)).is_ok();
    }
    view_of_opt(folder, &base).is_ok()
}

/// Gives a host of a gang its name, and the names of the others addresses of this machine's own:
/// each host has one, so that all can listen on the same port. Where that is not allowed they are
/// known by their variables only.
pub(super) fn name_hosts(layout: &Layout, machine: &Machine) {
    let present = fs::read_to_string("/etc/hosts").unwrap_or_default();
    let mut table = format!("{}\n", present.trim_end());
    for (index, host) in machine.hosts.iter().enumerate() {
        table.push_str(&format!("127.0.0.{}\t{host}\n", index + 1));
    }
    let path = layout.host_names();
    if fs::write(&path, table).is_ok() {
        let _ = bind(&path, Path::new("/etc/hosts"));
    }
    if unshare(CloneFlags::CLONE_NEWUTS).is_ok() {
        let _ = nix::unistd::sethostname(&machine.host);
    }
}

/// Parts from the machine's network: what is left is a loopback of its own, where that can be
/// raised. False where this machine does not allow it.
pub(super) fn isolate() -> bool {
    if unshare(CloneFlags::CLONE_NEWNET).is_err() && !with_user(CloneFlags::CLONE_NEWNET) {
        return false;
    }
    let _ = crate::confinement::raise_loopback();
    true
}

/// Goes into the network that another process holds. False where this machine does not allow it.
pub(super) fn join_network(holder: u32) -> bool {
    let open = |kind: &str| File::open(format!("/proc/{holder}/ns/{kind}"));
    let (Ok(network), Ok(user)) = (open("net"), open("user")) else {
        return false;
    };
    let enter = || setns(&network, CloneFlags::CLONE_NEWNET).is_ok();
    // As another user than root by the user namespace that it belongs to.
    enter() || (setns(&user, CloneFlags::CLONE_NEWUSER).is_ok() && enter())
}

/// Makes the environment read-only in the view: it is shared by jobs, and its files with the cache
/// of `uv`. Where that cannot be had user code is trusted with it.
pub(super) fn protect(environment: &Path) {
    if bind(environment, environment).is_ok() {
        // In a user namespace the flags that the file system was mounted with must stay.
        let kept = nix::sys::statvfs::statvfs(environment).map_or(0, |found| found.flags().bits());
        let kept = MsFlags::from_bits_truncate(kept)
            & (MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC);
        let flags = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY | kept;
        let _ = mount(NOTHING, environment, NOTHING, flags, NOTHING);
    }
}

/// As root a mount namespace is enough; as another user it takes a user namespace around it.
fn unshared() -> bool {
    unshare(CloneFlags::CLONE_NEWNS).is_ok() || with_user(CloneFlags::CLONE_NEWNS)
}

/// Parts in a user namespace of its own.
fn with_user(wanted: CloneFlags) -> bool {
    let (user, group) = (getuid(), getgid());
    if unshare(CloneFlags::CLONE_NEWUSER | wanted).is_err() {
        return false;
    }
    // Mapping the group is allowed only once the right to drop groups is given up
    // (user_namespaces(7)).
    fs::write("/proc/self/setgroups", "deny").is_ok()
        && fs::write("/proc/self/uid_map", format!("{user} {user} 1")).is_ok()
        && fs::write("/proc/self/gid_map", format!("{group} {group} 1")).is_ok()
}

fn bind(from: &Path, to: &Path) -> io::Result<()> {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(from), to, NOTHING, flags, NOTHING).map_err(io::Error::from)
}

/// Puts a temporary file system over `/opt` that shows what was there, and `ml` besides.
fn view_of_opt(folder: &Path, base: &Path) -> io::Result<()> {
    let opt = Path::new("/opt");
    if !opt.is_dir() {
        fs::create_dir(opt)?;
    }
    let opt = fs::canonicalize(opt)?;
    let staging = folder.join("opt");
    fs::create_dir_all(&staging)?;
    mount(
        Some("tmpfs"),
        &staging,
        Some("tmpfs"),
        MsFlags::empty(),
        Some("mode=755"),
    )?;
    for entry in fs::read_dir(&opt)? {
        let entry = entry?;
        let (from, to) = (entry.path(), staging.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            symlink(fs::read_link(&from)?, &to)?;
            continue;
        }
        if kind.is_dir() {
            fs::create_dir(&to)?;
        } else {
            File::create(&to)?;
        }
        bind(&from, &to)?;
    }
    let target = staging.join("ml");
    fs::create_dir(&target)?;
    bind(base, &target)?;
    mount(Some(&staging), &opt, NOTHING, MsFlags::MS_MOVE, NOTHING).map_err(io::Error::from)
}
