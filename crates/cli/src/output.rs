//! The only place that prints: tables for people, JSON for programs.

use crate::failure::Failure;
use comfy_table::{ContentArrangement, Table, presets};
use domain::{Span, Timestamp};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

/// How a command speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// JSON instead of text.
    pub(crate) json: bool,
    /// Comma-separated lines instead of tables; nothing else is said then.
    pub(crate) csv: bool,
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
            csv: false,
            terminal: std::io::stdout().is_terminal() && !json,
        }
    }

    /// The same with comma-separated lines when they are wanted.
    pub(crate) fn with_csv(self, csv: bool) -> Self {
        Self { csv, ..self }
    }

    /// A line for people; nothing for programs.
    pub(crate) fn say(self, line: impl AsRef<str>) {
        if !self.json && !self.csv {
            self.raw(visible(line.as_ref(), &['\n', '\t']));
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

    /// A table, or for programs the items themselves.
    pub(crate) fn table<T: Serialize>(
        self,
        heads: &[&str],
        items: &[T],
        row: impl Fn(&T) -> Vec<String>,
    ) {
        if self.json {
            return self.value(&items);
        }
        if self.csv {
            return self.lines(items);
        }
        if items.is_empty() {
            return self.raw("nothing there");
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        // Folded to the terminal's width; elsewhere a line is as long as it must be.
        if self.terminal
            && let Some((_, columns)) = console::Term::stdout().size_checked()
        {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(columns);
        }
        table.set_header(heads.iter().map(|head| head.to_uppercase()));
        for item in items {
            let cells = row(item).into_iter();
            table.add_row(cells.map(|cell| visible(&cell, &[]).into_owned()));
        }
        for line in table.to_string().lines() {
            self.raw(line.trim_end());
        }
    }

    /// Items as comma-separated lines: a column for each field, those of fields within with a dot, and
    /// lists as JSON. Figures have all their digits.
    pub(crate) fn lines(self, items: &[impl Serialize]) {
        match csv_of(items) {
            Ok(bytes) => self.bytes(&bytes),
            Err(error) => self.note(format!("the lines cannot be written: {error}")),
        }
    }

    /// The end of a command that failed.
    pub(crate) fn failure(self, failure: &Failure) {
        let mut err = std::io::stderr().lock();
        let _ = if self.json {
            let body = serde_json::json!({"code": failure.code(), "message": failure.message()});
            writeln!(err, "{body}")
        } else {
            let message = visible(failure.message(), &['\n', '\t']);
            writeln!(err, "error: {message}")
        };
    }

    /// Something to know on standard error.
    pub(crate) fn note(self, line: impl AsRef<str>) {
        let line = visible(line.as_ref(), &['\n', '\t']);
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}

/// A text whose control characters, but for those that are kept, are written as `\u{1b}`: what others
/// have named shall not command a terminal.
fn visible<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    let commands = |letter: &char| letter.is_control() && !kept.contains(letter);
    if !text.chars().any(|letter| commands(&letter)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if commands(&letter) {
            out.extend(letter.escape_unicode());
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
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

fn csv_of(items: &[impl Serialize]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut heads: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for item in items {
        let mut row = BTreeMap::new();
        flatten("", &serde_json::to_value(item)?, &mut heads, &mut row);
        rows.push(row);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    if !heads.is_empty() {
        writer.write_record(&heads)?;
    }
    for row in &rows {
        let cell = |head: &String| row.get(head).map_or("", String::as_str);
        writer.write_record(heads.iter().map(cell))?;
    }
    Ok(writer.into_inner()?)
}

/// The fields of a value by name; new names go behind those that are known.
fn flatten(name: &str, value: &Value, heads: &mut Vec<String>, row: &mut BTreeMap<String, String>) {
    let text = match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() {
                    field.clone()
                } else {
                    format!("{name}.{field}")
                };
                flatten(&name, value, heads, row);
            }
            return;
        }
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if !heads.iter().any(|head| head == name) {
        heads.push(name.to_owned());
    }
    row.insert(name.to_owned(), text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_do_not_command_a_terminal() {
        assert_eq!(visible("a\u{1b}[2Jb\n", &['\n']), "a\\u{1b}[2Jb\n");
        assert_eq!(visible("a\n\u{9b}", &[]), "a\\u{a}\\u{9b}");
        assert!(matches!(visible("Größe · 5 %", &[]), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_have_a_column_for_each_field_of_any_item() {
        let items = [
            json!({"name": "a,b", "sums": {"billed": "1.50", "left": null}}),
            json!({"name": "c", "sums": {"billed": "2"}, "alerts": ["x", "y"]}),
        ];
        let bytes = csv_of(&items).unwrap();
        let expected =
            "name,sums.billed,sums.left,alerts\n\"a,b\",1.50,,\nc,2,,\"[\"\"x\"\",\"\"y\"\"]\"\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        assert!(csv_of(&[] as &[Value]).unwrap().is_empty());
    }
}
