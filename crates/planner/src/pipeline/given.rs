//! What a caller knows of its accounts: quotas, contracts that are paid for, queues.

use serde::{Deserialize, Serialize};

use crate::Question;
use crate::question::{Commitment, ExpectedWait, Quota};

/// Limits and stock of the accounts that a plan may use.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// Limits that providers set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quotas: Vec<Quota>,
    /// Capacity that is already paid for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commitments: Vec<Commitment>,
    /// Known queues.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<ExpectedWait>,
}

impl Given {
    /// Puts it into a question.
    pub(super) fn put_to(&self, question: &mut Question) {
        question.quotas.clone_from(&self.quotas);
        question.commitments.clone_from(&self.commitments);
        question.waits.clone_from(&self.waits);
    }
}
