//! A network of the gang's own, for hosts that may not reach the machine's but must reach each
//! other: a process that does nothing else holds it, and each host joins it before it becomes user
//! code. The hosts' supervisors stay outside, because making an environment needs the network.

use super::super::context::Context;
use crate::Error;
use std::io::Read;
use std::process::{Child, ChildStdin, Command, Stdio};

/// The argument of the process that holds a network until its standard input ends.
pub(in super::super) const HOLD: &str = "--network";

/// The network, for as long as it is held.
pub(super) struct Shared {
    holder: Child,
    _lifeline: Option<ChildStdin>,
}

impl Shared {
    /// A network for the hosts of a launch; none where they may reach the machine's.
    pub(super) fn of(context: &Context<'_>) -> Result<Option<Self>, Error> {
        if context.launch.network.is_open() {
            return Ok(None);
        }
        let program = &context.surroundings.program;
        let mut holder = Command::new(program)
            .args(["supervise", HOLD])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| Error::Start {
                program: program.display().to_string(),
                source,
            })?;
        // It says one byte when it has its network and nothing when it cannot have one.
        let mut said = Vec::new();
        let told = holder
            .stdout
            .take()
            .map(|out| out.take(1).read_to_end(&mut said));
        if !matches!(told, Some(Ok(1))) {
            return Err(Error::NoIsolation);
        }
        Ok(Some(Self {
            _lifeline: holder.stdin.take(),
            holder,
        }))
    }

    /// The process that holds it.
    pub(super) fn holder(&self) -> u32 {
        self.holder.id()
    }
}
