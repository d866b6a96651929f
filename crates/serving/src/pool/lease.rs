//! The right to make one call on one replica, and the bounded queue for it.

use super::Pool;
use super::state::Waiting;
use crate::error::Error;
use crate::replica::Replica;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// One place on one replica; dropping it gives the place to the next request.
pub(super) struct Lease {
    pool: Arc<Pool>,
    number: u64,
    pub(super) replica: Arc<dyn Replica>,
}

impl Lease {
    /// Takes the replica out of the pool: it died or hangs, and nobody else shall get it.
    pub(super) fn condemn(&self) {
        if self.pool.state().forget(self.number) {
            self.pool.tell();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.state().give_back(self.number);
        self.pool.hand_out();
        self.pool.tell_if_closed();
    }
}

/// Why no lease was given.
pub(super) enum Denied {
    /// The pool is being drained; its successor answers.
    Closed,
    /// An error for the caller.
    Error(Error),
}

impl Pool {
    /// A place, waiting for it until the deadline; the queue is first come, first served.
    pub(super) async fn acquire(self: &Arc<Self>, deadline: Instant) -> Result<Lease, Denied> {
        let began = Instant::now();
        let mut waiter = match self.enter()? {
            Entry::Now(lease) => {
                self.parts.counters.waiting.record(Duration::ZERO);
                return Ok(lease);
            }
            Entry::Wait(receiver) => Waiter {
                pool: self,
                receiver,
                called: false,
            },
        };
        let called = timeout_at(deadline, &mut waiter.receiver).await;
        waiter.called = called.is_ok();
        match called {
            Ok(Ok(lease)) => {
                self.parts.counters.waiting.record(began.elapsed());
                Ok(lease)
            }
            Ok(Err(_)) => Err(self.denied_in_queue()),
            Err(_) => Err(Denied::Error(Error::Crowded {
                variant: self.spec().name.clone(),
                waited: began.elapsed(),
            })),
        }
    }

    fn enter(self: &Arc<Self>) -> Result<Entry, Denied> {
        let mut state = self.state();
        if state.closed {
            return Err(Denied::Closed);
        }
        state.asked = true;
        let demand = state.running() + state.waiting.len() + 1;
        state.greatest = state.greatest.max(demand);
        if state.waiting.is_empty()
            && let Some((number, replica)) = state.take()
        {
            return Ok(Entry::Now(Lease {
                pool: Arc::clone(self),
                number,
                replica,
            }));
        }
        if state.members.is_empty() {
            let refusal = match &state.trouble {
                Some(trouble) if state.starting == 0 && trouble.until > Instant::now() => {
                    Some((trouble.message.clone(), trouble.until - Instant::now()))
                }
                _ if state.most == 0 => {
                    Some(("it has no replicas".to_owned(), Duration::from_secs(1)))
                }
                _ => None,
            };
            if let Some((message, after)) = refusal {
                let variant = self.spec().name.clone();
                return Err(Denied::Error(Error::Unavailable {
                    variant,
                    message,
                    after,
                }));
            }
        }
        if state.waiting.len() >= self.spec().queue {
            let waiting = state.waiting.len();
            let places = state.members.len().max(1);
            drop(state);
            return Err(Denied::Error(self.busy(waiting, places)));
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting.push_back(Waiting {
            sender,
            since: Instant::now(),
        });
        drop(state);
        self.queued.notify_one();
        Ok(Entry::Wait(receiver))
    }

    fn busy(&self, waiting: usize, places: usize) -> Error {
        let each = self
            .parts
            .counters
            .typical()
            .unwrap_or(Duration::from_secs(1));
        let rounds = u32::try_from(waiting.div_ceil(places)).unwrap_or(u32::MAX);
        let after = each.saturating_mul(rounds).min(Duration::from_mins(1));
        Error::Busy {
            variant: self.spec().name.clone(),
            waiting,
            after,
        }
    }

    fn denied_in_queue(&self) -> Denied {
        let state = self.state();
        let (message, after) = match &state.trouble {
            Some(trouble) => (trouble.message.clone(), trouble.until - Instant::now()),
            None if state.over => ("it was taken down".to_owned(), Duration::from_secs(1)),
            None => ("its replicas ended".to_owned(), Duration::from_secs(1)),
        };
        let variant = self.spec().name.clone();
        Denied::Error(Error::Unavailable {
            variant,
            message,
            after,
        })
    }

    /// Gives free places to those who wait.
    pub(super) fn hand_out(self: &Arc<Self>) {
        loop {
            let (sender, lease) = {
                let mut state = self.state();
                let Some(waiting) = state.next_waiting() else {
                    return;
                };
                let Some((number, replica)) = state.take() else {
                    state.waiting.push_front(waiting);
                    return;
                };
                (
                    waiting.sender,
                    Lease {
                        pool: Arc::clone(self),
                        number,
                        replica,
                    },
                )
            };
            // A caller who gave up in this instant returns the lease by dropping it.
            drop(sender.send(lease));
        }
    }

    /// Fails all who wait, because nothing can answer them for now.
    pub(super) fn dismiss(&self) {
        let waiting = std::mem::take(&mut self.state().waiting);
        drop(waiting);
    }

    fn tell_if_closed(&self) {
        if self.state().closed {
            self.tell();
        }
    }
}

/// A place in the queue. Whoever leaves before being called, at the deadline or because the caller
/// went away, is taken out of it, so that neither a drain nor the figures wait for nobody.
struct Waiter<'a> {
    pool: &'a Pool,
    receiver: oneshot::Receiver<Lease>,
    /// The queue has let go of it.
    called: bool,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        if self.called {
            return;
        }
        self.receiver.close();
        self.pool.state().leave();
        self.pool.tell_if_closed();
    }
}

enum Entry {
    Now(Lease),
    Wait(oneshot::Receiver<Lease>),
}
