//! Runs one ticket's folder; the tests of this crate start it where users have the `tradewind`
//! binary's hidden command.

use runtimes::{Surroundings, supervisor};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(2).collect();
    supervisor::command(&arguments, &Surroundings::of_this_process())
}
