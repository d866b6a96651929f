//! Why a command ended badly, as one paragraph, and the exit code that tells programs.

use std::process::ExitCode;

/// A failure of a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was given is wrong: exit code 2.
    Usage(String),
    /// The server said no: exit code 1.
    Refused {
        /// The refusal's code word.
        code: String,
        /// Its text.
        message: String,
    },
    /// What was started failed: exit code 1.
    Failed(String),
    /// The server cannot be reached: exit code 3.
    Unreachable(String),
    /// Something on this side: exit code 4.
    Here(String),
    /// Another server has the data folder: exit code 5.
    Occupied(String),
    /// A program that was to be run is not there: exit code 127, as shells have it.
    NoProgram(String),
    /// A program that is there cannot be run: exit code 126.
    NotRun(String),
    /// Interrupted by the user: exit code 130.
    Interrupted(String),
}

/// The exit code of a server that gave way to another one of the same data folder.
pub(crate) const OCCUPIED: u8 = 5;

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub(crate) fn here(message: impl Into<String>) -> Self {
        Self::Here(message.into())
    }

    /// With a remark after its text.
    pub(crate) fn with(mut self, remark: impl AsRef<str>) -> Self {
        let (Self::Usage(text)
        | Self::Refused { message: text, .. }
        | Self::Failed(text)
        | Self::Unreachable(text)
        | Self::Here(text)
        | Self::Occupied(text)
        | Self::NoProgram(text)
        | Self::NotRun(text)
        | Self::Interrupted(text)) = &mut self;
        text.push_str(remark.as_ref());
        self
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Refused { .. } | Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable(_) => 3,
            Self::Here(_) => 4,
            Self::Occupied(_) => OCCUPIED,
            Self::NotRun(_) => 126,
            Self::NoProgram(_) => 127,
            Self::Interrupted(_) => 130,
        })
    }

    /// The code word for programs.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Usage(_) => "usage",
            Self::Refused { code, .. } => code,
            Self::Failed(_) => "failed",
            Self::Unreachable(_) => "unreachable",
            Self::Here(_) => "local",
            Self::Occupied(_) => "occupied",
            Self::NoProgram(_) => "no_program",
            Self::NotRun(_) => "not_run",
            Self::Interrupted(_) => "interrupted",
        }
    }

    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Refused { message, .. }
            | Self::Usage(message)
            | Self::Failed(message)
            | Self::Unreachable(message)
            | Self::Here(message)
            | Self::Occupied(message)
            | Self::NoProgram(message)
            | Self::NotRun(message)
            | Self::Interrupted(message) => message,
        }
    }
}
