//! The groups of endpoints' logs: `/aws/sagemaker/Endpoints/<endpoint>`, with a stream for each
//! worker, `<variant>/i-<number>`. What the data plane of this server hears is kept every few
//! seconds and whenever somebody reads, and is there after the server and after the endpoint.

use super::fault::{fault, no_such_group, no_such_stream};
use super::own;
use super::streams::{Event, Piece, Wanted};
use crate::Aws;
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::endpoints;
use contracts::backend::{LogChunk, LogLine};
use domain::{EndpointName, Refusal};
use serving::logs::Kept;
use std::collections::BTreeMap;

/// What the names of these groups begin with.
pub(super) const PREFIX: &str = "/aws/sagemaker/Endpoints/";

/// Lines that are read at once.
const PORTION: u32 = 5_000;

/// The endpoint whose group a name is.
pub(super) fn of_group(group: &str) -> Option<&str> {
    group.strip_prefix(PREFIX)
}

/// A line as it is kept; its stream is the worker's.
fn line(kept: &Kept) -> LogLine {
    LogLine {
        at: kept.at,
        stream: format!("{}/i-{:017x}", kept.line.deployment, kept.line.replica),
        text: kept.line.text.clone(),
        next: 0,
    }
}

/// Keeps what was heard and is not kept yet.
pub(crate) async fn keep(aws: &Aws) -> Result<(), Refusal> {
    // One at a time: two would keep the same lines.
    let mut written = aws.endpoint_lines.written().await;
    for key in aws.endpoint_lines.endpoints() {
        let from = written.get(&key).copied().unwrap_or_default();
        let new = aws.endpoint_lines.after(&key, from);
        let Some(last) = new.last().map(|kept| kept.number) else {
            continue;
        };
        let lines: Vec<LogLine> = new.iter().map(line).collect();
        aws.control
            .keep_endpoint_lines(&key.workspace, &key.name, &lines)
            .await?;
        written.insert(key, last);
    }
    Ok(())
}

/// The group of an endpoint is there with the endpoint, and as long as something of it is kept.
pub(super) async fn require(call: &Call<'_>, name: &EndpointName) -> Result<(), Fault> {
    keep(call.aws).await.map_err(fault)?;
    if chunk(call, name, 0, 1).await?.lines.is_empty() {
        // An endpoint that has said nothing yet has an empty group: SDKs ask while they wait.
        endpoints::find(call, name.as_str())
            .await?
            .ok_or_else(no_such_group)?;
    }
    Ok(())
}

async fn chunk(
    call: &Call<'_>,
    name: &EndpointName,
    offset: u64,
    limit: u32,
) -> Result<LogChunk, Fault> {
    let control = &call.aws.control;
    let found = control
        .endpoint_log(&call.caller(), name, offset, limit)
        .await;
    found.map_err(fault)
}

/// The workers' streams with the times of their first and last lines.
pub(super) async fn streams(
    call: &Call<'_>,
    name: &EndpointName,
) -> Result<BTreeMap<String, (i64, i64)>, Fault> {
    let mut times: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut offset = 0;
    loop {
        let found = chunk(call, name, offset, PORTION).await?;
        let Some(last) = found.lines.last().map(|line| line.next) else {
            return Ok(times);
        };
        for line in found.lines {
            let at = line.at.0;
            times.entry(line.stream).or_insert((at, at)).1 = at;
        }
        offset = last;
    }
}

/// Lines of one stream.
pub(super) async fn read(
    call: &Call<'_>,
    endpoint: &EndpointName,
    stream: &str,
    wanted: &Wanted,
) -> Result<Piece, Fault> {
    let (mut events, mut next, mut known) = (Vec::new(), wanted.offset, wanted.offset > 0);
    'all: loop {
        let found = chunk(call, endpoint, next, PORTION).await?;
        if found.lines.is_empty() {
            break;
        }
        for line in found.lines {
            if events.len() >= wanted.limit as usize {
                break 'all;
            }
            next = line.next;
            if line.stream != stream {
                continue;
            }
            known = true;
            if wanted.holds(line.at.0) {
                events.push(Event::of(line.at.0, line.text));
            }
        }
    }
    if !known {
        return Err(no_such_stream());
    }
    Ok(Piece { events, next })
}

/// The group of an endpoint stays when the endpoint is taken down and something of it is kept: it
/// becomes one that is there by itself.
pub(crate) async fn outlive(call: &Call<'_>, name: &EndpointName) -> Result<(), Fault> {
    keep(call.aws).await.map_err(fault)?;
    if chunk(call, name, 0, 1).await?.lines.is_empty() {
        return Ok(());
    }
    own::remain(call, &format!("{PREFIX}{name}")).await
}

/// Forgets the group of an endpoint; what it prints from now on begins it anew.
pub(super) async fn forget(call: &Call<'_>, name: &EndpointName) -> Result<(), Fault> {
    require(call, name).await?;
    own::end(call, &format!("{PREFIX}{name}")).await?;
    let forgotten = call
        .aws
        .control
        .forget_endpoint_log(&call.caller(), name)
        .await;
    forgotten.map_err(fault)
}
