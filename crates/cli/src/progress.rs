//! Progress of something long: a bar on a terminal, plain lines elsewhere.

use crate::output::Output;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

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
