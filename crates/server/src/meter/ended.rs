//! The job that an event tells the end of: as it is stored, or as the event of its deletion has it.

use contracts::store::Key;
use control::Control;
use control::rows::{Stored, read};
use domain::JobId;
use domain::audit::Event;
use domain::job::Job;

/// Events that are read at once.
const EVENTS: u32 = 1_000;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The job whose end `event` of `events` tells, with the number of the event that tells of its
/// deletion if it is gone since. Nothing when nobody knows it any more.
pub(super) async fn job(
    control: &Control,
    event: &Event,
    events: &[Event],
) -> Result<Option<(Option<i64>, Job)>, Failed> {
    if let Some(found) = deleted(event, events) {
        return Ok(Some(found));
    }
    let Ok(id) = JobId::new(event.id.clone()) else {
        return Ok(None);
    };
    let key = Key::new(Job::KIND, &event.workspace, &id);
    if let Some(row) = control.store.get(&key).await? {
        let job = read::<Job>(&row)?;
        if job.phase.outcome().is_some() {
            return Ok(Some((None, job)));
        }
    }
    // It was deleted after these events, and perhaps its name was given to another one.
    let mut after = events.last().map_or(event.sequence, |last| last.sequence);
    loop {
        let more = control.store.changes(after, EVENTS).await?;
        let Some(last) = more.last() else {
            return Ok(None);
        };
        if let Some(found) = deleted(event, &more) {
            return Ok(Some(found));
        }
        after = last.sequence;
    }
}

/// The first deletion of an event's job after it.
fn deleted(event: &Event, events: &[Event]) -> Option<(Option<i64>, Job)> {
    let mut later = events.iter().filter(|other| {
        other.sequence > event.sequence
            && other.resource == Job::KIND
            && other.action == "deleted"
            && other.workspace == event.workspace
            && other.id == event.id
    });
    let found = later.next()?;
    let job = serde_json::from_value(found.detail.get("job")?.clone()).ok()?;
    Some((Some(found.sequence), job))
}
