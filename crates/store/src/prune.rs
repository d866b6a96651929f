//! Forgetting what is old, in portions between which others write.

use crate::Store;
use crate::queries::prune::PORTION;
use crate::writer::work::{Answer, Single};
use contracts::store::StoreError;
use domain::Timestamp;

impl Store {
    /// Forgets the events before a time; answers how many.
    ///
    /// # Errors
    /// Those of a write; what was forgotten until then stays forgotten.
    pub async fn forget_events(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let Answer::Pruned(count) = self.perform(Single::Prune { before }).await? else {
                return Ok(forgotten);
            };
            forgotten += count;
            if count < PORTION {
                return Ok(forgotten);
            }
        }
    }
}
