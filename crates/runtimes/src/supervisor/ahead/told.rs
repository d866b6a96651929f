//! What an interpreter that was started before its job was known is told of it.

use super::super::enter::{self, Entry};
use super::alike::{is_plain, read_at_start, shadows};
use super::{Ahead, installed};
use crate::Layout;
use crate::launch::Launch;
use crate::scripts::{self, BASE, Places};

impl Ahead {
    /// The message for a ticket; `None` when the interpreter is not started as the ticket's own
    /// would be. `before` is the folder of packages that the interpreter began with, `view` the
    /// mount namespace that it has yet to enter.
    pub(in crate::supervisor) fn message(
        &self,
        (before, view): (&str, &str),
        launch: &Launch,
        layout: &Layout,
        entry: &Entry,
    ) -> Option<Vec<u8>> {
        let places = Places {
            base: BASE.into(),
            temporary: layout.temporary(),
            python: entry.python.clone(),
        };
        let line = scripts::command_line(launch, &places).ok()?;
        let path = enter::path(&entry.python, &entry.search_path);
        let outside = entry.inherited.clone();
        let variables = enter::variables(outside, path, launch, &places, layout).ok()?;
        let is_alike = is_plain(launch)
            && entry.is_unlimited()
            && self.python == entry.python
            && self.line == line
            && self.variables == read_at_start(&variables)
            && !shadows(&layout.code());
        if !is_alike {
            return None;
        }
        let mut parts = vec![
            places.code().display().to_string(),
            layout.refusal().display().to_string(),
            before.to_owned(),
            installed(&layout.temporary()),
            view.to_owned(),
        ];
        parts.extend(
            variables
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        parts.push("go".to_owned());
        Some(parts.join("\0").into_bytes())
    }
}
