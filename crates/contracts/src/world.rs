//! Time and randomness as arguments, so that simulations own them.

use domain::Timestamp;
use std::fmt::Write as _;
use std::sync::Arc;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Where fresh identifiers and tokens come from.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// Both together, as most code needs them.
#[derive(Clone)]
pub struct World {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl World {
    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh identifier that sorts by time: `<prefix>-` and a UUID of version 7 (RFC 9562)
    /// without hyphens.
    pub fn fresh_id(&self, prefix: &str) -> String {
        let mut random = [0_u8; 10];
        self.entropy.fill(&mut random);
        let millis = u64::try_from(self.now().0).unwrap_or(0);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        format!("{prefix}-{}", id.simple())
    }

    /// A fresh secret of 256 bits, in hexadecimal.
    pub fn fresh_secret(&self) -> String {
        let mut random = [0_u8; 32];
        self.entropy.fill(&mut random);
        random.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
