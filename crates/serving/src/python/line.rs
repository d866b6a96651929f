//! The socket of a worker. A call is written while the worker still computes those before it, so
//! that it need not wait for us between two calls; it answers them in their order, one at a time.

use super::frame::{self, FrameError};
use super::messages::{Order, Reply};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex as Guard, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::BufReader;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex, oneshot};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::AbortOnDropHandle;

/// So many calls are written ahead at most. At [`FAST`] each, the last of them waits 16 ms, less
/// than what is worth another replica.
const AHEAD: usize = 8;
/// Calls are written ahead while they take no longer than this.
const FAST: Duration = Duration::from_millis(2);
/// A call that has been computed for so long is not one of the fast ones.
const STUCK: Duration = Duration::from_millis(10);
/// What calls are taken to last before any was answered.
const UNKNOWN: Duration = Duration::from_millis(100);
/// Bytes of answers that are read with one system call.
const BUFFER: usize = 64 << 10;

/// Both directions of the socket.
pub(super) struct Line {
    writer: Mutex<Writer>,
    pending: Arc<Guard<Pending>>,
    _reader: AbortOnDropHandle<()>,
}

struct Writer {
    socket: OwnedWriteHalf,
    calls: u64,
    /// Whether every frame so far is whole.
    whole: bool,
}

/// The calls that were written and not answered yet, in their order.
struct Pending {
    calls: VecDeque<Waiting>,
    /// Since when the first of them is being computed.
    since: Instant,
    /// How long calls take, the last ones most.
    pace: Duration,
    /// Nothing will be read any more.
    over: bool,
}

struct Waiting {
    id: u64,
    /// Most bytes of its answer.
    most: usize,
    answer: oneshot::Sender<Result<(Reply, Bytes), Failure>>,
}

/// Why a call got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The socket ended; the worker had not begun with the call.
    Unseen,
    /// The socket ended, or what came was no answer, while the worker was at the call.
    Broken,
    /// The answer has so many bytes.
    TooLarge(u64),
    /// The worker has been at the call for longer than the limit.
    Hung,
}

impl Line {
    /// Over a socket whose worker has loaded.
    pub(super) fn new(socket: UnixStream) -> Self {
        let (reader, socket) = socket.into_split();
        let pending = Arc::new(Guard::new(Pending {
            calls: VecDeque::new(),
            since: Instant::now(),
            pace: UNKNOWN,
            over: false,
        }));
        let reader = tokio::spawn(listen(reader, Arc::clone(&pending)));
        Self {
            writer: Mutex::new(Writer {
                socket,
                calls: 0,
                whole: true,
            }),
            pending,
            _reader: AbortOnDropHandle::new(reader),
        }
    }

    /// Sends an order and gives what the worker says to it, with the number of the order. The
    /// worker may be at it for as long as `limit`, from when it was done with those before.
    pub(super) async fn ask<'a>(
        &self,
        order: impl FnOnce(u64) -> Order<'a>,
        body: &Bytes,
        most: usize,
        limit: Duration,
    ) -> Result<(Reply, Bytes, u64), Failure> {
        let mut writer = self.writer.lock().await;
        if !writer.whole {
            return Err(Failure::Unseen);
        }
        writer.calls += 1;
        let id = writer.calls;
        let (answer, mut answered) = oneshot::channel();
        let waiting = Waiting { id, most, answer };
        if !lock(&self.pending).push(waiting) {
            return Err(Failure::Unseen);
        }
        // The worker calls user code only when it has the whole frame.
        writer.whole = false;
        if frame::write(&mut writer.socket, &order(id), body)
            .await
            .is_err()
        {
            return Err(Failure::Unseen);
        }
        writer.whole = true;
        drop(writer);
        let mut until = Instant::now() + limit;
        loop {
            if let Ok(answer) = timeout_at(until, &mut answered).await {
                let (reply, body) = answer.unwrap_or(Err(Failure::Broken))?;
                return Ok((reply, body, id));
            }
            match lock(&self.pending).begun(id) {
                Some(since) if since.elapsed() >= limit => return Err(Failure::Hung),
                Some(since) => until = since + limit,
                // One before it takes too long, which is that one's affair.
                None => until = Instant::now() + limit,
            }
        }
    }

    /// How many calls it takes besides the one that is computed.
    pub(super) fn ahead(&self) -> usize {
        let pending = lock(&self.pending);
        let is_stuck = !pending.calls.is_empty() && pending.since.elapsed() > STUCK;
        if pending.pace > FAST || is_stuck {
            0
        } else {
            AHEAD
        }
    }

    /// Tells the worker to leave, when nothing is being written; whether it was told.
    pub(super) async fn stop(&self, grace: Duration) -> bool {
        let Ok(mut writer) = self.writer.try_lock() else {
            return false;
        };
        let is_idle = lock(&self.pending).calls.is_empty();
        if !std::mem::replace(&mut writer.whole, false) || !is_idle {
            return false;
        }
        let nothing = Bytes::new();
        let told = frame::write(&mut writer.socket, &Order::Stop, &nothing);
        matches!(timeout(grace, told).await, Ok(Ok(())))
    }
}

