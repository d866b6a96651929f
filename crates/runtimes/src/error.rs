//! What can go wrong around user code before, beside and after it.

use std::io;
use std::path::{Path, PathBuf};

/// Every failure of this crate. What user code itself does wrong is no error here: it is recorded
/// as the job's exit.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused something.
    #[error("cannot {action} `{path}`: {source}")]
    File {
        /// The verb, as in `read`, `create the folder`.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A record of ours cannot be read back.
    #[error("`{path}` is damaged: {source}")]
    Record {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A call of the operating system failed.
    #[error("the system refused to {action}: {source}")]
    System {
        /// The verb.
        action: &'static str,
        /// Its reason.
        source: nix::Error,
    },
    /// A job that may not reach the network, on a machine that cannot keep it from it.
    #[error(
        "the program may not reach the network and this machine cannot keep it from it: network \
         namespaces are not allowed here; allow them or let it have the network"
    )]
    NoIsolation,
    /// A program that is needed could not be started.
    #[error("cannot start `{program}`: {source}")]
    Start {
        /// The program.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// An image environment on a machine without a container engine.
    #[error(
        "the environment is the container image `{uri}` and this machine has no container engine; \
         give a Python version with requirements or a framework with a version instead"
    )]
    NoContainerEngine {
        /// The image.
        uri: String,
    },
    /// No Python interpreter at all.
    #[error(
        "no Python 3.8 or newer was found on PATH or in the usual places; install one, for \
         example with `apt-get install python3`"
    )]
    NoPython,
    /// The wanted version cannot be had and the environment is strict.
    #[error(
        "{wanted} was asked for strictly and cannot be had on this machine (nearest: {nearest}); \
         ask for that one or drop `strict`"
    )]
    NotExactly {
        /// What was asked for, as words.
        wanted: String,
        /// What there is.
        nearest: String,
    },
    /// A framework that the table does not hold.
    #[error("the framework `{name}` is unknown; known are {known}")]
    UnknownFramework {
        /// As asked for.
        name: String,
        /// All there are.
        known: String,
    },
    /// A line of the requirements that cannot be kept as content of an environment.
    #[error("the requirement `{line}` cannot be used: {reason}")]
    Requirement {
        /// The line.
        line: String,
        /// Why, and what to write instead.
        reason: &'static str,
    },
    /// The resolver found no solution, or an installation failed.
    #[error("the environment cannot be made from {requirements}: {reason}")]
    Unresolvable {
        /// The requirements, shortened.
        requirements: String,
        /// The resolver's own words.
        reason: String,
    },
    /// A version or name that has a form it must not have.
    #[error("`{text}` is not a valid {what}")]
    Invalid {
        /// Of what kind.
        what: &'static str,
        /// As given.
        text: String,
    },
    /// An input could not be staged.
    #[error("the input `{channel}` cannot be staged: {reason}")]
    Input {
        /// Its name.
        channel: String,
        /// Why.
        reason: String,
    },
    /// A path that would leave the folder it belongs to.
    #[error("the path `{path}` of {owner} would leave its folder")]
    UnsafePath {
        /// As given.
        path: String,
        /// Whose.
        owner: String,
    },
    /// The code archive was refused.
    #[error("the code archive cannot be unpacked: {0}")]
    Archive(#[from] archive::Error),
    /// An output that cannot be packed into one file.
    #[error("the output `{output}` cannot be packed: {source}")]
    Unpackable {
        /// Its name.
        output: String,
        /// Why.
        source: archive::Error,
    },
    /// Another supervisor has this ticket.
    #[error("`{0}` is already supervised by a living process")]
    AlreadySupervised(PathBuf),
    /// A metric's regular expression that does not compile.
    #[error("the pattern of the metric `{name}` is no regular expression: {reason}")]
    Pattern {
        /// The metric.
        name: String,
        /// The compiler's reason.
        reason: String,
    },
}

impl Error {
    /// For `map_err` after a call on a file.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }

    /// For `map_err` after a system call.
    pub(crate) fn system(action: &'static str) -> impl FnOnce(nix::Error) -> Self {
        move |source| Self::System { action, source }
    }
}
