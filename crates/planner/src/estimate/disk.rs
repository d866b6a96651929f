//! What scratch disks cost while the machines are held.

use domain::Span;

use crate::ask::Ask;

/// Micros for a gibibyte and month where a region's price is not known: gp3 of AWS in us-east-1
/// lists 80,000 and balanced disks of Google in us-central1 100,000 (2026-05); the dearer of the
/// two stands in.
const ASSUMED: i128 = 100_000;

/// Milliseconds of a billing month of 730 hours.
const MONTH: i128 = 730 * 3_600_000;

/// Micros for the disks of all nodes over `billed` milliseconds, rounded up; `None` beyond all
/// measure.
pub(crate) fn cost(ask: &Ask<'_>, row: usize, billed: i64) -> Option<i64> {
    let Some(size) = ask.workload.resources.disk else {
        return Some(0);
    };
    let region = ask.market.region_of[usize::from(ask.market.site[row])];
    let each = match &ask.market.disk[usize::from(region)] {
        Some(price) => price.cost(size, Span(billed)).micros,
        None if is_assumed(ask, row) => {
            let gigabytes = i128::from(size.0.div_ceil(1 << 30));
            let product = gigabytes
                .checked_mul(ASSUMED)?
                .checked_mul(i128::from(billed))?;
            i64::try_from((product + MONTH - 1) / MONTH).ok()?
        }
        None => 0,
    };
    each.checked_mul(i64::from(ask.workload.nodes()))
}

/// Whether the price of disks at a row is an assumption: it is not known, and not one's own.
pub(crate) fn is_assumed(ask: &Ask<'_>, row: usize) -> bool {
    let site = &ask.market.sites[usize::from(ask.market.site[row])];
    let region = ask.market.region_of[usize::from(ask.market.site[row])];
    ask.workload.resources.disk.is_some()
        && ask.market.disk[usize::from(region)].is_none()
        && !ask.market.is_own(&site.provider)
}
