//! The only place that prints: tables for people, JSON for programs.

use crate::failure::Failure;
use comfy_table::{ContentArrangement, Table, presets};
use domain::{Span, Timestamp};
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// How a command speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// JSON instead of text.
    pub(crate) json: bool,
    /// Whether standard output is a terminal.
    pub(crate) terminal: bool,
}

#[expect(
    clippy::unused_self,
    reason = "whoever prints has been handed the right to"
)]
impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            json,
            terminal: std::io::stdout().is_terminal() && !json,
        }
    }

    /// A line for people; nothing in JSON mode.
    pub(crate) fn say(self, line: impl AsRef<str>) {
        if !self.json {
            self.raw(line);
        }
    }

    /// A line in every mode. A closed pipe is no error.
    pub(crate) fn raw(self, line: impl AsRef<str>) {
        let _ = writeln!(std::io::stdout().lock(), "{}", line.as_ref());
    }

    /// Bytes as they are.
    pub(crate) fn bytes(self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    }

    /// A document for programs; nothing for people.
    pub(crate) fn document(self, value: &impl Serialize) {
        if self.json {
            self.value(value);
        }
    }

    /// A document in every mode.
    pub(crate) fn value(self, value: &impl Serialize) {
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.raw(text),
            Err(error) => self.raw(format!("{{\"error\": \"{error}\"}}")),
        }
    }

    /// A table, or in JSON mode the items themselves.
    pub(crate) fn table<T: Serialize>(
        self,
        heads: &[&str],
        items: &[T],
        row: impl Fn(&T) -> Vec<String>,
    ) {
        if self.json {
            return self.value(&items);
        }
        if items.is_empty() {
            return self.raw("nothing there");
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(heads.iter().map(|head| head.to_uppercase()));
        for item in items {
            table.add_row(row(item));
        }
        for line in table.to_string().lines() {
            self.raw(line.trim_end());
        }
    }

    /// The end of a command that failed.
    pub(crate) fn failure(self, failure: &Failure) {
        let mut err = std::io::stderr().lock();
        let _ = if self.json {
            let body = serde_json::json!({"code": failure.code(), "message": failure.message()});
            writeln!(err, "{body}")
        } else {
            writeln!(err, "error: {}", failure.message())
        };
    }

    /// Something to know on standard error.
    pub(crate) fn note(self, line: impl AsRef<str>) {
        let _ = writeln!(std::io::stderr().lock(), "{}", line.as_ref());
    }
}

/// How long ago something was, in words for a table.
pub(crate) fn ago(then: Timestamp) -> String {
    let now = Timestamp(jiff::Timestamp::now().as_millisecond());
    let span = now.since(then).0.max(0);
    match span / 1_000 {
        seconds @ 0..60 => format!("{seconds}s ago"),
        seconds @ 60..3_600 => format!("{}m ago", seconds / 60),
        seconds @ 3_600..172_800 => format!("{}h ago", seconds / 3_600),
        seconds => format!("{}d ago", seconds / 86_400),
    }
}

/// A duration, short.
pub(crate) fn took(from: Timestamp, to: Timestamp) -> String {
    Span(to.since(from).0.max(0)).to_string()
}

/// A number as people write it: at most six significant digits.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}
