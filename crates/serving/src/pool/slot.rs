//! Keeps one replica alive: starts it, waits for its end, starts another.

use super::Pool;
use super::state::{Member, Trouble};
use crate::backoff::Backoff;
use crate::replica::{Engine, LaunchError, LaunchOrder, Replica};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// A replica that lived this long is not part of a crash loop.
const LIVED_WELL: Duration = Duration::from_secs(10);

/// Runs until the token is cancelled; nothing of the replica is left then. The caller has counted
/// the slot as starting.
pub(super) async fn keep(pool: Arc<Pool>, token: CancellationToken) {
    let mut backoff = Backoff::default();
    loop {
        let order = pool.order();
        let began = Instant::now();
        let launched = tokio::select! {
            () = token.cancelled() => None,
            launched = pool.parts.launcher.launch(&order) => Some(launched),
        };
        let pause = match launched {
            None => {
                pool.state().starting -= 1;
                break;
            }
            Some(Ok(replica)) => {
                pool.parts.counters.starts.record(began.elapsed());
                pool.joined(order.number, &replica);
                let joined = Instant::now();
                let departure = tokio::select! {
                    () = token.cancelled() => None,
                    departure = replica.gone() => Some(departure),
                };
                let Some(departure) = departure else {
                    pool.retire(order.number, &replica).await;
                    break;
                };
                if joined.elapsed() >= LIVED_WELL {
                    backoff.reset();
                }
                tracing::warn!(
                    endpoint = %order.endpoint, deployment = %order.deployment.name,
                    replica = order.number, departure = %departure, "a replica ended"
                );
                let pause = backoff.failed();
                pool.left(order.number, pause);
                pause
            }
            Some(Err(error)) => {
                // The first restart is immediate only for a replica that had been ready.
                let pause = backoff.failed().max(Duration::from_millis(200));
                pool.not_joined(&order, &error, pause);
                pause
            }
        };
        if !pause.is_zero() {
            tokio::select! {
                () = token.cancelled() => break,
                () = sleep(pause) => pool.state().starting += 1,
            }
        }
    }
    let asleep = pool.state().slots.is_empty();
    if asleep {
        pool.parts.launcher.rest(pool.spec());
    }
    pool.tell();
}

impl Pool {
    fn order(&self) -> LaunchOrder {
        let mut state = self.state();
        state.launches += 1;
        LaunchOrder {
            endpoint: self.parts.endpoint.clone(),
            deployment: Arc::clone(self.spec()),
            number: state.launches,
            limits: self.parts.limits,
            engine: Engine::Python(None),
        }
    }

    fn joined(self: &Arc<Self>, number: u64, replica: &Arc<dyn Replica>) {
        self.parts.counters.launched.fetch_add(1, Relaxed);
        {
            let mut state = self.state();
            state.starting -= 1;
            state.trouble = None;
            let replica = Arc::clone(replica);
            state.members.push(Member {
                number,
                replica,
                running: 0,
                retiring: false,
            });
        }
        self.hand_out();
        self.tell();
    }

    fn left(&self, number: u64, pause: Duration) {
        self.parts.counters.lost.fetch_add(1, Relaxed);
        {
            let mut state = self.state();
            state.forget(number);
            if pause.is_zero() {
                state.starting += 1;
            }
        }
        self.tell();
    }

    fn not_joined(&self, order: &LaunchOrder, error: &LaunchError, pause: Duration) {
        self.parts.counters.launch_failures.fetch_add(1, Relaxed);
        tracing::warn!(
            endpoint = %order.endpoint, deployment = %order.deployment.name,
            replica = order.number, error = %error, "a replica did not start"
        );
        let nobody = {
            let mut state = self.state();
            state.starting -= 1;
            let until = Instant::now() + pause;
            state.trouble = Some(Trouble {
                message: error.to_string(),
                until,
            });
            state.members.is_empty() && state.starting == 0
        };
        if nobody {
            self.dismiss();
        }
        self.tell();
    }

    /// Lets the replica finish what it does, then ends it.
    async fn retire(&self, number: u64, replica: &Arc<dyn Replica>) {
        if let Some(member) = self.state().members.iter_mut().find(|m| m.number == number) {
            member.retiring = true;
        }
        let timing = self.spec().timing;
        let over = self.state().over;
        let limit = if over { Duration::ZERO } else { timing.drain };
        drop(timeout(limit, self.finished(number)).await);
        self.state().forget(number);
        self.tell();
        replica.stop(timing.stop).await;
    }

    async fn finished(&self, number: u64) {
        let mut changed = self.changed.subscribe();
        loop {
            let busy = {
                let state = self.state();
                state
                    .members
                    .iter()
                    .any(|member| member.number == number && member.running > 0)
            };
            if !busy || changed.changed().await.is_err() {
                return;
            }
        }
    }
}
