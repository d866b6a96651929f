//! `schema`: the JSON Schema of the workload file.

use crate::failure::Failure;
use crate::output::Output;

#[expect(clippy::unnecessary_wraps, reason = "commands share one signature")]
pub(crate) fn run(output: Output) -> Result<(), Failure> {
    output.value(&workload::schema());
    Ok(())
}
