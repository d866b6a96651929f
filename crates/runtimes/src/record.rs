//! What a supervisor writes down about a ticket, for whoever comes later.

use crate::process::Identity;
use domain::Timestamp;
use domain::job::Exit;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The code is unpacked and the environment made.
    Environment,
    /// Inputs are copied.
    Inputs,
    /// User code runs.
    Running,
    /// User code has ended; outputs are measured.
    Outputs,
}

/// Where a live ticket stands (`status.json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What is being done.
    pub stage: Stage,
    /// Since when.
    pub since: Timestamp,
    /// The supervisor.
    pub supervisor: Identity,
    /// The first process of user code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Identity>,
    /// When user code was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// Control groups that hold user code, to be emptied when the supervisor is gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<PathBuf>,
}

/// How a ticket ended (`exit.json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitRecord {
    /// As the rest of the house knows it.
    pub exit: Exit,
    /// The Python exception that ended user code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
    /// The environment it ran in, by its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// What it printed.
    #[serde(default)]
    pub log: LogSummary,
}

/// A Python exception as its traceback told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Its class, as in `ValueError`.
    pub class: String,
    /// Its text.
    pub message: String,
    /// The innermost file of the user's code, relative to the code folder where it lies in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line there, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The function there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
}

/// One output folder with what it holds; all of a ticket's are in `outputs.json`, apart from the
/// exit, which is read often and must stay small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collected {
    /// The output's name; `model` and `output` are the common ones.
    pub name: String,
    /// Its folder, relative to the ticket's.
    pub folder: PathBuf,
    /// Its files in the order of their paths.
    pub files: Vec<CollectedFile>,
    /// SHA-256 over names and contents in hexadecimal, as [`archive::Digest`] of the same folder.
    pub content_hash: String,
}

/// A file of an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectedFile {
    /// Relative to the output's folder, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
}

/// How much was printed and how much of it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogSummary {
    /// Lines in all.
    pub lines: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Lines that are not kept.
    pub dropped_lines: u64,
}

impl ExitRecord {
    /// A record of nothing but the exit.
    pub fn bare(exit: Exit) -> Self {
        Self {
            exit,
            exception: None,
            environment: None,
            log: LogSummary::default(),
        }
    }
}
