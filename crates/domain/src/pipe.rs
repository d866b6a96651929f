//! Inputs that are read as streams and not as files.

use serde::{Deserialize, Serialize};

/// How an input is streamed: user code opens a named pipe for each epoch and reads all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pipe {
    /// Whether each file, or each value of a record, is framed as a record of `RecordIO`
    /// (<https://mxnet.apache.org/versions/1.9.1/api/architecture/note_data_loading>).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub framed: bool,
    /// Names of a record's values that are streamed, in their order: then the location is a list of
    /// records, a JSON object a line, and a value whose name ends with `-ref` is the content of the
    /// object that it names (SageMaker's `AugmentedManifestFile`). Empty where it is files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// Draws another order of the files or records for each epoch; unset keeps theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
}

impl Pipe {
    /// Whether the location is a list of records.
    pub fn is_of_records(&self) -> bool {
        !self.attributes.is_empty()
    }

    /// Whether a value names an object whose content is meant.
    pub fn is_reference(attribute: &str) -> bool {
        attribute.ends_with("-ref")
    }
}
