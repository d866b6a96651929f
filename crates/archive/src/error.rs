//! Why a folder could not be packed or an archive was refused.

use std::io;
use std::path::PathBuf;

/// The limit of [`crate::Limits`] that an archive would have broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// More bytes of content than allowed.
    Bytes,
    /// More entries (files, folders and links together) than allowed.
    Files,
    /// A name longer than allowed.
    NameLength,
    /// More bytes out per byte in than allowed: a decompression bomb.
    Ratio,
}

impl std::fmt::Display for Breach {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Bytes => "bytes of content",
            Self::Files => "entries",
            Self::NameLength => "bytes in a name",
            Self::Ratio => "bytes out per compressed byte",
        })
    }
}

/// What can go wrong with an archive or with the folder to be packed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input is neither tar, tar.gz nor zip.
    #[error("the input is {found}, expected a tar, tar.gz or zip archive")]
    UnknownFormat {
        /// What the first bytes look like, as words.
        found: String,
    },
    /// The input ends in the middle.
    #[error("the archive is truncated: it ends {place}; upload or download it again")]
    Truncated {
        /// Where it ends, as words.
        place: String,
    },
    /// A checksum or a structure is wrong.
    #[error("the archive is corrupt at {place}: {detail}")]
    Corrupt {
        /// Where, as words.
        place: String,
        /// What is wrong.
        detail: String,
    },
    /// Something valid that is not served: encryption, sparse files, a compression method.
    #[error("the archive uses {feature} at `{name}`, which is not supported")]
    Unsupported {
        /// The entry.
        name: String,
        /// The feature, as words.
        feature: String,
    },
    /// A name that could reach outside the destination or mean different things to different
    /// readers.
    #[error("the archive holds the name `{name}`, which is refused: {reason}")]
    UnsafeName {
        /// The name, made printable.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// A symbolic or hard link that leaves the destination or cannot be followed.
    #[error("the link `{name}` to `{target}` is refused: {reason}")]
    UnsafeLink {
        /// The link.
        name: String,
        /// What it points to.
        target: String,
        /// Why.
        reason: &'static str,
    },
    /// A device, fifo or socket.
    #[error("`{name}` is a {kind}, only files, folders and links are taken")]
    SpecialFile {
        /// The entry.
        name: String,
        /// Its kind, as words.
        kind: &'static str,
    },
    /// Two entries claim the same place.
    #[error("the archive holds `{name}` more than once, the later would overwrite the earlier")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// An entry wants to be inside something that is not a folder.
    #[error("the archive puts `{name}` inside `{parent}`, which is a {kind} and not a folder")]
    ParentNotFolder {
        /// The entry.
        name: String,
        /// What it would go through.
        parent: String,
        /// `file` or `link`.
        kind: &'static str,
    },
    /// The archive is larger than the caller allows.
    #[error("the archive has more than {limit} {breach} (at `{name}`)")]
    LimitExceeded {
        /// Which limit.
        breach: Breach,
        /// Its value.
        limit: u64,
        /// The entry that would have broken it.
        name: String,
    },
    /// The destination holds something already.
    #[error("the destination `{}` exists and is not an empty folder", path.display())]
    DestinationTaken {
        /// The destination.
        path: PathBuf,
    },
    /// The folder to be packed is not one.
    #[error("`{}` is not a folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// A file changed its size while it was packed.
    #[error("`{name}` changed while it was packed, try again when nothing writes to it")]
    Changed {
        /// The file.
        name: String,
    },
    /// A line of an ignore file that cannot be read as a pattern.
    #[error("line {line} of `{file}` is not a pattern: {reason}")]
    BadPattern {
        /// The file name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// Why.
        reason: &'static str,
    },
    /// The input could not be read.
    #[error("the archive could not be read")]
    Read(#[source] io::Error),
    /// The archive could not be written.
    #[error("the archive could not be written")]
    Write(#[source] io::Error),
    /// A file or folder of this machine could not be used.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// Whether the archive itself is at fault (a 4xx towards its sender) and not this machine.
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Read(_) | Self::Write(_) | Self::File { .. } | Self::Changed { .. }
        )
    }

    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
