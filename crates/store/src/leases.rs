//! Leases of servers that are certainly dead: whoever is alone on its database knows at its start
//! that all leases are of a former life, and need not wait for them to run out.

use crate::Store;
use crate::writer::work::Single;
use contracts::store::StoreError;

impl Store {
    /// Ends all leases. Only for a server that nothing else shares the database with.
    ///
    /// # Errors
    /// Those of a write.
    pub async fn end_leases(&self) -> Result<(), StoreError> {
        self.perform(Single::EndLeases).await.map(drop)
    }
}
