//! By what functions reach the installation that runs them.

use contracts::functions::FunctionTarget;
use domain::Refusal;
use std::collections::BTreeMap;

/// Who gives a version the variables by which its code reaches this installation.
#[async_trait::async_trait]
pub trait Lender: Send + Sync {
    /// The variables of a version that is made ready: an address, and keys of its own.
    ///
    /// # Errors
    /// [`Refusal`] when no keys can be made; the version is not ready then, and is tried again.
    async fn lend(&self, target: &FunctionTarget) -> Result<BTreeMap<String, String>, Refusal>;
}
