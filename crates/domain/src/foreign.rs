//! What a foreign API's caller sent and the neutral form does not hold: kept beside the resource,
//! so that every description gives it back to the letter.

use serde::{Deserialize, Serialize};

/// A foreign API's own view of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Foreign {
    /// The API and its word for the resource, as in `sagemaker/training-job`; a list of that API
    /// shows only its own.
    pub kind: String,
    /// What was sent, in that API's own form.
    pub document: serde_json::Value,
    /// Whoever asked, in that API's own form; what the resource does for itself is done in their
    /// name at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<serde_json::Value>,
}
