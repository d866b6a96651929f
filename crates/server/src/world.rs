//! The real clock and the real randomness.

use contracts::world::{Clock, Entropy, World};
use domain::Timestamp;
use rand::TryRng;
use rand::rngs::SysRng;
use std::sync::Arc;

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        runtimes::surroundings::system_time()
    }
}

struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness every key would be guessable, so waiting is the only right answer.
        while SysRng.try_fill_bytes(buffer).is_err() {
            std::thread::yield_now();
        }
    }
}

/// Time and randomness of this machine.
pub fn system_world() -> World {
    World {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
    }
}
