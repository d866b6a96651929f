//! What a function may not ask of the kernel (seccomp(2)): what no program of its kind needs and
//! what ways out of confinements were made of. Everything else is allowed, so that ordinary
//! programs go on as they do elsewhere.

use nix::libc;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Compare,
    SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};
use std::collections::BTreeMap;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Whether a process goes on to take a mount namespace of its own, as the Python worker does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mounts {
    /// It does: only what that needs is allowed.
    Own,
    /// It does not.
    Never,
}

/// Refused with `EPERM`, whatever the arguments.
const FORBIDDEN: &[i64] = &[
    // Other processes, the kernel's tracing, and programs for the kernel.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_lookup_dcookie,
    // Keys of the kernel, which know no namespaces.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // The machine.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    // Views of files, other than as `mount` is allowed below.
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_umount2,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_fanotify_init,
];

/// Refused with `ENOSYS`, for which programs have another way: their arguments cannot be looked at.
const UNKNOWN: &[i64] = &[
    libc::SYS_clone3,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
];

/// Namespaces that `clone` and `unshare` make.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];
/// Networks that network namespaces know. Others, such as a virtual machine's own to its host, go
/// past them.
const FAMILIES: [i32; 4] = [
    libc::AF_UNIX,
    libc::AF_INET,
    libc::AF_INET6,
    libc::AF_NETLINK,
];
/// Input that is put into a terminal as if somebody typed it.
const TERMINAL: [u64; 2] = [0x5412, 0x541C];

/// Forbids them to this process and to what it becomes; false where the machine does not allow it.
pub(super) fn forbid(mounts: Mounts) -> bool {
    let filters = || -> Result<[BpfProgram; 2], BackendError> {
        let unknown: Rules = UNKNOWN.iter().map(|call| (*call, Vec::new())).collect();
        Ok([
            compiled(forbidden(mounts)?, libc::EPERM)?,
            compiled(unknown, libc::ENOSYS)?,
        ])
    };
    let Ok(filters) = filters() else {
        return false;
    };
    filters
        .iter()
        .all(|filter| seccompiler::apply_filter(filter).is_ok())
}

fn compiled(rules: Rules, error: i32) -> Result<BpfProgram, BackendError> {
    let refuse = SeccompAction::Errno(error.unsigned_abs());
    let here: TargetArch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, SeccompAction::Allow, refuse, here)?.try_into()
}

fn forbidden(mounts: Mounts) -> Result<Rules, BackendError> {
    let mut rules: Rules = FORBIDDEN.iter().map(|call| (*call, Vec::new())).collect();
    let namespaces = || -> Result<Vec<SeccompRule>, BackendError> {
        let bits = NAMESPACES.iter().map(|bit| u64::from(bit.unsigned_abs()));
        bits.map(|bit| rule(&[(0, Length::Qword, Compare::MaskedEq(bit), bit)]))
            .collect()
    };
    rules.insert(libc::SYS_clone, namespaces()?);
    match mounts {
        Mounts::Never => {
            rules.insert(libc::SYS_unshare, Vec::new());
            rules.insert(libc::SYS_mount, Vec::new());
        }
        Mounts::Own => {
            let both = (libc::CLONE_NEWUSER | libc::CLONE_NEWNS).unsigned_abs();
            let other = [(0, Length::Dword, Compare::Ne, u64::from(both))];
            rules.insert(libc::SYS_unshare, vec![rule(&other)?]);
            let allowed = [
                libc::MS_REC | libc::MS_PRIVATE,
                libc::MS_BIND,
                libc::MS_BIND | libc::MS_REC,
            ];
            let other = allowed.map(|flags| (3, Length::Qword, Compare::Ne, flags));
            rules.insert(libc::SYS_mount, vec![rule(&other)?]);
        }
    }
    let other = FAMILIES.map(|family| {
        let family = u64::from(family.unsigned_abs());
        (0, Length::Dword, Compare::Ne, family)
    });
    rules.insert(libc::SYS_socket, vec![rule(&other)?]);
    let typed = TERMINAL.map(|request| rule(&[(1, Length::Dword, Compare::Eq, request)]));
    let typed: Result<Vec<SeccompRule>, BackendError> = typed.into_iter().collect();
    rules.insert(libc::SYS_ioctl, typed?);
    Ok(rules)
}

/// One rule: all of these hold of the arguments.
fn rule(conditions: &[(u8, Length, Compare, u64)]) -> Result<SeccompRule, BackendError> {
    let conditions: Result<Vec<SeccompCondition>, BackendError> = conditions
        .iter()
        .cloned()
        .map(|(argument, length, compare, value)| {
            SeccompCondition::new(argument, length, compare, value)
        })
        .collect();
    SeccompRule::new(conditions?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_filters_can_be_compiled() {
        for mounts in [Mounts::Own, Mounts::Never] {
            let rules = forbidden(mounts).unwrap();
            assert!(!compiled(rules, libc::EPERM).unwrap().is_empty());
        }
    }
}
