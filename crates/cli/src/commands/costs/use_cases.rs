//! `costs use-cases`: questions and the commands that answer them.

use crate::output::Output;
use costs::use_cases::USE_CASES;

pub(super) fn run(output: Output) {
    output.table(&["question", "answered by"], USE_CASES, |case| {
        vec![case.title.to_owned(), case.command.to_owned()]
    });
}
