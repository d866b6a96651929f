//! The groups of endpoints' logs: `/aws/sagemaker/Endpoints/<endpoint>`, with a stream for each
//! worker, `<variant>/i-<number>`. The lines are those that the data plane of this server keeps.

use super::fault::{no_such_group, no_such_stream};
use super::streams::{Event, Piece, Wanted};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::endpoints;
use domain::EndpointName;
use serving::EndpointKey;
use serving::logs::Kept;

/// What the names of these groups begin with.
pub(super) const PREFIX: &str = "/aws/sagemaker/Endpoints/";

/// The endpoint whose group a name is.
pub(super) fn of_group(group: &str) -> Option<&str> {
    group.strip_prefix(PREFIX)
}

/// The stream that a line belongs to.
pub(super) fn stream(kept: &Kept) -> String {
    format!("{}/i-{:017x}", kept.line.deployment, kept.line.replica)
}

/// The kept lines of an endpoint after a number, oldest first. A group appears with the first
/// line; before that, and without an endpoint, there is none.
pub(super) async fn lines(call: &Call<'_>, name: &str, after: u64) -> Result<Vec<Kept>, Fault> {
    let id = EndpointName::new(name).map_err(|_| no_such_group())?;
    let key = EndpointKey {
        workspace: call.principal.workspace.clone(),
        name: id,
    };
    let recent = &call.aws.endpoint_lines;
    let found = recent.after(&key, after);
    if found.is_empty() && recent.after(&key, 0).is_empty() {
        // An endpoint that has said nothing yet has an empty group: SDKs ask while they wait.
        endpoints::find(call, name)
            .await?
            .ok_or_else(no_such_group)?;
    }
    Ok(found)
}

/// Lines of one stream.
pub(super) async fn read(
    call: &Call<'_>,
    endpoint: &str,
    stream_name: &str,
    wanted: &Wanted,
) -> Result<Piece, Fault> {
    let all = lines(call, endpoint, 0).await?;
    let mut of_stream = all
        .iter()
        .filter(|kept| stream(kept) == stream_name)
        .peekable();
    if of_stream.peek().is_none() {
        return Err(no_such_stream());
    }
    let (mut events, mut next) = (Vec::new(), wanted.offset);
    for kept in of_stream.filter(|kept| kept.number > wanted.offset) {
        if events.len() >= wanted.limit as usize {
            break;
        }
        next = kept.number;
        if wanted.holds(kept.at.0) {
            events.push(Event::of(kept.at.0, kept.line.text.clone()));
        }
    }
    Ok(Piece { events, next })
}
