//! The files beside the workload file that it names: scripts, handlers, requirements, samples.
//! All of them must be inside its folder, because the folder is what travels.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use domain::nearest::nearest_names;
use serde_json::Value;

use crate::context::{Context, Place};

/// Requirements and samples are small; what is larger is something else.
const LARGEST: u64 = 16 << 20;

/// Requirements files that include each other.
const DEEPEST_INCLUDE: usize = 8;

impl Context<'_> {
    /// The path of a file in the folder, when it is there.
    fn inside(&mut self, place: &Place, name: &str) -> Option<PathBuf> {
        let path = Path::new(name);
        let safe = path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !safe || name.is_empty() || name.contains('\0') {
            let shown = name.escape_debug();
            self.mistake(
                place,
                format!("`{shown}` must be a file in the folder of this file"),
            );
            return None;
        }
        let folder = self.folder?;
        let whole = folder.join(path);
        if whole.is_file() {
            return Some(whole);
        }
        let beside = whole.parent().unwrap_or(folder);
        let names: Vec<String> = std::fs::read_dir(beside)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        let wanted = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let near = nearest_names(wanted, names.iter().map(String::as_str));
        let hint = near
            .first()
            .map(|near| format!(", did you mean `{near}`?"))
            .unwrap_or_default();
        let shown = name.escape_debug();
        self.mistake(
            place,
            format!("there is no file `{shown}` in `{}`{hint}", folder.display()),
        );
        None
    }

    /// A Python file of the folder.
    pub(crate) fn script(&mut self, place: &Place, name: &str) -> Option<String> {
        let name = self.fixed_text(place, name)?;
        let before = self.mistakes.len();
        let found = self.inside(place, &name);
        // Without a folder nothing can be looked up, and that is no mistake.
        (found.is_some() || self.mistakes.len() == before).then_some(name)
    }

    fn contents(&mut self, place: &Place, name: &str, path: &Path) -> Option<String> {
        let mut text = String::new();
        let read =
            File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text));
        let problem = match read {
            Err(error) => Some(format!("cannot read `{name}`: {error}")),
            Ok(_) if text.len() as u64 > LARGEST => {
                Some(format!("`{name}` has more than {LARGEST} bytes"))
            }
            Ok(_) => None,
        };
        match problem {
            None => Some(text),
            Some(problem) => {
                self.mistake(place, problem);
                None
            }
        }
    }

    fn needs_folder(&mut self, place: &Place, name: &str) {
        if self.folder.is_none() {
            let message = format!("`{name}` can only be read where the folder of this file is");
            self.mistake(place, message);
        }
    }

    /// The JSON of a sample file.
    pub(crate) fn sample(&mut self, place: &Place, name: &str) -> Option<Value> {
        let name = self.fixed_text(place, name)?;
        self.needs_folder(place, &name);
        let path = self.inside(place, &name)?;
        let text = self.contents(place, &name, &path)?;
        match serde_json::from_str(&text) {
            Ok(value) => Some(escaped(value)),
            Err(error) => {
                self.mistake(place, format!("`{name}` is not JSON: {error}"));
                None
            }
        }
    }

    /// The lines of a requirements file without comments; `-r other.txt` is followed.
    pub(crate) fn requirements(&mut self, place: &Place, name: &str) -> Option<Vec<String>> {
        self.needs_folder(place, name);
        let mut lines = Vec::new();
        self.include(place, name, 0, &mut lines)?;
        Some(lines)
    }

    fn include(
        &mut self,
        place: &Place,
        name: &str,
        depth: usize,
        lines: &mut Vec<String>,
    ) -> Option<()> {
        if depth > DEEPEST_INCLUDE {
            self.mistake(
                place,
                format!("requirements files include each other at `{name}`"),
            );
            return None;
        }
        let path = self.inside(place, name)?;
        let text = self.contents(place, name, &path)?;
        // A backslash at the end of a line joins it with the next, as in pip.
        for line in text.replace("\\\r\n", " ").replace("\\\n", " ").lines() {
            let line = without_comment(line);
            let included = ["-r ", "--requirement ", "--requirement="]
                .iter()
                .find_map(|option| line.strip_prefix(option));
            if let Some(other) = included {
                let beside = Path::new(name).with_file_name(other.trim());
                let Some(beside) = beside.to_str().map(str::to_owned) else {
                    continue;
                };
                self.include(place, &beside, depth + 1, lines)?;
            } else if !line.is_empty() {
                lines.push(line.to_owned());
            }
        }
        Some(())
    }
}

/// A sample is sent as it is: what looks like an expression in it is none.
fn escaped(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace("${", "$${")),
        Value::Array(elements) => elements.into_iter().map(escaped).collect(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, entry)| (key, escaped(entry)))
            .collect(),
        other => other,
    }
}

/// A `#` begins a comment at the start of a line or after a space, so that fragments of addresses
/// stay.
fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') {
        return "";
    }
    line.find(" #")
        .or_else(|| line.find("\t#"))
        .map_or(line, |at| line[..at].trim_end())
}
