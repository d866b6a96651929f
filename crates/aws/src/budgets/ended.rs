//! Budgets whose time is over are deleted with their notifications, as AWS deletes them.

use super::kept::{KIND, Kept};
use crate::Aws;
use control::Caller;
use control::documents::DocumentFilter;
use domain::Refusal;

/// Documents that are looked at at once.
const PAGE: u32 = 200;

/// Deletes those that ended before now.
pub(crate) async fn delete(aws: &Aws) -> Result<(), Refusal> {
    let now = aws.control.world.now();
    let mut after = None;
    loop {
        let filter = DocumentFilter {
            kind: KIND.to_owned(),
            after,
            limit: PAGE,
            ..DocumentFilter::default()
        };
        let (page, next) = aws.control.documents_anywhere(&filter).await?;
        for document in page {
            let kept: Kept = serde_json::from_value(document.body)
                .map_err(|error| Refusal::internal(error.to_string()))?;
            if kept.ends.is_none_or(|end| end > now.0) {
                continue;
            }
            let (ledger, name) = (aws.ledger.clone(), document.id.clone());
            let removed = tokio::task::spawn_blocking(move || {
                // One that was changed elsewhere since is somebody's wish, and stays.
                let same = ledger.budgets()?.remove(&name);
                if same == kept.made {
                    ledger.remove_budget(&name)?;
                }
                Ok::<(), costs::Error>(())
            });
            let failed = |_| Refusal::internal("the budgets could not be read");
            removed.await.map_err(failed)??;
            let caller = Caller::system(document.workspace.clone());
            match aws
                .control
                .delete_document(&caller, KIND, &document.id)
                .await
            {
                Ok(()) | Err(Refusal::NotFound { .. }) => {}
                Err(refusal) => return Err(refusal),
            }
            tracing::info!(budget = document.id, "a budget was deleted at its end");
        }
        after = next;
        if after.is_none() {
            return Ok(());
        }
    }
}