impl Pending {
    /// Puts a call behind the others; false when none is answered any more.
    fn push(&mut self, waiting: Waiting) -> bool {
        if self.over {
            return false;
        }
        if self.calls.is_empty() {
            self.since = Instant::now();
        }
        self.calls.push_back(waiting);
        true
    }

    /// Since when a call is being computed, if it is.
    fn begun(&self, id: u64) -> Option<Instant> {
        let first = self.calls.front()?;
        (first.id == id).then_some(self.since)
    }

    /// Takes the first call, which is answered.
    fn answered(&mut self) -> Option<Waiting> {
        let first = self.calls.pop_front()?;
        let now = Instant::now();
        let took = now.saturating_duration_since(self.since);
        self.pace = (self.pace * 7 + took) / 8;
        self.since = now;
        Some(first)
    }
}

fn lock(pending: &Guard<Pending>) -> MutexGuard<'_, Pending> {
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands out the answers until the socket ends.
async fn listen(socket: OwnedReadHalf, pending: Arc<Guard<Pending>>) {
    let mut stream = BufReader::with_capacity(BUFFER, socket);
    let first = loop {
        let Ok(lengths) = frame::lengths(&mut stream).await else {
            break Failure::Broken;
        };
        // What says something without having been asked is none of ours.
        let Some(most) = lock(&pending).calls.front().map(|first| first.most) else {
            break Failure::Broken;
        };
        let (reply, body) = match frame::rest(&mut stream, lengths, most).await {
            Ok(frame) => frame,
            Err(FrameError::TooLarge { bytes }) => break Failure::TooLarge(bytes),
            Err(FrameError::Stream(_) | FrameError::Header(_)) => break Failure::Broken,
        };
        let leaves = matches!(&reply, Reply::Error { leaves: true, .. });
        let answered = lock(&pending).answered();
        if let Some(answered) = answered {
            // A caller who gave up needs no answer.
            drop(answered.answer.send(Ok((reply, body))));
        }
        if leaves {
            break Failure::Unseen;
        }
    };
    let mut pending = lock(&pending);
    pending.over = true;
    let mut failure = first;
    for waiting in pending.calls.drain(..) {
        drop(waiting.answer.send(Err(failure)));
        failure = Failure::Unseen;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const LONG: Duration = Duration::from_mins(1);

    fn order(id: u64) -> Order<'static> {
        Order::Invoke {
            id,
            content_type: "",
            accept: "",
            traceparent: None,
        }
    }

    /// A line, and the worker's end of it.
    fn line() -> (Arc<Line>, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (Arc::new(Line::new(ours)), theirs)
    }

    fn ask(
        line: &Arc<Line>,
        limit: Duration,
    ) -> tokio::task::JoinHandle<Result<(Reply, Bytes, u64), Failure>> {
        let line = Arc::clone(line);
        tokio::spawn(async move { line.ask(order, &Bytes::new(), 10, limit).await })
    }

    async fn heard(theirs: &mut UnixStream) -> u64 {
        let (header, _): (Value, Bytes) = frame::read(theirs, 10).await.unwrap();
        header["id"].as_u64().unwrap()
    }

    async fn say(theirs: &mut UnixStream, reply: Value, body: &'static [u8]) {
        frame::write(theirs, &reply, &Bytes::from_static(body))
            .await
            .unwrap();
    }

    fn answer(id: u64) -> Value {
        json!({"kind": "answer", "id": id, "status": 200, "content_type": "text/plain"})
    }

    #[tokio::test]
    async fn a_call_is_written_before_the_one_before_it_is_answered() {
        let (line, mut theirs) = line();
        let first = ask(&line, LONG);
        assert_eq!(heard(&mut theirs).await, 1);
        let second = ask(&line, LONG);
        assert_eq!(heard(&mut theirs).await, 2);
        say(&mut theirs, answer(1), b"one").await;
        say(&mut theirs, answer(2), b"two").await;
        assert_eq!(first.await.unwrap().unwrap().1, "one");
        assert_eq!(second.await.unwrap().unwrap().1, "two");
    }

    #[tokio::test]
    async fn when_the_worker_dies_only_the_call_it_was_at_may_have_been_seen() {
        let (line, mut theirs) = line();
        let mut calls = Vec::new();
        for id in 1..=3 {
            calls.push(ask(&line, LONG));
            assert_eq!(heard(&mut theirs).await, id);
        }
        say(&mut theirs, answer(1), b"").await;
        drop(theirs);
        let mut ends = Vec::new();
        for call in calls {
            ends.push(call.await.unwrap().err());
        }
        assert_eq!(ends, [None, Some(Failure::Broken), Some(Failure::Unseen)]);
        let late = ask(&line, LONG).await.unwrap();
        assert_eq!(late.err(), Some(Failure::Unseen));
    }

    #[tokio::test]
    async fn what_was_written_ahead_of_a_worker_that_leaves_was_not_seen() {
        let (line, mut theirs) = line();
        let first = ask(&line, LONG);
        assert_eq!(heard(&mut theirs).await, 1);
        let second = ask(&line, LONG);
        assert_eq!(heard(&mut theirs).await, 2);
        let fault = json!({"type": "MemoryError", "message": "", "stage": "predict"});
        let reply = json!({"kind": "error", "id": 1, "error": fault, "leaves": true});
        say(&mut theirs, reply, b"").await;
        assert!(matches!(
            first.await.unwrap(),
            Ok((Reply::Error { .. }, _, 1))
        ));
        assert_eq!(second.await.unwrap().err(), Some(Failure::Unseen));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_hangs_from_when_it_is_its_turn() {
        let (line, mut theirs) = line();
        let second_limit = Duration::from_secs(5);
        let first = ask(&line, LONG);
        assert_eq!(heard(&mut theirs).await, 1);
        let second = ask(&line, second_limit);
        assert_eq!(heard(&mut theirs).await, 2);
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert!(!second.is_finished());
        let turn = Instant::now();
        say(&mut theirs, answer(1), b"").await;
        assert!(first.await.unwrap().is_ok());
        assert_eq!(second.await.unwrap().err(), Some(Failure::Hung));
        assert!(turn.elapsed() >= second_limit);
    }

    #[tokio::test]
    async fn an_answer_that_is_too_large_and_one_that_nobody_asked_for_end_the_line() {
        let (line, mut theirs) = line();
        let call = ask(&line, LONG);
        assert_eq!(heard(&mut theirs).await, 1);
        say(&mut theirs, answer(1), b"twelve bytes").await;
        assert_eq!(call.await.unwrap().err(), Some(Failure::TooLarge(12)));

        let (line, mut theirs) = self::line();
        say(&mut theirs, answer(1), b"").await;
        while !lock(&line.pending).over {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask(&line, LONG).await.unwrap().err(), Some(Failure::Unseen));
    }

    #[tokio::test]
    async fn calls_are_taken_ahead_once_they_proved_fast() {
        let (line, mut theirs) = line();
        assert_eq!(line.ahead(), 0);
        for id in 1..=200 {
            let call = ask(&line, LONG);
            assert_eq!(heard(&mut theirs).await, id);
            say(&mut theirs, answer(id), b"").await;
            call.await.unwrap().unwrap();
        }
        assert_eq!(line.ahead(), AHEAD);
        lock(&line.pending).pace = FAST * 2;
        assert_eq!(line.ahead(), 0);
    }
}
