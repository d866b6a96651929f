//! Hears what user code prints and makes of it what is kept: the log, the metrics, the exception.

use super::context::Context;
use super::started::Started;
use crate::printed::{Lines, MetricFinder, Stream, TracebackFinder};
use crate::record::Exception;
use crate::scripts::BASE;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// For what is still in the pipes after all writers were killed.
const DRAIN: Duration = Duration::from_secs(2);
/// Last lines of standard error that an error without exception quotes.
const QUOTED: usize = 5;
/// Characters of a quoted line.
const LONGEST_QUOTE: usize = 500;
/// Metrics of one attempt that are kept.
const MOST_METRICS: u64 = 1_000_000;
const PORTION: usize = 64 << 10;

struct Pipe {
    stream: Stream,
    file: Option<File>,
    lines: Lines,
}

/// What user code prints.
pub(super) struct Hearing<'a> {
    context: &'a Context<'a>,
    pipes: [Pipe; 2],
    finder: MetricFinder,
    metrics: Option<File>,
    metric_count: u64,
    tracebacks: TracebackFinder,
    quoted: VecDeque<String>,
    buffer: Vec<u8>,
}

impl<'a> Hearing<'a> {
    /// Takes the reading ends of a child's streams.
    pub(super) fn new(context: &'a Context<'a>, finder: MetricFinder, child: Started) -> Self {
        let pipe = |stream, file| Pipe {
            stream,
            file,
            lines: Lines::default(),
        };
        let pipes = [
            pipe(Stream::Output, child.output),
            pipe(Stream::Error, child.error),
        ];
        Self {
            context,
            pipes,
            finder,
            metrics: None,
            metric_count: 0,
            tracebacks: TracebackFinder::default(),
            quoted: VecDeque::new(),
            buffer: vec![0; PORTION],
        }
    }

    /// Hears what is left once nobody can print any more.
    pub(super) fn finish(&mut self) {
        let deadline = Instant::now() + DRAIN;
        while self.pipes.iter().any(|pipe| pipe.file.is_some()) && Instant::now() < deadline {
            self.listen(deadline.saturating_duration_since(Instant::now()));
        }
        for index in 0..self.pipes.len() {
            self.finish_pipe(index);
        }
    }

    /// The exception that was heard last, and the last lines of standard error.
    pub(super) fn conclude(self) -> (Option<Exception>, Vec<String>) {
        let base = self.context.layout.code();
        let seen = Path::new(BASE).join("code");
        (self.tracebacks.finish(&[&base, &seen]), self.quoted.into())
    }

    /// Waits for signals and for output, and takes the output.
    pub(super) fn listen(&mut self, timeout: Duration) {
        let mut descriptors = vec![PollFd::new(self.context.signals.as_fd(), PollFlags::POLLIN)];
        let mut order = Vec::new();
        for (index, pipe) in self.pipes.iter().enumerate() {
            if let Some(file) = &pipe.file {
                descriptors.push(PollFd::new(file.as_fd(), PollFlags::POLLIN));
                order.push(index);
            }
        }
        // Rounded up, so that a deadline has passed when the wait for it ends.
        let timeout = timeout.as_millis() as u64 + u64::from(!timeout.is_zero());
        let timeout = PollTimeout::try_from(timeout).unwrap_or(PollTimeout::MAX);
        if poll(&mut descriptors, timeout).is_err() {
            return;
        }
        let ready: Vec<bool> = descriptors
            .iter()
            .skip(1)
            .map(|one| one.any() == Some(true))
            .collect();
        drop(descriptors);
        let mut heard = false;
        for (index, ready) in order.into_iter().zip(ready) {
            if ready {
                self.read_pipe(index);
                heard = true;
            }
        }
        if heard {
            self.context.log().flush();
        }
    }

    fn read_pipe(&mut self, index: usize) {
        let count = match &mut self.pipes[index].file {
            Some(file) => file.read(&mut self.buffer).unwrap_or(0),
            None => return,
        };
        if count == 0 {
            self.finish_pipe(index);
            return;
        }
        let mut found = Vec::new();
        self.pipes[index]
            .lines
            .push(&self.buffer[..count], &mut |line| {
                found.push(line.to_owned());
            });
        self.take_lines(self.pipes[index].stream, &found);
    }

    fn finish_pipe(&mut self, index: usize) {
        let mut found = Vec::new();
        self.pipes[index]
            .lines
            .finish(&mut |line| found.push(line.to_owned()));
        self.pipes[index].file = None;
        self.take_lines(self.pipes[index].stream, &found);
    }

    fn take_lines(&mut self, stream: Stream, lines: &[String]) {
        let now = self.context.now();
        let mut metrics = Vec::new();
        let mut log = self.context.log();
        for line in lines {
            log.write(now, stream, line);
            for metric in self.finder.find(now, line) {
                if self.metric_count < MOST_METRICS
                    && serde_json::to_writer(&mut metrics, &metric).is_ok()
                {
                    metrics.push(b'\n');
                    self.metric_count += 1;
                }
            }
            if stream == Stream::Error {
                self.tracebacks.read(line);
                if !line.trim().is_empty() {
                    self.quoted
                        .push_back(line.chars().take(LONGEST_QUOTE).collect());
                }
                if self.quoted.len() > QUOTED {
                    self.quoted.pop_front();
                }
            }
        }
        drop(log);
        self.keep_metrics(&metrics);
    }

    fn keep_metrics(&mut self, lines: &[u8]) {
        if lines.is_empty() {
            return;
        }
        if self.metrics.is_none() {
            let path = self.context.layout.metrics();
            self.metrics = File::options().create(true).append(true).open(path).ok();
        }
        if let Some(file) = &mut self.metrics {
            let _ = file.write_all(lines);
        }
    }
}
