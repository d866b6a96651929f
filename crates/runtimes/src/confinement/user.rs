//! Namespaces, and the end of the server's rights.

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid, getgid, getuid, setgid, setgroups, setuid};
use std::fs;

/// What this process has for itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Apart {
    /// A view of the file system.
    pub(super) files: bool,
    /// A network without anything in it.
    pub(super) network: bool,
}

/// Parts from the server's namespaces as far as this machine allows. Root does it directly;
/// another user needs a user namespace around it, in which it stays itself.
pub(super) fn part(network: bool) -> Apart {
    let mut wanted = CloneFlags::CLONE_NEWNS;
    if network {
        wanted |= CloneFlags::CLONE_NEWNET;
    }
    if unshare(wanted).is_ok() {
        return Apart {
            files: true,
            network,
        };
    }
    let (user, group) = (getuid(), getgid());
    if unshare(wanted | CloneFlags::CLONE_NEWUSER).is_err() {
        return Apart::default();
    }
    // Mapping the group is allowed only once the right to drop groups is given up
    // (user_namespaces(7)).
    let mapped = fs::write("/proc/self/setgroups", "deny").is_ok()
        && fs::write("/proc/self/uid_map", format!("{user} {user} 1")).is_ok()
        && fs::write("/proc/self/gid_map", format!("{group} {group} 1")).is_ok();
    Apart {
        files: mapped,
        network: network && mapped,
    }
}

/// Gives up root and the way back to any rights; false when this process keeps more rights than a
/// plain user. In a user namespace whose user is not root the rights end by themselves at exec.
pub(super) fn drop_rights(wanted: u32) -> bool {
    let dropped = if getuid().is_root() {
        become_user(wanted) || become_user(NOBODY)
    } else {
        true
    };
    let sealed = nix::sys::prctl::set_no_new_privs().is_ok();
    dropped && sealed
}

/// The kernel's overflow user, which every user namespace that maps anything usually maps.
const NOBODY: u32 = 65_534;

fn become_user(number: u32) -> bool {
    setgroups(&[]).is_ok()
        && setgid(Gid::from_raw(number)).is_ok()
        && setuid(Uid::from_raw(number)).is_ok()
}
