//! The two precisions that trees are evaluated in.

use std::fmt::Debug;
use std::ops::AddAssign;

/// `f32` or `f64`.
pub(super) trait Real: Copy + PartialOrd + Default + Debug + AddAssign {
    /// Above all numbers.
    const INFINITY: Self;

    /// The nearest, as a cast rounds.
    fn narrow(value: f64) -> Self;
    /// Exactly.
    fn widen(self) -> f64;
    /// Whether it is neither infinite nor missing.
    fn is_finite(self) -> bool;
    /// Whether it is missing.
    fn is_nan(self) -> bool;
    /// The next smaller number.
    fn next_down(self) -> Self;

    /// The largest that is at most `value`: a number of this precision is at most the one exactly
    /// where it is at most the other.
    fn floor_of(value: f64) -> Self {
        let near = Self::narrow(value);
        if near.widen() > value {
            near.next_down()
        } else {
            near
        }
    }
}

macro_rules! real {
    ($kind:ident, $narrow:expr) => {
        impl Real for $kind {
            const INFINITY: Self = $kind::INFINITY;
            fn narrow(value: f64) -> Self {
                let narrow: fn(f64) -> $kind = $narrow;
                narrow(value)
            }
            fn widen(self) -> f64 {
                self.into()
            }
            fn is_finite(self) -> bool {
                $kind::is_finite(self)
            }
            fn is_nan(self) -> bool {
                $kind::is_nan(self)
            }
            fn next_down(self) -> Self {
                $kind::next_down(self)
            }
        }
    };
}

real!(f32, |value| value as f32);
real!(f64, |value| value);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_rounded_down_to_what_single_precision_can_tell() {
        for threshold in [0.1, -0.1, 1e-50, -1e-50, 1e300, 16_777_217.0, 0.5] {
            let floor = f32::floor_of(threshold);
            assert!(f64::from(floor) <= threshold, "{threshold}");
            assert!(f64::from(floor.next_up()) > threshold, "{threshold}");
        }
    }
}
