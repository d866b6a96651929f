//! Runs a tool and listens to what it prints.

use super::Environments;
use crate::scripts::inherited;
use crate::{Error, printed::Lines};
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

/// Lines of a tool that are kept for an error.
const KEPT: usize = 60;

/// How a tool ended.
pub(super) struct Ran {
    pub(super) success: bool,
    /// The last lines that it printed, on either stream.
    pub(super) last: Vec<String>,
}

impl Environments {
    /// Runs `program` with nothing of this process' Python settings; `progress` hears its lines.
    pub(super) fn run(
        &self,
        program: &Path,
        arguments: &[&OsStr],
        variables: &[(&str, &str)],
        progress: &mut dyn FnMut(&str),
    ) -> Result<Ran, Error> {
        let start = |source| Error::Start {
            program: program.display().to_string(),
            source,
        };
        let mut line: Vec<OsString> = self.prefix.clone();
        line.push(program.into());
        line.extend(arguments.iter().map(|&argument| argument.to_owned()));
        let (mut reader, writer) = std::io::pipe().map_err(start)?;
        let mut command = Command::new(&line[0]);
        command
            .args(&line[1..])
            .env_clear()
            .envs(inherited(&self.surroundings.variables))
            .envs(self.tool_variables())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(writer.try_clone().map_err(start)?)
            .stderr(writer);
        let mut child = command.spawn().map_err(start)?;
        // The command holds the writing ends: without this the pipe would never end.
        drop(command);
        let mut last = VecDeque::new();
        let mut hear = |line: &str| {
            if line.trim().is_empty() {
                return;
            }
            progress(line);
            last.push_back(line.to_owned());
            if last.len() > KEPT {
                last.pop_front();
            }
        };
        let mut lines = Lines::default();
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            lines.push(&buffer[..count], &mut hear);
        }
        lines.finish(&mut hear);
        let status = child.wait().map_err(start)?;
        Ok(Ran {
            success: status.success(),
            last: last.into(),
        })
    }

    /// `PATH` and the settings that package tools are commonly given by variables.
    fn tool_variables(&self) -> Vec<(&str, &str)> {
        let all = self.surroundings.variables.iter();
        all.map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| {
                *name == "PATH" || name.starts_with("PIP_") || name.starts_with("UV_")
            })
            .collect()
    }
}
