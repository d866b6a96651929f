//! How long is billed for a machine that runs so long.
//!
//! Linux machines are billed by the second with a minimum of one minute: AWS, "On-demand
//! pricing"; Google, "Compute Engine pricing"; Azure, "Linux virtual machines pricing" (by the
//! second as well). Read 2026-11. What is one's own costs by the millisecond.

/// Shortest time that is billed.
const MINIMUM: i64 = 60_000;
/// What is billed is a multiple of this.
const STEP: i64 = 1_000;

/// Milliseconds that are billed.
pub(crate) fn billed(own: bool, used: i64) -> i64 {
    if own {
        return used;
    }
    let steps = used.saturating_add(STEP - 1) / STEP;
    steps.saturating_mul(STEP).max(MINIMUM)
}

#[cfg(test)]
mod tests {
    use super::billed;

    #[test]
    fn a_minute_is_the_least_and_seconds_are_whole() {
        assert_eq!(billed(false, 1), 60_000);
        assert_eq!(billed(false, 60_001), 61_000);
        assert_eq!(billed(true, 1), 1);
    }
}
