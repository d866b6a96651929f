//! The groups of functions' logs: `/aws/lambda/<function>`, with a stream for each instance,
//! `<date>/[<version>]<32 digits>`. The lines are those that this server keeps: what the code
//! printed between the `START`, `END` and `REPORT` of each call.

use super::fault::{fault, no_such_group, no_such_stream};
use super::streams::{Event, Piece, Wanted};
use crate::fault::Fault;
use crate::operation::Call;
use contracts::functions::FunctionLogLine;
use domain::{FunctionName, Refusal};

/// What the names of these groups begin with.
pub(super) const PREFIX: &str = "/aws/lambda/";

/// The function whose group a name is, when there is that function.
pub(super) async fn of_group(call: &Call<'_>, group: &str) -> Result<Option<FunctionName>, Fault> {
    let name = group.strip_prefix(PREFIX).map(FunctionName::new);
    let Some(Ok(name)) = name else {
        return Ok(None);
    };
    match call.aws.control.function(&call.caller(), &name).await {
        Ok(_) => Ok(Some(name)),
        Err(Refusal::NotFound { .. }) => Ok(None),
        Err(refusal) => Err(fault(refusal)),
    }
}

/// The kept lines of a function, oldest first.
pub(super) async fn lines(
    call: &Call<'_>,
    name: &FunctionName,
) -> Result<Vec<FunctionLogLine>, Fault> {
    let control = &call.aws.control;
    match control.function_log(&call.caller(), name, usize::MAX).await {
        Ok(lines) => Ok(lines),
        Err(Refusal::NotFound { .. }) => Err(no_such_group()),
        Err(refusal) => Err(fault(refusal)),
    }
}

/// Lines of one stream.
pub(super) async fn read(
    call: &Call<'_>,
    name: &FunctionName,
    stream: &str,
    wanted: &Wanted,
) -> Result<Piece, Fault> {
    let all = lines(call, name).await?;
    let mut of_stream = all.iter().filter(|line| line.stream == stream).peekable();
    if of_stream.peek().is_none() {
        return Err(no_such_stream());
    }
    let (mut events, mut next) = (Vec::new(), wanted.offset);
    for line in of_stream.filter(|line| line.number > wanted.offset) {
        if events.len() >= wanted.limit as usize {
            break;
        }
        next = line.number;
        if wanted.holds(line.time.0) {
            events.push(Event::of(line.time.0, line.text.clone()));
        }
    }
    Ok(Piece { events, next })
}
