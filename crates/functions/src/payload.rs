//! Errors as AWS Lambda shapes them
//! (<https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html>).

use bytes::Bytes;
use contracts::functions::FunctionFault;
use domain::{Refusal, Span};
use serde_json::json;
use serving::error::Fault;
use serving::{Departure, LaunchError};
use std::time::Duration;

/// Most bytes of an answer to a synchronous call (AWS Lambda's quota of 6 MB and some room).
pub(crate) const MOST_ANSWER: usize = 6_291_556;

/// Most bytes of an event that a request becomes (AWS Lambda's quota for synchronous calls).
pub(crate) const MOST_EVENT: usize = 6 << 20;

/// A failure of a function: how, of which type, and the payload that says so.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) fault: FunctionFault,
    pub(crate) kind: String,
    pub(crate) payload: Bytes,
}

fn failure(fault: FunctionFault, kind: &str, message: String, request: &str) -> Failure {
    let body = json!({
        "errorType": kind,
        "errorMessage": format!("RequestId: {request} Error: {message}"),
    });
    Failure {
        fault,
        kind: kind.to_owned(),
        payload: Bytes::from(body.to_string()),
    }
}

/// It ran out of its time.
pub(crate) fn timed_out(limit: Span, request: &str) -> Failure {
    let seconds = limit.0 as f64 / 1_000.0;
    let message = format!("Task timed out after {seconds:.2} seconds");
    failure(
        FunctionFault::TimedOut,
        "Sandbox.Timedout",
        message,
        request,
    )
}

/// Its code was still being loaded at the end of the time for it.
fn never_loaded(limit: Duration, request: &str) -> Failure {
    let seconds = limit.as_secs_f64();
    let message =
        format!("Task timed out after {seconds:.2} seconds: its code was still being loaded");
    failure(
        FunctionFault::TimedOut,
        "Sandbox.Timedout",
        message,
        request,
    )
}

/// Its process ended.
pub(crate) fn exited(departure: &Departure, out_of_memory: bool, request: &str) -> Failure {
    let how = &departure.how;
    let told = match how.strip_prefix("exit code ") {
        Some("0") => "Runtime exited without providing a reason".to_owned(),
        Some(code) => format!("Runtime exited with error: exit status {code}"),
        None => format!("Runtime exited with error: {}", signal(how)),
    };
    if out_of_memory {
        return failure(
            FunctionFault::OutOfMemory,
            "Runtime.OutOfMemory",
            told,
            request,
        );
    }
    failure(FunctionFault::Exited, "Runtime.ExitError", told, request)
}

/// `signal 9 (SIGKILL)` as Lambda writes it.
fn signal(how: &str) -> String {
    let known = [
        ("SIGKILL", "killed"),
        ("SIGSEGV", "segmentation fault"),
        ("SIGABRT", "aborted"),
        ("SIGTERM", "terminated"),
    ];
    let word = known.iter().find(|(name, _)| how.contains(name));
    word.map_or_else(|| how.to_owned(), |(_, word)| format!("signal: {word}"))
}

/// Its answer is larger than an answer may be.
pub(crate) fn too_large(most: usize) -> Failure {
    let kind = "Function.ResponseSizeTooLarge";
    let message =
        format!("Response payload size exceeded maximum allowed payload size ({most} bytes).");
    let body = json!({"errorType": kind, "errorMessage": message});
    Failure {
        fault: FunctionFault::BadAnswer,
        kind: kind.to_owned(),
        payload: Bytes::from(body.to_string()),
    }
}

/// User code raised where only the worker could hear it.
pub(crate) fn raised(fault: &Fault, request: &str, most: usize) -> Failure {
    if fault.kind == "OverflowError" && fault.file.is_none() {
        return too_large(most);
    }
    let kind = match fault.kind.as_str() {
        "ImportModuleError" | "HandlerNotFound" | "UserCodeSyntaxError" => {
            format!("Runtime.{}", fault.kind)
        }
        other => other.to_owned(),
    };
    let frames: Vec<&str> = if kind.starts_with("Runtime.") {
        Vec::new()
    } else {
        fault.traceback.lines().collect()
    };
    let body = json!({
        "errorMessage": fault.message,
        "errorType": kind,
        "requestId": request,
        "stackTrace": frames,
    });
    Failure {
        fault: FunctionFault::Raised,
        kind,
        payload: Bytes::from(body.to_string()),
    }
}

/// An instance could not be started; a refusal when that is not the function's fault.
pub(crate) fn of_launch(
    error: &LaunchError,
    out_of_memory: bool,
    request: &str,
) -> Result<Failure, Refusal> {
    match error {
        LaunchError::Fault(fault) => Ok(raised(fault, request, MOST_ANSWER)),
        LaunchError::Ended(departure) => Ok(exited(departure, out_of_memory, request)),
        LaunchError::TimedOut(limit) => Ok(never_loaded(*limit, request)),
        LaunchError::Machine { what, why } => Err(Refusal::Unavailable {
            message: format!("an instance cannot be started: {what}: {why}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(failure: &Failure) -> String {
        String::from_utf8(failure.payload.to_vec()).unwrap()
    }

    #[test]
    fn ends_are_told_in_lambdas_words() {
        let left = |how: &str| Departure {
            how: how.to_owned(),
            last_words: String::new(),
            memory_used_up: false,
        };
        let killed = exited(&left("signal 9 (SIGKILL)"), false, "r");
        assert_eq!(
            text(&killed),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r Error: Runtime exited with error: signal: killed"}"#
        );
        assert!(text(&exited(&left("exit code 3"), false, "r")).contains("exit status 3"));
        let memory = exited(&left("signal 9 (SIGKILL)"), true, "r");
        assert_eq!(memory.kind, "Runtime.OutOfMemory");
        assert!(text(&timed_out(Span::seconds(3), "r")).contains("timed out after 3.00 seconds"));
    }
}
