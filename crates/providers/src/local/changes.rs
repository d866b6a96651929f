//! Knows when something may have changed. Supervisors that this process started tell it through
//! their standard output; of others, started by a server before, only looking helps.

use domain::TicketId;
use std::collections::BTreeSet;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::Child;
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
    /// it has first told something (`None`), or how it ended without.
    pub(super) async fn follow(
        self: &Arc<Self>,
        ticket: &TicketId,
        mut child: Child,
    ) -> Option<ExitStatus> {
        let mut buffer = [0; 64];
        let told = match &mut child.stdout {
            Some(output) => output.read(&mut buffer).await.unwrap_or(0),
            None => 0,
        };
        if told == 0 {
            return child.wait().await.ok();
        }
        lock(&self.telling).insert(ticket.clone());
        self.tell();
        let (changes, ticket) = (Arc::clone(self), ticket.clone());
        tokio::spawn(async move {
            if let Some(mut output) = child.stdout.take() {
                while let Ok(1..) = output.read(&mut buffer).await {
                    changes.tell();
                }
            }
            let status = child.wait().await;
            lock(&changes.telling).remove(&ticket);
            // One that ended well has told so already, after its record.
            if !status.is_ok_and(|status| status.success()) {
                changes.tell();
            }
        });
        None
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
