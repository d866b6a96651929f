//! One line of a bill while it is read: cells in one buffer that is used again for every line, then
//! checked against the rules of FOCUS.

mod checks;

pub(crate) use checks::Checks;

use crate::amount::{Amount, NotAnAmount, Number};
use crate::focus::{Column, Kind};
use crate::instant;
use domain::Timestamp;

/// Why a line was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The column that is wrong.
    pub column: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Reject {
    pub(crate) fn new(column: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            reason: reason.into(),
        }
    }
}

/// A line.
pub(crate) struct Row {
    buffer: String,
    texts: Vec<(u32, u32)>,
    numbers: Vec<Option<Number>>,
    times: Vec<Option<i64>>,
    is_present: Vec<bool>,
    present: Vec<Column>,
}

impl Row {
    pub(crate) fn new() -> Self {
        Self {
            buffer: String::new(),
            texts: vec![(0, 0); Column::COUNT],
            numbers: vec![None; Column::COUNT],
            times: vec![None; Column::COUNT],
            is_present: vec![false; Column::COUNT],
            present: Vec::with_capacity(Column::COUNT),
        }
    }

    pub(crate) fn clear(&mut self) {
        for column in self.present.drain(..) {
            self.is_present[column.index()] = false;
            self.numbers[column.index()] = None;
            self.times[column.index()] = None;
        }
        self.buffer.clear();
    }

    fn mark(&mut self, column: Column) {
        if !self.is_present[column.index()] {
            self.is_present[column.index()] = true;
            self.present.push(column);
        }
    }

    /// Sets a cell as it stands in a file; empty and `NULL` are null.
    pub(crate) fn set(&mut self, column: Column, text: &str) {
        if text.is_empty() || text == "NULL" || text == "null" {
            return;
        }
        self.mark(column);
        let start = self.buffer.len() as u32;
        self.buffer.push_str(text);
        self.texts[column.index()] = (start, self.buffer.len() as u32);
        self.numbers[column.index()] = None;
        self.times[column.index()] = None;
    }

    pub(crate) fn set_number(&mut self, column: Column, amount: Amount) {
        self.mark(column);
        self.numbers[column.index()] = Some(amount.into());
    }

    pub(crate) fn set_time(&mut self, column: Column, at: Timestamp) {
        self.mark(column);
        self.times[column.index()] = Some(at.0);
    }

    pub(crate) fn present(&self) -> &[Column] {
        &self.present
    }

    pub(crate) fn has(&self, column: Column) -> bool {
        self.is_present[column.index()]
    }

    pub(crate) fn text(&self, column: Column) -> Option<&str> {
        let (start, end) = self.texts[column.index()];
        self.has(column)
            .then(|| &self.buffer[start as usize..end as usize])
    }

    pub(crate) fn number(&self, column: Column) -> Option<Number> {
        self.numbers[column.index()]
    }

    pub(crate) fn amount(&self, column: Column) -> Option<Amount> {
        self.numbers[column.index()].map(Number::amount)
    }

    pub(crate) fn time(&self, column: Column) -> Option<i64> {
        self.times[column.index()]
    }

    /// Reads numbers and instants, fills what follows from the rest, and holds the line against the
    /// rules. Digits that had to be rounded are counted in `checks`.
    pub(crate) fn check(&mut self, checks: &mut Checks) -> Result<(), Reject> {
        for at in 0..self.present.len() {
            self.read_cell(self.present[at], checks)?;
        }
        self.derive(checks)?;
        for column in [Column::BilledCost, Column::ChargePeriodStart] {
            if !self.has(column) {
                return Err(Reject::new(column.name(), "is null and may not be"));
            }
        }
        let start = self.time(Column::ChargePeriodStart);
        if self
            .time(Column::ChargePeriodEnd)
            .is_some_and(|end| Some(end) < start)
        {
            let column = Column::ChargePeriodEnd.name();
            return Err(Reject::new(column, "is before `ChargePeriodStart`"));
        }
        for column in [Column::ChargePeriodStart, Column::BillingPeriodStart] {
            checks.bound(column, self.time(column))?;
        }
        for column in &checks.required {
            checks.nulls[column.index()] += u64::from(!self.is_present[column.index()]);
        }
        Ok(())
    }

