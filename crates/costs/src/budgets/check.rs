//! What a budget must be.

use super::Budget;
use crate::Error;
use crate::amount::Amount;
use crate::query::Key;
use crate::row::is_currency;

/// Refuses one that makes no sense.
pub(super) fn check(budget: &Budget) -> Result<(), Error> {
    let wrong = |what: String| Err(Error::Invalid(what));
    let name = &budget.name;
    // What the clouds' own budgets may be called.
    let plain = |c: char| !c.is_control() && !":\\/".contains(c);
    if name.trim() != name || !(1..=100).contains(&name.len()) || !name.chars().all(plain) {
        return wrong(format!(
            "`{name}` is no name of a budget: up to 100 bytes without `:`, `/`, `\\` and line ends"
        ));
    }
    if budget.amount <= Amount::ZERO {
        return wrong(format!("the budget `{name}` needs an amount above nothing"));
    }
    if !is_currency(&budget.currency) {
        return wrong(format!(
            "the budget `{name}` needs a currency: three capital letters such as `USD`"
        ));
    }
    if budget.hard && budget.filters.iter().any(|f| !matches!(f.key, Key::Tag(_))) {
        return wrong(format!(
            "the hard budget `{name}` can only be narrowed by tags: nothing else is known of a run \
             before it has run"
        ));
    }
    Ok(())
}
