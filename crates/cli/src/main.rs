//! The `tradewind` binary: the server and the commands that talk to it.

mod arguments;
mod client;
mod commands;
mod embedded;
mod failure;
mod output;
mod progress;
mod route;

use arguments::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use output::Output;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The supervisor must be reached before any thread exists, and without parsing anything else.
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == "supervise") {
        let arguments: Vec<_> = words.collect();
        let surroundings = runtimes::Surroundings::of_this_process();
        return runtimes::supervisor::command(&arguments, &surroundings);
    }
    let arguments = Arguments::parse();
    let output = Output::new(arguments.json);
    match start(arguments, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}

fn start(arguments: Arguments, output: Output) -> Result<(), Failure> {
    match &arguments.command {
        Command::Schema(_) => return commands::schema::run(output),
        Command::Completions(wanted) => return commands::completions::run(wanted, output),
        _ => {}
    }
    let mut builder = match &arguments.command {
        Command::Serve(_) => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = builder.enable_all().build().map_err(|error| {
        Failure::here(format!(
            "the runtime of the command cannot be started: {error}"
        ))
    })?;
    runtime.block_on(commands::dispatch(arguments, output))
}