    fn read_cell(&mut self, column: Column, checks: &mut Checks) -> Result<(), Reject> {
        let at = column.index();
        let (start, end) = self.texts[at];
        let text = || &self.buffer[start as usize..end as usize];
        let wrong = |what: &str| {
            let shown: String = text().chars().take(80).collect();
            Err(Reject::new(column.name(), format!("`{shown}` {what}")))
        };
        match column.kind() {
            Kind::Decimal if self.numbers[at].is_none() => match read_number(text()) {
                Ok((number, rounded)) => {
                    checks.rounded += u64::from(rounded);
                    self.numbers[at] = Some(number);
                }
                Err(error) => return wrong(&error.to_string()),
            },
            Kind::Time if self.times[at].is_none() => match instant::read(text()) {
                Some(read) => self.times[at] = Some(read.0),
                None => return wrong("is no date and time"),
            },
            Kind::Text => {
                let allowed = column.rule().allowed;
                if !allowed.is_empty() && !allowed.contains(&text()) {
                    // Some providers differ in case; what is kept is the specification's spelling.
                    let meant = allowed.iter().find(|one| one.eq_ignore_ascii_case(text()));
                    let Some(meant) = meant else {
                        return wrong(&format!("is not one of {}", allowed.join(", ")));
                    };
                    self.set(column, meant);
                }
            }
            Kind::Tags if !checks.knows_tags(text()) => return wrong("is no JSON object"),
            _ => {}
        }
        Ok(())
    }

    fn derive(&mut self, checks: &Checks) -> Result<(), Reject> {
        let Some(start) = self.time(Column::ChargePeriodStart) else {
            return Ok(());
        };
        if !self.has(Column::BillingPeriodStart) {
            let begins = instant::month_start(Timestamp(start), 0);
            self.set_time(Column::BillingPeriodStart, begins);
        }
        if !self.has(Column::BillingPeriodEnd) {
            let begins = self.time(Column::BillingPeriodStart).unwrap_or(start);
            let ends = instant::month_start(Timestamp(begins), 1);
            self.set_time(Column::BillingPeriodEnd, ends);
        }
        if !self.has(Column::BillingCurrency) {
            let Some(currency) = &checks.currency else {
                let reason = "is null; say which currency the file is in with `--currency`";
                return Err(Reject::new(Column::BillingCurrency.name(), reason));
            };
            self.set(Column::BillingCurrency, currency);
        }
        let currency = self.text(Column::BillingCurrency).unwrap_or("");
        if !is_currency(currency) {
            let shown: String = currency.chars().take(80).collect();
            let reason = format!("`{shown}` is no currency: three capital letters of ISO 4217");
            return Err(Reject::new(Column::BillingCurrency.name(), reason));
        }
        if !self.has(Column::ProviderName)
            && let Some(provider) = self.text(Column::ServiceProviderName)
        {
            // FOCUS 1.3 has this name for it.
            let provider = provider.to_owned();
            self.set(Column::ProviderName, &provider);
        }
        if !self.has(Column::EffectiveCost)
            && let Some(billed) = self.number(Column::BilledCost)
        {
            self.mark(Column::EffectiveCost);
            self.numbers[Column::EffectiveCost.index()] = Some(billed);
        }
        if !self.has(Column::ChargeCategory) {
            self.set(Column::ChargeCategory, "Usage");
        }
        Ok(())
    }
}

/// Whether a text can be a currency's code.
pub(crate) fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Reads a number, also in the form `-$10,000.00`, which spreadsheets leave behind; without the
/// dollar sign a comma could be a decimal point and is refused.
fn read_number(text: &str) -> Result<(Number, bool), NotAnAmount> {
    Number::parse(text).or_else(|error| {
        let text = text.trim();
        let (sign, rest) = text
            .strip_prefix('-')
            .map_or(("", text), |rest| ("-", rest));
        let digits = rest.strip_prefix('$').ok_or(error)?;
        let whole = digits.split('.').next().unwrap_or("");
        let mut groups = whole.split(',');
        let first = groups.next().map_or(0, str::len);
        if !(1..=3).contains(&first) || !groups.all(|group| group.len() == 3) {
            return Err(error);
        }
        Number::parse(&format!("{sign}{}", digits.replace(',', "")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_with_thousands_are_read_and_bare_commas_are_not() {
        let read = |text: &str| read_number(text).map(|(number, _)| number.amount().to_string());
        assert_eq!(read("$10,000.00 ").as_deref(), Ok("10000"));
        assert_eq!(read("-$1,234,567.5").as_deref(), Ok("-1234567.5"));
        for bad in ["1,5", "10,000.00", "$1,00", "$,100", "$", "$1,0000"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
