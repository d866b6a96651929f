//! Hashing, writing and receiving of one body beside each other. A lane takes batches in their
//! order, at its own pace; no lane waits for another before it is some batches ahead of it.

use super::INLINE;
use super::batch::Batch;
use super::write::Sink;
use crate::checksum::{Computed, Fast, Hashers, Slow};
use crate::error::Error;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

/// Batches that wait for a lane at most.
const AHEAD: usize = 3;

/// All that happens to the batches of a body.
pub(super) struct Pipeline {
    state: State,
}

enum State {
    /// Nothing was pushed yet.
    Idle(Box<(Hashers, Sink)>),
    Running(Lane<Slow>, Lane<(Fast, Sink)>),
    Broken,
}

impl Pipeline {
    pub(super) fn new(hashers: Hashers, sink: Sink) -> Self {
        Self {
            state: State::Idle(Box::new((hashers, sink))),
        }
    }

    /// Gives the next batch to the lanes; waits while one of them is too far behind.
    pub(super) async fn push(&mut self, batch: Batch) -> Result<(), Error> {
        let (slow, fast) = match std::mem::replace(&mut self.state, State::Broken) {
            State::Idle(both) => {
                let (Hashers { slow, fast }, sink) = *both;
                let slow = Lane::start(slow, |slow, batch| {
                    batch.chunks().for_each(|chunk| slow.update(chunk));
                    Ok(())
                });
                let fast = Lane::start((fast, sink), |(fast, sink), batch| {
                    for chunk in batch.chunks() {
                        fast.update(chunk);
                        sink.write(chunk)?;
                    }
                    Ok(())
                });
                (slow, fast)
            }
            State::Running(slow, fast) => (slow, fast),
            State::Broken => return Err(broken()),
        };
        let batch = Arc::new(batch);
        let hashed = slow.batches.send(Arc::clone(&batch)).await;
        if hashed.is_err() || fast.batches.send(batch).await.is_err() {
            // A lane ends early by an error only.
            slow.end().await?;
            fast.end().await?;
            return Err(broken());
        }
        self.state = State::Running(slow, fast);
        Ok(())
    }

    /// Takes the rest; a body that was short all along stays in memory until here.
    pub(super) async fn finish(
        mut self,
        rest: Batch,
        bytes: u64,
    ) -> Result<(Computed, Sink), Error> {
        if bytes > INLINE as u64 && rest.bytes() > 0 {
            self.push(rest).await?;
        } else if let State::Idle(both) = self.state {
            let (mut hashers, mut sink) = *both;
            let rest = rest.joined();
            hashers.update(&rest);
            sink.short = rest;
            return Ok((hashers.finish(), sink));
        }
        let State::Running(slow, fast) = self.state else {
            return Err(broken());
        };
        let slow = slow.end().await?;
        let (fast, sink) = fast.end().await?;
        Ok((Hashers { slow, fast }.finish(), sink))
    }
}

fn broken() -> Error {
    Error::Incomplete("the write failed before".to_owned())
}

/// One kind of work on the batches. It needs a thread only while there is a batch.
struct Lane<T> {
    batches: mpsc::Sender<Arc<Batch>>,
    ended: JoinHandle<Result<T, Error>>,
}

impl<T: Send + 'static> Lane<T> {
    fn start(state: T, work: fn(&mut T, &Batch) -> Result<(), Error>) -> Self {
        let (batches, receiver) = mpsc::channel(AHEAD);
        Self {
            batches,
            ended: tokio::spawn(follow(state, receiver, work)),
        }
    }

    /// Waits until every batch is done; the state after the last.
    async fn end(self) -> Result<T, Error> {
        drop(self.batches);
        self.ended.await.map_err(Error::task)?
    }
}

async fn follow<T: Send + 'static>(
    mut state: T,
    mut batches: mpsc::Receiver<Arc<Batch>>,
    work: fn(&mut T, &Batch) -> Result<(), Error>,
) -> Result<T, Error> {
    let mut taken = Vec::new();
    while batches.recv_many(&mut taken, AHEAD).await > 0 {
        let some = std::mem::take(&mut taken);
        let done = spawn_blocking(move || {
            for batch in some {
                work(&mut state, &batch)?;
            }
            Ok::<T, Error>(state)
        });
        state = done.await.map_err(Error::task)??;
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn batch(byte: u8) -> Arc<Batch> {
        let mut batch = Batch::default();
        batch.add(Bytes::from(vec![byte]));
        Arc::new(batch)
    }

    #[tokio::test]
    async fn a_lane_works_in_order_to_its_end() {
        let lane = Lane::start(Vec::new(), |seen: &mut Vec<u8>, batch| {
            batch.chunks().for_each(|chunk| seen.extend(chunk));
            Ok(())
        });
        let all: Vec<u8> = (0..100).collect();
        for &byte in &all {
            lane.batches.send(batch(byte)).await.unwrap();
        }
        assert_eq!(lane.end().await.unwrap(), all);
    }

    #[tokio::test]
    async fn a_lane_that_fails_takes_no_more_and_says_why() {
        let lane = Lane::start((), |(), _| Err(Error::Invalid("it is full".to_owned())));
        lane.batches.send(batch(0)).await.unwrap();
        lane.batches.closed().await;
        let ended = lane.end().await;
        assert!(matches!(ended, Err(Error::Invalid(why)) if why == "it is full"));
    }
}
