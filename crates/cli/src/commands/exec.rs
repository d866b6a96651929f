//! `exec`: an unchanged program with the variables that send it here.
//!
//! The program takes the place of this process, so its exit code, its signals and its terminal are
//! its own. A server that must be started first is started by another process: the program must
//! not find a child that it does not know.

use crate::arguments::{Arguments, ExecArguments};
use crate::embedded::{Start, connect};
use crate::failure::Failure;
use crate::output::Output;
use crate::route;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

pub(super) async fn run(
    arguments: &Arguments,
    wanted: &ExecArguments,
    output: Output,
) -> Result<(), Failure> {
    let data = route::own_data(arguments)?;
    if connect(arguments, output, Start::No).await.is_err() {
        start_apart(&data)?;
    }
    let environment = route::environment(&data, wanted.via)?;
    let Some((program, rest)) = wanted.program.split_first() else {
        return Err(Failure::usage("no program was named"));
    };
    let mut command = Command::new(program);
    command.args(rest).envs(&environment.set);
    for name in &environment.unset {
        command.env_remove(name);
    }
    let error = command.exec();
    let message = format!("`{}` cannot be run: {error}", program.to_string_lossy());
    Err(match error.kind() {
        ErrorKind::NotFound => Failure::NoProgram(message),
        _ => Failure::NotRun(message),
    })
}

/// Lets another process of this program start the server, and end.
fn start_apart(data: &Path) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::here(format!("the server cannot be started: {error}"));
    let itself = std::env::current_exe().map_err(failed)?;
    let started = Command::new(itself)
        .arg("env")
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(failed)?;
    if started.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&started.stderr);
    let said = said.trim().trim_start_matches("error: ").to_owned();
    Err(match started.status.code() {
        Some(3) => Failure::Unreachable(said),
        _ => Failure::Here(said),
    })
}
