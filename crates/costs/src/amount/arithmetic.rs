//! Products and quotients of 128 bits that need 256 in between.

/// `a × b / d` without overflow in between, rounded half away from zero; zero when `d` is.
pub(super) fn multiply_divide(a: i128, b: i128, d: i128) -> i128 {
    if let Some(product) = a.checked_mul(b) {
        return divide(product, d);
    }
    if d == 0 {
        return 0;
    }
    let negative = (a < 0) ^ (b < 0) ^ (d < 0);
    let (high, low) = wide_product(a.unsigned_abs(), b.unsigned_abs());
    let quotient = wide_divide(high, low, d.unsigned_abs());
    let quotient = quotient
        .and_then(|q| i128::try_from(q).ok())
        .unwrap_or(i128::MAX);
    if negative { -quotient } else { quotient }
}

/// The 256 bits of a product, high half first.
fn wide_product(a: u128, b: u128) -> (u128, u128) {
    const HALF: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & HALF, b >> 64, b & HALF);
    let (low, mid1, mid2) = (a0 * b0, a1 * b0, a0 * b1);
    let mid = (low >> 64) + (mid1 & HALF) + (mid2 & HALF);
    let high = a1 * b1 + (mid1 >> 64) + (mid2 >> 64) + (mid >> 64);
    (high, (mid << 64) | (low & HALF))
}

/// 256 bits by 128, rounded half up, bit by bit; `None` when the quotient does not fit.
fn wide_divide(high: u128, low: u128, by: u128) -> Option<u128> {
    if high >= by || by > u128::MAX / 2 {
        return None;
    }
    let (mut rest, mut quotient) = (high, 0_u128);
    for bit in (0..128).rev() {
        rest = (rest << 1) | ((low >> bit) & 1);
        quotient <<= 1;
        if rest >= by {
            rest -= by;
            quotient |= 1;
        }
    }
    quotient.checked_add(u128::from(rest >= by.div_ceil(2)))
}

/// Division rounded half away from zero; zero by zero.
pub(super) fn divide(value: i128, by: i128) -> i128 {
    if by == 0 {
        return 0;
    }
    let (quotient, rest) = (value / by, value % by);
    if rest.unsigned_abs() >= by.unsigned_abs().div_ceil(2) {
        quotient + value.signum() * by.signum()
    } else {
        quotient
    }
}
