//! Reads what a worker prints, to its end, and keeps its last words for error messages.

use crate::logs::{Lines, LogLine, LogSink, Stream};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::Instant;

const LAST_LINES: usize = 5;
const LONGEST_LAST_WORDS: usize = 1_000;

/// How the interpreter begins its report of a fatal signal (the faulthandler module).
const FATAL: &str = "Fatal Python error";

/// The last lines of standard error or, after a fatal error of the interpreter, the first lines of
/// its report, which have the place in the user's code.
#[derive(Debug, Clone, Default)]
pub(super) struct LastWords(Arc<Mutex<VecDeque<String>>>);

impl LastWords {
    fn hear(&self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if line.starts_with(FATAL) {
            lines.clear();
        }
        if lines.len() >= LAST_LINES {
            if lines.front().is_some_and(|first| first.starts_with(FATAL)) {
                return;
            }
            lines.pop_front();
        }
        lines.push_back(line.chars().take(LONGEST_LAST_WORDS).collect());
    }

    /// The lines, joined.
    pub(super) fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let joined = lines
            .iter()
            .map(|line| line.trim())
            .collect::<Vec<_>>()
            .join(" | ");
        let extra = joined.chars().count().saturating_sub(LONGEST_LAST_WORDS);
        joined.chars().skip(extra).collect()
    }
}

/// Passes the lines of one stream on until it ends. `like` is a line with everything but its text.
pub(super) async fn follow(
    mut stream: impl AsyncRead + Unpin,
    like: LogLine,
    sink: Arc<dyn LogSink>,
    last_words: LastWords,
) {
    let mut buffer = vec![0; 32 * 1024];
    let mut lines = Lines::new(Instant::now());
    let pass = |texts: Vec<String>| {
        for text in texts {
            if like.stream == Stream::Error {
                last_words.hear(&text);
            }
            sink.take(LogLine {
                text,
                ..like.clone()
            });
        }
    };
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => pass(lines.feed(&buffer[..count], Instant::now())),
        }
    }
    pass(lines.finish());
}
