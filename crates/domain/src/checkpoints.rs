//! What a job keeps while it runs, so that another attempt goes on from there.

use serde::{Deserialize, Serialize};

/// A folder whose files are copied into a bucket while the job runs and after it, however it
/// ended, and put back when an attempt begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Checkpoints {
    /// The prefix that they are kept below (`s3://bucket/prefix/`).
    pub to: String,
    /// The folder, below `/opt/ml/`; `/opt/ml/checkpoints` when unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Checkpoints {
    /// The name of the input and output that the folder is; no other may have it then.
    pub const NAME: &'static str = "checkpoints";
    /// Where the folder is unless something else is said.
    pub const PATH: &'static str = "/opt/ml/checkpoints";

    /// Where the folder is.
    pub fn path(&self) -> &str {
        self.path.as_deref().unwrap_or(Self::PATH)
    }
}
