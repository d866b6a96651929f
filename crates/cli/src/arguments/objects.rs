//! `objects` as it is typed.

use clap::{Args, Subcommand, ValueEnum};
use domain::ByteSize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct ObjectArguments {
    #[command(subcommand)]
    pub(crate) action: ObjectAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ObjectAction {
    /// List buckets, or what is under a location such as `s3://bucket/prefix`.
    Ls {
        /// The location; unset lists the buckets.
        location: Option<String>,
        /// Every version and delete marker, the newest of each key first.
        #[arg(long, requires = "location", conflicts_with = "uploads")]
        versions: bool,
        /// Multipart uploads that are under way or were left behind.
        #[arg(long, requires = "location")]
        uploads: bool,
    },
    /// Copy a file into a bucket, in parts when it is large.
    Put(PutArguments),
    /// Copy an object to a file, or to standard output with `-`.
    // `--version` is that of the object here.
    #[command(disable_version_flag = true)]
    Get {
        /// The object.
        location: String,
        /// Where to.
        #[arg(default_value = "-")]
        file: PathBuf,
        /// This version; unset is the present one.
        #[arg(long)]
        version: Option<String>,
    },
    /// Delete an object, with a marker where the bucket keeps versions.
    #[command(disable_version_flag = true)]
    Rm {
        /// The object.
        location: String,
        /// This version, for good; that of a delete marker brings the object back.
        #[arg(long)]
        version: Option<String>,
    },
    /// Make a bucket, or change whether it keeps versions.
    Mb {
        /// Its name.
        bucket: String,
        /// Whether writes and deletes leave the earlier versions; unset leaves it as it is.
        #[arg(long, value_name = "WHETHER")]
        versions: Option<VersionsWord>,
    },
    /// Delete an empty bucket.
    Rb {
        /// Its name.
        bucket: String,
    },
    /// Give up a multipart upload that was left behind, and throw its parts away.
    Abort {
        /// The object that it was for.
        location: String,
        /// The upload, as `ls --uploads` shows it.
        upload: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct PutArguments {
    /// The file.
    pub(crate) file: PathBuf,
    /// Where to.
    pub(crate) location: String,
    /// Media type.
    #[arg(long, value_name = "TYPE")]
    pub(crate) content_type: Option<String>,
    /// Files larger than this are sent in parts of 16 MiB and more, several at a time.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = size)]
    pub(crate) parts_above: ByteSize,
    /// Only when no object is there.
    #[arg(long, conflicts_with = "if_match")]
    pub(crate) if_absent: bool,
    /// Only over an object with this entity tag.
    #[arg(long, value_name = "ETAG")]
    pub(crate) if_match: Option<String>,
}

/// Whether a bucket keeps versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VersionsWord {
    /// Every write makes a version, a delete makes a marker.
    Enabled,
    /// Earlier versions stay; no new ones are made.
    Suspended,
}

impl VersionsWord {
    /// As the API says it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Suspended => "suspended",
        }
    }
}

fn size(text: &str) -> Result<ByteSize, String> {
    ByteSize::parse(text).ok_or_else(|| "write a size such as `64MiB`".to_owned())
}
