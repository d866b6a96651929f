//! The log of changes: who, what, when.

use crate::{Caller, Control, Error};
use domain::Refusal;
use domain::audit::Event;

impl Control {
    /// Events of the caller's workspace after `sequence`, at most about `limit`; and the number
    /// to read on from.
    pub async fn events(
        &self,
        caller: &Caller,
        sequence: i64,
        limit: u32,
    ) -> Result<(Vec<Event>, i64), Refusal> {
        caller.may_read()?;
        let events = self.store.changes(sequence, limit.clamp(1, 1_000)).await;
        let events = events.map_err(Error::from)?;
        let next = events.last().map_or(sequence, |event| event.sequence);
        let mine = events
            .into_iter()
            .filter(|event| event.workspace == caller.workspace);
        Ok((mine.collect(), next))
    }
}
