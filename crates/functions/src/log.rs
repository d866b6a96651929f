//! What functions print, kept for each function and cut out for each call.

use contracts::functions::FunctionLogLine;
use contracts::world::World;
use domain::{FunctionName, Workspace};
use serving::logs::{LogLine, LogSink, Stream};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;

/// Bytes of a call's log that its caller may get back (AWS Lambda, Invoke, `LogType`).
const TAIL: usize = 4 * 1024;
/// Lines of a function that are kept.
const KEPT: usize = 5_000;
/// What the worker prints on both streams when a call is over.
const END: &str = "\u{1e}tradewind-end ";
/// How long the end of the prints is waited for; it is overdue when the code closed its streams or
/// printed more than is passed on.
const PATIENCE: Duration = Duration::from_millis(100);
/// For instances that mark nothing: what was printed before the answer is on its way already.
const MOMENT: Duration = Duration::from_millis(3);

type Key = (Workspace, FunctionName);

/// The logs of all functions of a server.
pub(crate) struct Logs {
    world: World,
    lines: Mutex<BTreeMap<Key, Lines>>,
    instances: Mutex<HashMap<u64, Weak<InstanceLog>>>,
}

/// The last lines of a function, and how many there were.
#[derive(Default)]
struct Lines {
    last: VecDeque<FunctionLogLine>,
    count: u64,
}

/// The log of one instance.
pub(crate) struct InstanceLog {
    logs: Weak<Logs>,
    key: Key,
    /// Its name, as Lambda names log streams.
    pub(crate) stream: String,
    number: u64,
    call: Mutex<CallLog>,
    over: Notify,
}

#[derive(Default)]
struct CallLog {
    request: String,
    tail: VecDeque<u8>,
    ended: [bool; 2],
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Logs {
    pub(crate) fn new(world: World) -> Arc<Self> {
        Arc::new(Self {
            world,
            lines: Mutex::default(),
            instances: Mutex::default(),
        })
    }

    /// The log of the launch with this number, which no other launch of this server has.
    pub(crate) fn instance(
        self: &Arc<Self>,
        key: Key,
        stream: String,
        number: u64,
    ) -> Arc<InstanceLog> {
        let log = Arc::new(InstanceLog {
            logs: Arc::downgrade(self),
            key,
            stream,
            number,
            call: Mutex::default(),
            over: Notify::new(),
        });
        locked(&self.instances).insert(number, Arc::downgrade(&log));
        log
    }

    /// The last lines of a function, the oldest first.
    pub(crate) fn last(&self, key: &Key, limit: usize) -> Vec<FunctionLogLine> {
        let lines = locked(&self.lines);
        let Some(lines) = lines.get(key) else {
            return Vec::new();
        };
        let skipped = lines.last.len().saturating_sub(limit);
        lines.last.iter().skip(skipped).cloned().collect()
    }

    fn keep(&self, key: &Key, stream: &str, text: &str) {
        let mut all = locked(&self.lines);
        let lines = all.entry(key.clone()).or_default();
        if lines.last.len() >= KEPT {
            lines.last.pop_front();
        }
        lines.count += 1;
        lines.last.push_back(FunctionLogLine {
            number: lines.count,
            time: self.world.now(),
            stream: stream.to_owned(),
            text: text.to_owned(),
        });
    }
}

impl LogSink for Logs {
    fn take(&self, line: LogLine) {
        let found = locked(&self.instances)
            .get(&line.replica)
            .and_then(Weak::upgrade);
        if let Some(instance) = found {
            instance.take(line.stream, &line.text);
        }
    }
}

impl InstanceLog {
    /// One line of the instance.
    pub(crate) fn take(&self, stream: Stream, text: &str) {
        let (text, mark) = match text.find(END) {
            Some(at) => (&text[..at], Some(&text[at + END.len()..])),
            None => (text, None),
        };
        if mark.is_none() || !text.is_empty() {
            self.write(text);
        }
        if let Some(request) = mark {
            let mut call = locked(&self.call);
            if call.request == request {
                call.ended[usize::from(stream == Stream::Error)] = true;
                drop(call);
                self.over.notify_one();
            }
        }
    }

    /// A line of the log, by the code or by the platform.
    pub(crate) fn write(&self, text: &str) {
        if let Some(logs) = self.logs.upgrade() {
            logs.keep(&self.key, &self.stream, text);
        }
        let mut call = locked(&self.call);
        call.tail.extend(text.bytes());
        call.tail.push_back(b'\n');
        let extra = call.tail.len().saturating_sub(TAIL);
        call.tail.drain(..extra);
    }

    /// A call begins.
    pub(crate) fn begin(&self, request: &str) {
        *locked(&self.call) = CallLog {
            request: request.to_owned(),
            ..CallLog::default()
        };
    }

    /// Waits until all that the call printed has arrived.
    pub(crate) async fn settled(&self, marked: bool) {
        if !marked {
            tokio::time::sleep(MOMENT).await;
            return;
        }
        let arrived = async {
            while locked(&self.call).ended != [true; 2] {
                self.over.notified().await;
            }
        };
        let _ = timeout(PATIENCE, arrived).await;
    }

    /// The last 4 KiB of the call's log.
    pub(crate) fn tail(&self) -> String {
        let call = locked(&self.call);
        let bytes: Vec<u8> = call.tail.iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for InstanceLog {
    fn drop(&mut self) {
        if let Some(logs) = self.logs.upgrade() {
            locked(&logs.instances).remove(&self.number);
        }
    }
}
