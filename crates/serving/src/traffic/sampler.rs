//! Takes an exact share of what comes, evenly spread.

use domain::Share;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const WHOLE: u64 = 10_000;

/// Takes a share.
#[derive(Debug)]
pub(crate) struct Sampler {
    points: u64,
    seen: AtomicU64,
}

impl Sampler {
    /// A sampler of this share.
    pub(crate) fn new(share: Share) -> Self {
        Self {
            points: share.basis_points().into(),
            seen: AtomicU64::new(0),
        }
    }

    /// Whether the next one is taken: of every ten thousand exactly the share is.
    pub(crate) fn take(&self) -> bool {
        let before = self.seen.fetch_add(self.points, Relaxed);
        before / WHOLE != before.wrapping_add(self.points) / WHOLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_exact_and_spread() {
        for points in [0, 1, 2_500, 3_333, 10_000] {
            let sampler = Sampler::new(Share::try_from(points).unwrap());
            let taken = (0..10_000).filter(|_| sampler.take()).count();
            assert_eq!(taken, usize::from(points));
        }
        let quarter = Sampler::new(Share::percent(25).unwrap());
        let run: Vec<bool> = (0..8).map(|_| quarter.take()).collect();
        assert_eq!(run.iter().filter(|taken| **taken).count(), 2);
        assert_eq!(run[..4], run[4..]);
    }
}
