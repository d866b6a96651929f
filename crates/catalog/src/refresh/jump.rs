//! Prices that jump between two refreshes.
//!
//! A price that is less than a fifth or more than five times the earlier one is set aside until
//! the next refresh lists it again. When a quarter of a list jumps, the list is wrong or was
//! tampered with: it is refused as a whole and the earlier prices stay.

use domain::Money;

use crate::Error;
use crate::import::Figure;
use crate::plausibility::read_figure;

/// Lists with fewer comparable prices are judged price by price only.
const ENOUGH: usize = 8;

/// The price of a figure in dollars, if it is one.
pub(super) fn dollars(figure: Option<&Figure>) -> Option<Money> {
    let figure = figure.filter(|figure| &*figure.currency == "USD")?;
    read_figure(&figure.text).ok()
}

/// Why a new price is not believed yet, if so.
pub(super) fn reason(before: Option<Money>, now: Option<Money>) -> Option<String> {
    let (before, now) = before.zip(now)?;
    let jumps = now.micros > before.micros.saturating_mul(5) || now.micros < before.micros / 5;
    jumps.then(|| format!("it was {before} before; the next refresh may confirm it"))
}

/// Refuses a list of which too much jumps.
pub(super) fn check(
    provider: &'static str,
    pairs: impl Iterator<Item = (Option<Money>, Option<Money>)>,
) -> Result<(), Error> {
    let (mut jumped, mut compared) = (0, 0);
    for (before, now) in pairs {
        compared += usize::from(before.is_some() && now.is_some());
        jumped += usize::from(reason(before, now).is_some());
    }
    if compared >= ENOUGH && jumped * 4 > compared {
        return Err(Error::Jumps {
            provider,
            jumped,
            compared,
        });
    }
    Ok(())
}
