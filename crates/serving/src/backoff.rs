//! How long a deployment waits before it starts a replica again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(30);

/// Doubling pauses; the first restart is immediate.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after one more failure.
    pub(crate) fn failed(&mut self) -> Duration {
        let pause = match self.failures {
            0 => Duration::ZERO,
            n => FIRST.saturating_mul(1_u32 << (n - 1).min(16)).min(MOST),
        };
        self.failures = self.failures.saturating_add(1);
        pause
    }

    /// Begins anew after a replica that lived well.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_most() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..12).map(|_| backoff.failed()).collect();
        assert_eq!(pauses[..4], [0, 100, 200, 400].map(Duration::from_millis));
        assert_eq!(pauses[11], MOST);
        backoff.reset();
        assert_eq!(backoff.failed(), Duration::ZERO);
    }
}
