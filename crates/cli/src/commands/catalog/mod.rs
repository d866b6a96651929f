//! `catalog`: the prices that plans are made of.

mod diff;
mod refresh;
mod show;

use crate::arguments::{Arguments, CatalogAction, CatalogArguments};
use crate::failure::Failure;
use crate::output::Output;
use domain::day::Day;

pub(super) async fn run(
    arguments: &Arguments,
    wanted: &CatalogArguments,
    output: Output,
) -> Result<(), Failure> {
    match &wanted.action {
        CatalogAction::Show(filter) => show::offers(arguments, filter, output),
        CatalogAction::Quarantine(filter) => show::quarantine(arguments, filter, output),
        CatalogAction::Diff { old, new, limit } => diff::run(arguments, (old, new), *limit, output),
        CatalogAction::Refresh(wanted) => refresh::run(arguments, wanted, output).await,
    }
}

fn today() -> Day {
    Day::from_unix_millis(jiff::Timestamp::now().as_millisecond())
}

fn failed(error: &catalog::Error) -> Failure {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    Failure::Failed(text)
}
