//! `plan`: what would be done and where; nothing is started.

use super::run::{load, show_plan};
use crate::arguments::PlanArguments;
use crate::failure::Failure;
use crate::output::Output;

pub(super) fn run(wanted: &PlanArguments, output: Output) -> Result<(), Failure> {
    let loaded = load(&wanted.path, &wanted.set)?;
    output.document(&loaded.spec);
    show_plan(&loaded, output);
    Ok(())
}
