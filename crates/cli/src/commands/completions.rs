//! `completions`: what a shell needs to complete this program's arguments.

use crate::arguments::{Arguments, CompletionArguments};
use crate::failure::Failure;
use crate::output::Output;
use clap::CommandFactory;

#[expect(clippy::unnecessary_wraps, reason = "commands share one signature")]
pub(crate) fn run(wanted: &CompletionArguments, output: Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        wanted.shell,
        &mut Arguments::command(),
        "tradewind",
        &mut script,
    );
    output.bytes(&script);
    Ok(())
}
