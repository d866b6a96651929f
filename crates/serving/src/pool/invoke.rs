//! One request on one deployment: a place, a call, and what to do when the replica fails it.

use super::Pool;
use super::lease::{Denied, Lease};
use crate::call::{Answer, Call};
use crate::error::Error;
use crate::replica::{Joins, Reached, ReplicaError};
use domain::endpoint::Retry;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// How a request on a pool ended.
pub(crate) enum Outcome {
    /// It was answered or failed.
    Done(Result<Answer, Error>),
    /// The pool is being drained and did not take it.
    Closed,
}

/// How one call on one replica ended.
enum Attempt {
    Done(Result<Answer, Error>),
    Died { error: Error, reached: Reached },
}

/// Calls that never reached user code are made again at most so often.
const MOST_ATTEMPTS: u32 = 8;

impl Pool {
    /// Answers a call on one of the replicas.
    pub(crate) async fn invoke(self: &Arc<Self>, call: &Arc<Call>) -> Outcome {
        let began = Instant::now();
        let mut call = Arc::clone(call);
        let mut attempts = 0;
        let mut crashes = 0;
        loop {
            let queued = Instant::now();
            let acquired = self.acquire(call.deadline).await;
            call.stages.note("queue", queued);
            let lease = match acquired {
                Ok(lease) => lease,
                Err(Denied::Closed) => return Outcome::Closed,
                Err(Denied::Error(error)) => return Outcome::Done(Err(error)),
            };
            if let Some(answer) = lease.replica.at_once(&call) {
                return Outcome::Done(Ok(answer));
            }
            attempts += 1;
            // A task of its own: a caller who leaves does not take the replica down with it.
            let attempt = tokio::spawn(Arc::clone(self).attempt(lease, Arc::clone(&call)));
            let (error, reached) = match timeout_at(call.deadline, attempt).await {
                Ok(Ok(Attempt::Done(result))) => return Outcome::Done(result),
                Ok(Ok(Attempt::Died { error, reached })) => (error, reached),
                Ok(Err(join)) => {
                    let what = "a call was cut off".to_owned();
                    return Outcome::Done(Err(Error::Machine {
                        what,
                        why: join.to_string(),
                    }));
                }
                Err(_) => {
                    let variant = self.spec().name.clone();
                    let waited = began.elapsed();
                    return Outcome::Done(Err(Error::Late { variant, waited }));
                }
            };
            crashes += u32::from(reached == Reached::Perhaps);
            let again = match reached {
                Reached::No => attempts < MOST_ATTEMPTS,
                Reached::Perhaps => self.spec().retry == Retry::Once && crashes == 1,
            };
            if !again {
                return Outcome::Done(Err(error));
            }
            call = Arc::new(Call {
                joins: Joins::Never,
                ..Call::clone(&call)
            });
            self.parts.counters.retried.fetch_add(1, Relaxed);
        }
    }

    async fn attempt(self: Arc<Self>, lease: Lease, call: Arc<Call>) -> Attempt {
        let variant = self.spec().name.clone();
        let limit = self.spec().timing.call;
        let asked = Instant::now();
        let invoked = lease.replica.invoke(&call);
        let result = if lease.replica.keeps_time() {
            invoked.await
        } else {
            let timed = timeout(limit, invoked).await;
            timed.unwrap_or(Err(ReplicaError::Hung))
        };
        call.stages.note("replica", asked);
        Attempt::Done(match result {
            Ok(answer) => Ok(answer),
            Err(ReplicaError::Refused { status, message }) => {
                Err(Error::Refused { status, message })
            }
            Err(ReplicaError::Hung) => {
                lease.condemn();
                lease.replica.stop(Duration::ZERO).await;
                Err(Error::Hung { variant, limit })
            }
            Err(ReplicaError::Fault(fault)) => Err(Error::Fault(fault)),
            Err(ReplicaError::TooLarge { bytes, most }) => Err(Error::AnswerTooLarge {
                variant,
                bytes,
                most,
            }),
            Err(ReplicaError::Gone { departure, reached }) => {
                lease.condemn();
                if departure.memory_used_up {
                    // So would another one.
                    return Attempt::Done(Err(Error::Crashed { variant, departure }));
                }
                return Attempt::Died {
                    error: Error::Crashed { variant, departure },
                    reached,
                };
            }
        })
    }
}
