//! What to do next, as commands that work as they stand.

use crate::arguments::Arguments;
use crate::client::Client;
use crate::output::Output;
use std::path::Path;

/// What commands must be told to work on what was run.
pub(super) struct Hints<'a> {
    /// The folder or workload file.
    path: &'a Path,
    /// The data folder, where it is not the one that commands find by themselves.
    data: Option<&'a Path>,
}

impl<'a> Hints<'a> {
    pub(super) fn new(arguments: &'a Arguments, path: &'a Path) -> Self {
        let usual = std::env::var_os("TRADEWIND_DATA");
        let given = arguments.data.as_deref();
        let data = given.filter(|data| usual.as_deref() != Some(data.as_os_str()));
        Self { path, data }
    }

    /// Says what can be done with what is there now.
    pub(super) fn say(&self, client: &Client, endpoint: Option<&str>, output: Output) {
        output.say("next:");
        let program = self.program();
        let mut next = Vec::new();
        if let Some(name) = endpoint {
            next.push((
                format!("{program} predict {name} {}", self.payload()),
                "ask it yourself",
            ));
            next.push((
                format!(
                    "curl -H \"Authorization: Bearer $({program} keys show)\" {}/v2/models/{name}",
                    client.address()
                ),
                "Open Inference Protocol",
            ));
        }
        next.push((format!("{program} models"), "versions, metrics, lineage"));
        next.push((format!("{program} pipelines"), "runs and their steps"));
        let width = next.iter().map(|(line, _)| line.len()).max().unwrap_or(0);
        for (line, what) in next {
            output.say(format!("  {line:<width$}  {what}"));
        }
    }

    /// This program as it was called, which need not be on the search path: `cargo run` leaves it
    /// in its own folder.
    fn program(&self) -> String {
        let called = std::env::args_os().next();
        let called = called.and_then(|called| called.into_string().ok());
        let called = called.unwrap_or_else(|| "tradewind".to_owned());
        match self.data {
            None => called,
            Some(data) => format!("{called} --data {}", quoted(&data.to_string_lossy())),
        }
    }

    /// What to send by hand: the sample beside the workload file, else a file of the user's.
    fn payload(&self) -> String {
        let folder = if self.path.is_dir() {
            Some(self.path)
        } else {
            self.path.parent()
        };
        let sample = folder.map(|folder| folder.join("sample.json"));
        match sample.filter(|sample| sample.is_file()) {
            Some(sample) => quoted(&sample.to_string_lossy()),
            None => "FILE".to_owned(),
        }
    }
}

/// A word that a shell takes as one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%=".contains(c);
    if word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_one_to_a_shell() {
        assert_eq!(quoted("a/b-c.json"), "a/b-c.json");
        assert_eq!(quoted("my folder/it's"), "'my folder/it'\\''s'");
    }
}
