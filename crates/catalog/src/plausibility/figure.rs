//! Rule `figure`: a price is a positive number of a currency that can be converted.

use domain::Money;
use domain::offer::Purchase;

use super::{Case, Verdict};
use crate::import::{ExchangeRates, Figure};

/// A text that is no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFigure {
    /// Not a decimal number: `NaN`, `inf`, words.
    #[error("`{0}` is not a number")]
    NotANumber(String),
    /// Less than nothing.
    #[error("it is negative")]
    Negative,
    /// Nothing, or less than a millionth.
    #[error("it is zero")]
    Zero,
    /// More than a million an hour.
    #[error("it is more than a million an hour")]
    TooLarge,
    /// A currency without a dated rate.
    #[error("it is in {0}, for which no dated rate is known")]
    Currency(String),
}

/// Reads a price to the nearest millionth; exponents as in `1.2e-3` are understood.
pub fn read_figure(text: &str) -> Result<Money, BadFigure> {
    let text = text.trim();
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number: Option<f64> = if plain { text.parse().ok() } else { None };
    let Some(number) = number.filter(|number| number.is_finite()) else {
        return Err(BadFigure::NotANumber(text.chars().take(40).collect()));
    };
    if number < 0.0 {
        return Err(BadFigure::Negative);
    }
    if number > 1e6 {
        return Err(BadFigure::TooLarge);
    }
    let money = Money::parse(text).unwrap_or(Money::micros((number * 1e6).round() as i64));
    if money <= Money::ZERO {
        Err(BadFigure::Zero)
    } else {
        Ok(money)
    }
}

/// Reads every figure into the cases' prices.
pub(super) fn judge(cases: &mut [Case], rates: &ExchangeRates) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (index, case) in cases.iter_mut().enumerate() {
        for purchase in Purchase::ALL {
            let Some(figure) = &case.row.figures[purchase.index()] else {
                continue;
            };
            match convert(figure, rates) {
                Ok(money) => case.prices[purchase.index()] = Some(money),
                Err(error) => verdicts.push(Verdict {
                    case: index,
                    purchase,
                    rule: "figure",
                    reason: error.to_string(),
                }),
            }
        }
    }
    verdicts
}

fn convert(figure: &Figure, rates: &ExchangeRates) -> Result<Money, BadFigure> {
    let amount = read_figure(&figure.text)?;
    if figure.currency.eq_ignore_ascii_case("USD") {
        return Ok(amount);
    }
    let unknown = || BadFigure::Currency(figure.currency.to_string());
    let rate = rates.get(&figure.currency).ok_or_else(unknown)?;
    let micros = i128::from(amount.micros) * i128::from(rate.micros) / 1_000_000;
    match i64::try_from(micros) {
        Ok(0) => Err(BadFigure::Zero),
        Ok(micros) => Ok(Money::micros(micros)),
        Err(_) => Err(BadFigure::TooLarge),
    }
}
