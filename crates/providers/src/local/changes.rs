//! Knows when something may have changed. Supervisors that this process started tell it through
//! their standard output; of others, started by a server before, only looking helps.

use super::follow::Supervisor;
use domain::TicketId;
use runtimes::supervisor::{END_HINT, TAKEN_HINT};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How often a supervisor that cannot tell is looked at.
const LOOK: Duration = Duration::from_millis(200);

#[derive(Debug, Default)]
pub(super) struct Changes {
    notify: Notify,
    /// Live tickets whose supervisors this process did not start.
    silent: Mutex<BTreeSet<TicketId>>,
    /// Live tickets whose supervisors tell.
    telling: Mutex<BTreeSet<TicketId>>,
}

impl Changes {
    /// Completes when something may have changed.
    pub(super) async fn wait(&self) {
        let any_silent = !lock(&self.silent).is_empty();
        if any_silent {
            let _ = tokio::time::timeout(LOOK, self.notify.notified()).await;
        } else {
            self.notify.notified().await;
        }
    }

    pub(super) fn tell(&self) {
        self.notify.notify_one();
    }

    /// A ticket was seen alive.
    pub(super) fn is_alive(&self, ticket: &TicketId) {
        if !lock(&self.telling).contains(ticket) && lock(&self.silent).insert(ticket.clone()) {
            // Whoever waits without a deadline shall begin to look.
            self.tell();
        }
    }

    /// A ticket was seen ended or gone.
    pub(super) fn is_over(&self, ticket: &TicketId) {
        lock(&self.silent).remove(ticket);
    }

    /// Listens to a supervisor until it ends, and fetches it so that it is no zombie. Answers when
    /// it has first told something, or has ended without.
    pub(super) async fn follow(
        self: &Arc<Self>,
        ticket: &TicketId,
        mut supervisor: Supervisor,
    ) -> First {
        let mut buffer = [0; 64];
        let mut last = match supervisor.hear(&mut buffer).await {
            0 => None,
            heard => Some(buffer[heard - 1]),
        };
        if last.is_none() || last == Some(TAKEN_HINT) {
            supervisor.fetch().await;
            return if last.is_none() {
                First::Ended
            } else {
                First::Taken
            };
        }
        lock(&self.telling).insert(ticket.clone());
        self.tell();
        let (changes, ticket) = (Arc::clone(self), ticket.clone());
        tokio::spawn(async move {
            loop {
                let heard = supervisor.hear(&mut buffer).await;
                if heard == 0 {
                    break;
                }
                last = Some(buffer[heard - 1]);
                changes.tell();
            }
            supervisor.fetch().await;
            lock(&changes.telling).remove(&ticket);
            // One that ended well has told so already, after its record.
            if last != Some(END_HINT) {
                changes.tell();
            }
        });
        First::Works
    }
}

/// What is first heard of a supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// It has its ticket.
    Works,
    /// Another supervisor has the ticket.
    Taken,
    /// It has ended without a word.
    Ended,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
