//! Lines that were not taken, in a file of their own: line, column, reason and the line itself.

use crate::Error;
use crate::row::Reject;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Bytes of a line that are kept.
const KEPT: usize = 4_096;
/// Reasons that are told at once.
const EXAMPLES: usize = 5;

/// The quarantine of one file; made when the first line comes in, removed unless it is kept.
pub(super) struct Quarantine {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    pub(super) lines: u64,
    pub(super) examples: Vec<String>,
    kept: bool,
}

impl Quarantine {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            file: None,
            lines: 0,
            examples: Vec::new(),
            kept: false,
        }
    }

    pub(super) fn put(&mut self, line: u64, reject: &Reject, text: &str) -> Result<(), Error> {
        self.lines += 1;
        if self.examples.len() < EXAMPLES {
            let column = match reject.column.as_str() {
                "" => String::new(),
                column => format!(", `{column}`"),
            };
            self.examples
                .push(format!("line {line}{column}: {}", reject.reason));
        }
        if self.file.is_none() {
            let file = File::create(&self.path).map_err(Error::io(&self.path))?;
            self.file = Some(BufWriter::new(file));
        }
        let mut end = text.len().min(KEPT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let entry = serde_json::json!({
            "line": line,
            "column": reject.column,
            "reason": reject.reason,
            "text": &text[..end],
        });
        match &mut self.file {
            Some(file) => writeln!(file, "{entry}").map_err(Error::io(&self.path)),
            None => Ok(()),
        }
    }

    /// Lets the file stay; its name when there is one.
    pub(super) fn keep(mut self) -> Result<(Option<String>, Vec<String>), Error> {
        let path = self.path.clone();
        let Some(file) = self.file.take() else {
            return Ok((None, Vec::new()));
        };
        let file = file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error);
        file.and_then(|file| file.sync_all())
            .map_err(Error::io(&path))?;
        self.kept = true;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        Ok((name, std::mem::take(&mut self.examples)))
    }
}

impl Drop for Quarantine {
    fn drop(&mut self) {
        if !self.kept && self.lines > 0 {
            let _ = fs::remove_file(&self.path);
        }
    }
}
