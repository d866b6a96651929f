//! Keeps a share of requests and answers in a bucket, for monitoring.
//!
//! A record is a line of JSON in the form of Amazon SageMaker's data capture
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html>), so that what
//! reads those files reads these. Nothing of it holds up a request: what finds the queue full is
//! counted and left out.

mod key;
mod record;
mod writer;

pub(crate) use record::read;

use crate::spec::EndpointKey;
use bytes::Bytes;
use contracts::objects::Objects;
use contracts::world::World;
use domain::traffic::Capture;
use domain::{Location, Name};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Records that wait to be written.
const QUEUE: usize = 4_096;
/// Larger bodies are not kept.
const LARGEST: usize = 256 << 10;

/// Takes what endpoints capture; cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Message>,
    left_out: Arc<AtomicU64>,
    objects: Arc<dyn Objects>,
}

/// A request that was answered, and its answer.
pub(crate) struct Captured {
    pub(crate) endpoint: EndpointKey,
    pub(crate) variant: Name,
    pub(crate) what: Arc<Capture>,
    /// Media type and body.
    pub(crate) request: (String, Bytes),
    /// Media type and body.
    pub(crate) answer: (String, Bytes),
}

enum Message {
    Keep(Box<Captured>),
    Flush(oneshot::Sender<()>),
}

impl Recorder {
    /// Over a store of objects; objects are written at the latest `every` after their first record.
    /// Must be called within a tokio runtime.
    pub fn new(objects: Arc<dyn Objects>, world: World, every: Duration) -> Self {
        let (queue, records) = mpsc::channel(QUEUE);
        let left_out = Arc::new(AtomicU64::new(0));
        let writer = writer::Writer::new(Arc::clone(&objects), world, every, Arc::clone(&left_out));
        tokio::spawn(writer.run(records));
        Self {
            queue,
            left_out,
            objects,
        }
    }

    /// Records that were left out since the start, because they were too large, too many, or could
    /// not be written.
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Relaxed)
    }

    /// Writes what was recorded so far.
    pub async fn flush(&self) {
        let (sender, done) = oneshot::channel();
        if self.queue.send(Message::Flush(sender)).await.is_ok() {
            drop(done.await);
        }
    }

    pub(crate) fn objects(&self) -> &Arc<dyn Objects> {
        &self.objects
    }

    pub(crate) fn record(&self, captured: Captured) {
        let too_large = captured.request.1.len().max(captured.answer.1.len()) > LARGEST;
        let message = Message::Keep(Box::new(captured));
        if too_large || self.queue.try_send(message).is_err() {
            self.left_out.fetch_add(1, Relaxed);
        }
    }
}

/// Bucket and prefix of a capture; its location was checked when the endpoint was made.
pub(crate) fn place(capture: &Capture) -> Option<(String, String)> {
    match Location::parse(&capture.location) {
        Ok(Location::Object { bucket, key }) => {
            let prefix = key.trim_end_matches('/');
            let prefix = if prefix.is_empty() {
                String::new()
            } else {
                format!("{prefix}/")
            };
            Some((bucket, prefix))
        }
        _ => None,
    }
}
