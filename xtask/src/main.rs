//! House-keeping commands of the project: `cargo run -p xtask -- <command>`.

mod architecture;
mod report;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    match words.next().as_deref() {
        Some("architecture") => report::finish(architecture::check()),
        _ => report::finish(Err("commands: `architecture`".to_owned())),
    }
}
