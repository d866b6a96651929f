//! `costs rates`: the price of this machine.

use super::{amount, failed};
use crate::arguments::RateArguments;
use crate::failure::Failure;
use crate::output::Output;
use costs::{Amount, Ledger};

pub(super) fn run(ledger: &Ledger, wanted: &RateArguments, output: Output) -> Result<(), Failure> {
    let mut rates = ledger.rates().map_err(failed)?;
    let given = [
        (&wanted.cpu_hour, &mut rates.cpu_hour),
        (&wanted.memory_gib_hour, &mut rates.memory_gib_hour),
        (&wanted.storage_gib_month, &mut rates.storage_gib_month),
        (&wanted.million_requests, &mut rates.million_requests),
        (&wanted.machine_hour, &mut rates.machine_hour),
    ];
    let mut changed = wanted.currency.is_some();
    for (text, rate) in given {
        if let Some(text) = text {
            *rate = amount(text)?;
            changed = true;
        }
    }
    if let Some(currency) = &wanted.currency {
        rates.currency.clone_from(currency);
    }
    if changed {
        ledger.set_rates(&rates).map_err(failed)?;
    }
    output.document(&rates);
    output.say(format!(
        "an hour of one CPU {} {code}, of one GiB of memory {} {code}, a month of one GiB in a bucket {} \
         {code}, a million requests {} {code}; what is metered from now on costs so much",
        rates.cpu_hour,
        rates.memory_gib_hour,
        rates.storage_gib_month,
        rates.million_requests,
        code = rates.currency
    ));
    if rates.machine_hour > Amount::ZERO {
        output.say(format!(
            "an hour of the whole machine {} {}: what nobody used of it is metered as idle",
            rates.machine_hour, rates.currency
        ));
    }
    Ok(())
}
