//! What the local provider is told at its start.

use super::MachineFacts;
use domain::ByteSize;
use domain::resources::Limits;
use runtimes::launch::LogLimits;
use std::ffi::OsString;
use std::path::PathBuf;

/// Settings of the local provider.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder below which tickets are kept.
    pub data: PathBuf,
    /// The folder below which environments and tools are kept; several installations may share
    /// one. The data folder unless given.
    pub shared: PathBuf,
    /// The program and its first arguments; the ticket's folder is appended. It answers with
    /// `runtimes::supervisor::command`.
    pub supervisor: Vec<OsString>,
    /// What this machine has.
    pub machine: MachineFacts,
    /// Limits of workloads that give none of their own.
    pub limits: Limits,
    /// How much of a log is kept.
    pub log: LogLimits,
}

impl Config {
    /// Settings for a data folder and this machine: a workload without limits of its own gets
    /// nine tenths of the memory and 8,192 processes, so that it cannot take the server with it.
    pub fn new(data: impl Into<PathBuf>, supervisor: Vec<OsString>, machine: MachineFacts) -> Self {
        // Jobs work in folders of their own, where a relative path would mean something else.
        let data: PathBuf = data.into();
        let data = std::path::absolute(&data).unwrap_or(data);
        let memory = machine.memory.0 / 10 * 9;
        let limits = Limits {
            memory: (memory > 0).then_some(ByteSize(memory)),
            processes: Some(8192),
            ..Limits::default()
        };
        Self {
            shared: data.clone(),
            data,
            supervisor,
            machine,
            limits,
            log: LogLimits::default(),
        }
    }

    /// The folder of all tickets.
    pub(super) fn tickets(&self) -> PathBuf {
        self.data.join("tickets")
    }
}
