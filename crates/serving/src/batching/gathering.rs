//! A batch while it is put together.

use crate::call::{Answer, Call};
use crate::replica::{Joins, ReplicaError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// A batch takes no further call once its bodies have this many bytes together.
const ENOUGH: usize = 16 << 20;
/// A call and where its answer goes.
pub(super) struct Waiting {
    pub(super) call: Call,
    pub(super) answer: oneshot::Sender<Result<Answer, ReplicaError>>,
    pub(super) since: Instant,
}

/// A batch that is being put together.
pub(super) struct Gathering {
    pub(super) batch: Vec<Waiting>,
    bytes: usize,
    /// The first call that did not go in.
    pub(super) left: Option<Waiting>,
    closed: bool,
}

impl Gathering {
    pub(super) fn new(first: Waiting) -> Self {
        Self {
            bytes: first.call.body.len(),
            closed: first.call.joins == Joins::Never,
            batch: vec![first],
            left: None,
        }
    }

    pub(super) fn is_open(&self, most: usize) -> bool {
        !self.closed && self.batch.len() < most && self.bytes < ENOUGH
    }

    pub(super) fn add(&mut self, another: Waiting) {
        if another.answer.is_closed() {
            return;
        }
        if another.call.joins == Joins::Never {
            self.closed = true;
            self.left = Some(another);
            return;
        }
        self.bytes += another.call.body.len();
        self.batch.push(another);
    }

    /// Takes what is there already.
    pub(super) fn take(&mut self, waiting: &mut mpsc::UnboundedReceiver<Waiting>, most: usize) {
        while self.is_open(most) {
            let Ok(another) = waiting.try_recv() else {
                return;
            };
            self.add(another);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::Stages;
    use bytes::Bytes;

    fn waiting(joins: Joins, size: usize) -> Waiting {
        let call = Call {
            content_type: String::new(),
            accept: String::new(),
            body: Bytes::from(vec![0; size]),
            deadline: Instant::now(),
            joins,
            stages: Stages::default(),
        };
        // The receiver is kept so that the caller counts as present.
        let (answer, receiver) = oneshot::channel();
        std::mem::forget(receiver);
        let since = Instant::now();
        Waiting {
            call,
            answer,
            since,
        }
    }

    fn gather(
        first: Waiting,
        waiting: &mut mpsc::UnboundedReceiver<Waiting>,
        most: usize,
    ) -> (Vec<Waiting>, Option<Waiting>) {
        let mut gathering = Gathering::new(first);
        gathering.take(waiting, most);
        (gathering.batch, gathering.left)
    }

    #[test]
    fn batches_take_what_is_there_up_to_their_limits() {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let sizes = |batch: &[Waiting]| batch.iter().map(|w| w.call.body.len()).collect::<Vec<_>>();
        for size in 2..=6 {
            assert!(sender.send(waiting(Joins::Rows, size)).is_ok());
        }
        let (batch, left) = gather(waiting(Joins::Rows, 1), &mut receiver, 4);
        assert_eq!((sizes(&batch), left.is_none()), (vec![1, 2, 3, 4], true));
        // One that must be alone ends a batch and is one of its own.
        assert!(sender.send(waiting(Joins::Never, 7)).is_ok());
        assert!(sender.send(waiting(Joins::Rows, 8)).is_ok());
        let (batch, left) = gather(waiting(Joins::Rows, 0), &mut receiver, 10);
        assert_eq!(sizes(&batch), [0, 5, 6]);
        let (batch, left) = gather(left.unwrap(), &mut receiver, 10);
        assert_eq!((sizes(&batch), left.is_none()), (vec![7], true));
        let (batch, _) = gather(waiting(Joins::Rows, ENOUGH), &mut receiver, 10);
        assert_eq!(batch.len(), 1);
    }
}
