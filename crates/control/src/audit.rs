//! The log of changes: who, what, when.

use crate::{Caller, Control, Error};
use domain::Refusal;
use domain::audit::Event;

/// Events that are read together when the newest are looked for.
const WINDOW: u32 = 1_000;

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

    /// The newest `limit` events of the caller's workspace that came before number `before`, in
    /// order; and the number to go on before, for those that came earlier: 1 when there are none.
    pub async fn events_before(
        &self,
        caller: &Caller,
        before: i64,
        limit: u32,
    ) -> Result<(Vec<Event>, i64), Refusal> {
        caller.may_read()?;
        let limit = limit.clamp(1, WINDOW) as usize;
        let newest = self.store.newest_change().await.map_err(Error::from)?;
        let mut before = before.min(newest.saturating_add(1));
        let mut found = Vec::new();
        while before > 1 && found.len() < limit {
            let after = (before - 1 - i64::from(WINDOW)).max(0);
            let window = self.store.changes(after, WINDOW).await;
            let window = window.map_err(Error::from)?.into_iter();
            let mine = window
                .filter(|event| event.sequence < before && event.workspace == caller.workspace);
            found.splice(0..0, mine);
            before = after + 1;
        }
        if let Some(more) = found.len().checked_sub(limit + 1) {
            found.drain(..=more);
        }
        let next = match found.first() {
            Some(first) if found.len() == limit => first.sequence,
            _ => before.max(1),
        };
        Ok((found, next))
    }
}
