//! How a house-keeping command ends.

use std::process::ExitCode;

/// Prints the findings; any finding fails the command.
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command's own output"
)]
pub(crate) fn finish(result: Result<Vec<String>, String>) -> ExitCode {
    match result {
        Ok(findings) if findings.is_empty() => {
            println!("the architecture is as it is written down");
            ExitCode::SUCCESS
        }
        Ok(findings) => {
            for finding in findings {
                eprintln!("{finding}");
            }
            ExitCode::FAILURE
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
