//! `costs rates` and `costs run`: the price of this machine, and what runs cost by it.

use super::{amount, failed};
use crate::failure::Failure;
use crate::output::Output;
use costs::{Amount, Ledger};

pub(super) fn run(
    ledger: &Ledger,
    (cpu_hour, memory_gib_hour, currency): (Option<&str>, Option<&str>, Option<&str>),
    output: Output,
) -> Result<(), Failure> {
    let mut rates = ledger.rates().map_err(failed)?;
    if cpu_hour.is_some() || memory_gib_hour.is_some() || currency.is_some() {
        rates.cpu_hour = cpu_hour.map_or(Ok(rates.cpu_hour), amount)?;
        rates.memory_gib_hour = memory_gib_hour.map_or(Ok(rates.memory_gib_hour), amount)?;
        rates.currency = currency.map_or(rates.currency, str::to_owned);
        ledger.set_rates(&rates).map_err(failed)?;
    }
    output.document(&rates);
    output.say(format!(
        "an hour of one CPU {} {code}, of one GiB of memory {} {code}; attempts that end from now on \
         cost so much",
        rates.cpu_hour,
        rates.memory_gib_hour,
        code = rates.currency
    ));
    Ok(())
}

pub(super) fn estimate(
    ledger: &Ledger,
    id: &str,
    estimate: Option<&str>,
    output: Output,
) -> Result<(), Failure> {
    let estimate = estimate.map(amount).transpose()?;
    let both = ledger.estimate_and_actual(id, estimate).map_err(failed)?;
    output.table(
        &["run", "estimate", "actual", "difference", "currency"],
        &both,
        |both| {
            let or_none =
                |amount: Option<Amount>| amount.map_or("–".to_owned(), Amount::for_people);
            vec![
                both.workload.clone(),
                or_none(both.estimate),
                both.actual.for_people(),
                or_none(both.difference),
                both.currency.clone(),
            ]
        },
    );
    Ok(())
}
