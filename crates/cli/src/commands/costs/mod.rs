//! `costs`: the ledger of the data folder. These commands open its files themselves, whether a
//! server runs or not: a change replaces one manifest under a lock, so nobody sees half of one, and
//! bills of gigabytes need not pass through HTTP.

mod by;
mod export;
mod import;
mod imports;
mod narrow;
mod overview;
mod unit;

use crate::arguments::{Arguments, CostAction, CostArguments};
use crate::embedded::data_folder;
use crate::failure::Failure;
use crate::output::Output;
use costs::Ledger;

pub(super) fn run(
    arguments: &Arguments,
    wanted: &CostArguments,
    output: Output,
) -> Result<(), Failure> {
    let ledger = ledger(arguments)?;
    match &wanted.action {
        None => overview::run(&ledger, output),
        Some(CostAction::By(wanted)) => by::run(&ledger, wanted, output),
        Some(CostAction::Import(wanted)) => import::run(&ledger, wanted, output),
        Some(CostAction::Export { file, from, to }) => {
            export::run(&ledger, file, (from.as_deref(), to.as_deref()), output)
        }
        Some(CostAction::Imports) => imports::list(&ledger, output),
        Some(CostAction::Withdraw { name }) => imports::withdraw(&ledger, name, output),
        Some(CostAction::Unit(wanted)) => unit::run(&ledger, wanted, output),
    }
}

/// The ledger of the data folder.
pub(super) fn ledger(arguments: &Arguments) -> Result<Ledger, Failure> {
    if arguments.server.is_some() {
        return Err(Failure::usage(
            "`costs`, `budgets` and `advice` work on the data folder of this machine; ask a server \
             elsewhere by its API under `/api/v1/costs`",
        ));
    }
    Ledger::open(&data_folder(arguments)?.join("ledger")).map_err(failed)
}

pub(super) fn failed(error: costs::Error) -> Failure {
    match error {
        costs::Error::Invalid(message) => Failure::Usage(message),
        other => Failure::Failed(other.to_string()),
    }
}
