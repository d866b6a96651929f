//! Progress of something long: a bar on a terminal, plain lines elsewhere.

use crate::output::Output;
use domain::ByteSize;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Transfers below this are over before anybody reads how far they are.
const WORTH_SAYING: u64 = 32 << 20;

/// A bar that lines are printed above, or nothing but the lines.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    output: Output,
}

impl Progress {
    /// A bar only when standard output is a terminal.
    pub(crate) fn new(output: Output) -> Self {
        let style = ProgressStyle::with_template("{spinner} {pos}/{len} steps {elapsed} {msg}");
        let bar = output.terminal.then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, output }
    }

    /// A line above the bar.
    pub(crate) fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => self.output.say(line),
        }
    }

    /// How far it is, and what is being done.
    pub(crate) fn at(&self, done: usize, all: usize, doing: &str) {
        if let Some(bar) = &self.bar {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
            bar.set_message(doing.to_owned());
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// Progress of bytes that come or go: a bar on a terminal, a line for every tenth elsewhere, both on
/// standard error. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Transfer {
    bar: Option<ProgressBar>,
    output: Output,
    all: u64,
    done: Arc<AtomicU64>,
}

impl Transfer {
    /// Of so many bytes; nothing is shown of a small transfer, nor where programs read.
    pub(crate) fn new(output: Output, all: u64) -> Self {
        let worth = all >= WORTH_SAYING && !output.json;
        let style =
            ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
        let bar = (worth && output.terminal).then(|| {
            let bar = ProgressBar::new(all);
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar
        });
        Self {
            bar,
            output,
            all: if worth { all } else { 0 },
            done: Arc::default(),
        }
    }

    /// So many more.
    pub(crate) fn more(&self, count: u64) {
        let before = self.done.fetch_add(count, Relaxed);
        if let Some(bar) = &self.bar {
            bar.inc(count);
            return;
        }
        let tenth = |bytes: u64| (bytes * 10).checked_div(self.all).unwrap_or(0);
        let now = tenth(before + count);
        if now > tenth(before) {
            let (done, all) = (ByteSize(before + count), ByteSize(self.all));
            self.output.note(format!("{done} of {all}"));
        }
    }
}
