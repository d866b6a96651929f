//! `env`: the variables of `exec`, for a shell.

mod shell;

use crate::arguments::{Arguments, EnvArguments, Shell, Via};
use crate::embedded::{Start, connect};
use crate::failure::Failure;
use crate::output::Output;
use crate::route;
use std::path::Path;

pub(super) async fn run(
    arguments: &Arguments,
    wanted: &EnvArguments,
    output: Output,
) -> Result<(), Failure> {
    let data = route::own_data(arguments)?;
    connect(arguments, output, Start::Yes).await?;
    let via = if wanted.plain {
        Via::Endpoint
    } else {
        wanted.via
    };
    let environment = route::environment(&data, via)?;
    output.document(&environment);
    let shell = wanted.shell.unwrap_or_else(usual);
    for name in &environment.unset {
        output.say(shell::unset(shell, name));
    }
    for (name, value) in &environment.set {
        output.say(shell::set(shell, name, value));
    }
    Ok(())
}

/// The user's shell, or a POSIX one.
fn usual() -> Shell {
    let named = std::env::var_os("SHELL").unwrap_or_default();
    match Path::new(&named).file_name().and_then(|name| name.to_str()) {
        Some("bash") => Shell::Bash,
        Some("zsh") => Shell::Zsh,
        Some("fish") => Shell::Fish,
        Some("pwsh") => Shell::Powershell,
        Some("tcsh" | "csh") => Shell::Tcsh,
        Some("elvish") => Shell::Elvish,
        _ => Shell::Sh,
    }
}
