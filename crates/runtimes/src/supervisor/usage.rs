//! What children of this process used, as the system counts it when they are fetched.

use domain::Span;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// A count so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    cpu: i64,
    peak_kilobytes: i64,
}

impl Count {
    /// Of all children that were fetched so far, their own fetched children included.
    pub(super) fn now() -> Self {
        getrusage(UsageWho::RUSAGE_CHILDREN).map_or_else(
            |_| Self::default(),
            |usage| {
                let cpu = usage.user_time() + usage.system_time();
                Self {
                    cpu: cpu.num_milliseconds(),
                    peak_kilobytes: usage.max_rss(),
                }
            },
        )
    }

    /// CPU time since an earlier count.
    pub(super) fn cpu_since(self, earlier: Self) -> Span {
        Span::milliseconds(self.cpu - earlier.cpu)
    }

    /// Peak memory in bytes of the largest child since an earlier count; 0 when an earlier child
    /// was larger, because the system keeps only the largest of all.
    pub(super) fn peak_since(self, earlier: Self) -> u64 {
        if self.peak_kilobytes > earlier.peak_kilobytes {
            self.peak_kilobytes as u64 * 1024
        } else {
            0
        }
    }
}
