//! What the machines cost while they are held.

const HOUR: i128 = 3_600_000;

/// Micros for `billed` milliseconds at `hourly` micros an hour, rounded up; `None` beyond all
/// measure.
pub(crate) fn cost(hourly: i64, billed: i64) -> Option<i64> {
    if let Some(product) = hourly.checked_mul(billed) {
        return Some(product / 3_600_000 + i64::from(product % 3_600_000 != 0));
    }
    let product = i128::from(hourly) * i128::from(billed);
    i64::try_from((product + HOUR - 1) / HOUR).ok()
}

#[cfg(test)]
mod tests {
    use super::cost;

    #[test]
    fn parts_of_a_micro_are_rounded_up_and_overflow_is_told() {
        assert_eq!(cost(1, 1), Some(1));
        assert_eq!(cost(0, 5), Some(0));
        assert_eq!(cost(2_500_000, 5_400_000), Some(3_750_000));
        assert_eq!(cost(i64::MAX, 3_600_000), Some(i64::MAX));
        assert_eq!(cost(i64::MAX, 7_200_000), None);
    }
}
