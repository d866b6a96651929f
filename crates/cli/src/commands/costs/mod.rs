//! `costs`: the ledger of the data folder. These commands open its files themselves, whether a
//! server runs or not: a change replaces one manifest under a lock, so nobody sees half of one, and
//! bills of gigabytes need not pass through HTTP.

mod allocate;
mod anomalies;
mod by;
mod draw;
mod export;
mod forecast;
mod import;
mod imports;
pub(super) mod narrow;
mod overview;
mod rates;
mod run_costs;
mod unit;
mod use_cases;

use crate::arguments::{Arguments, CostAction, CostArguments};
use crate::embedded::data_folder;
use crate::failure::Failure;
use crate::output::Output;
use costs::{Amount, Ledger};
use domain::day::Day;

pub(super) async fn run(
    arguments: &Arguments,
    wanted: &CostArguments,
    output: Output,
) -> Result<(), Failure> {
    let ledger = ledger(arguments)?;
    let output = output.with_csv(wanted.csv);
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
        Some(CostAction::Forecast {
            days,
            metric,
            narrowing,
            drawing,
        }) => forecast::run(&ledger, (*days, metric), narrowing, drawing, output),
        Some(CostAction::Anomalies {
            by,
            metric,
            least,
            narrowing,
        }) => anomalies::run(&ledger, (by, metric, least), narrowing, output),
        Some(CostAction::Allocate {
            among,
            spread,
            metric,
            narrowing,
            drawing,
        }) => allocate::run(&ledger, (among, spread, metric), narrowing, drawing, output),
        Some(CostAction::Rates(wanted)) => rates::run(&ledger, wanted, output),
        Some(CostAction::Run { id, estimate: None }) => {
            run_costs::run(arguments, &ledger, id, output).await
        }
        Some(CostAction::Run {
            id,
            estimate: Some(estimate),
        }) => run_costs::beside(&ledger, id, Some(estimate), output),
        Some(CostAction::UseCases) => {
            use_cases::run(output);
            Ok(())
        }
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

/// The day after the newest line, or where the bill that is furthest behind ends: what is known ends
/// there.
pub(super) fn end(ledger: &Ledger) -> Result<Day, Failure> {
    let manifest = ledger.manifest().map_err(failed)?;
    let newest = manifest.parts.iter().map(|part| part.starts.1).max();
    let newest = newest.ok_or_else(|| {
        Failure::Failed(
            "the ledger is empty; `tradewind costs import FILE` reads a bill".to_owned(),
        )
    })?;
    let after = Day::from_days(Day::from_unix_millis(newest.0).days() + 1);
    ledger.known_until(after).map_err(failed)
}

/// A decimal number from the command line.
pub(super) fn amount(text: &str) -> Result<Amount, Failure> {
    text.parse()
        .map_err(|error| Failure::usage(format!("`{text}` {error}")))
}

pub(super) fn failed(error: costs::Error) -> Failure {
    match error {
        costs::Error::Invalid(message) => Failure::Usage(message),
        other => Failure::Failed(other.to_string()),
    }
}
