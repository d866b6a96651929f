//! The lines that Lambda's platform adds to a log
//! (<https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html>).

use domain::ByteSize;
use std::fmt::Write as _;
use std::time::Duration;

/// The line before a call.
pub(crate) fn start(request: &str, version: &str) -> String {
    format!("START RequestId: {request} Version: {version}")
}

/// The line after a call.
pub(crate) fn end(request: &str) -> String {
    format!("END RequestId: {request}")
}

/// What a call took.
pub(crate) struct Usage<'a> {
    pub(crate) request: &'a str,
    pub(crate) duration: Duration,
    pub(crate) size: ByteSize,
    pub(crate) used: Option<ByteSize>,
    pub(crate) init: Option<Duration>,
    pub(crate) fault: Option<&'a str>,
}

/// The line with what a call took.
pub(crate) fn usage(usage: &Usage<'_>) -> String {
    let duration = milliseconds(usage.duration);
    let mut line = format!(
        "REPORT RequestId: {}\tDuration: {duration:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB",
        usage.request,
        duration.ceil() as u64,
        usage.size.0 >> 20,
    );
    if let Some(used) = usage.used {
        let _ = write!(line, "\tMax Memory Used: {} MB", used.0.div_ceil(1 << 20));
    }
    if let Some(init) = usage.init {
        let _ = write!(line, "\tInit Duration: {:.2} ms", milliseconds(init));
    }
    if let Some(kind) = usage.fault {
        let _ = write!(line, "\tStatus: error\tError Type: {kind}");
    }
    line
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// The most memory that a process has had so far (proc(5), `VmHWM`).
pub(crate) fn peak(process: Option<u32>) -> Option<ByteSize> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process?)).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(ByteSize(kilobytes << 10))
}
