//! Follows the store's events, those of other servers included: a job that ends wakes its run,
//! an endpoint that changes is applied to this server's data plane.

use crate::Control;
use crate::rows::Stored;
use contracts::store::Key;
use domain::endpoint::Endpoint;
use domain::function::Function;
use domain::job::Job;
use domain::pipeline::Run;
use std::sync::Arc;

const PIECE: u32 = 500;

/// Follows for ever.
pub(super) async fn follow(control: Arc<Control>) {
    control.apply_all_endpoints().await;
    control.warm_all_functions().await;
    let mut sequence = None;
    loop {
        match follow_from(&control, sequence).await {
            Ok(next) => {
                sequence = Some(next);
                control.store.changed_since(next).await;
            }
            Err(error) => {
                tracing::warn!(%error, "the events cannot be followed");
                tokio::time::sleep(control.pace.retry.to_std()).await;
            }
        }
    }
}

/// Handles what came after `sequence`; from the beginning of the installation it only finds out
/// where the end is, since every row under way is due anyway.
async fn follow_from(control: &Control, sequence: Option<i64>) -> Result<i64, crate::Error> {
    let Some(mut sequence) = sequence else {
        return Ok(control
            .store
            .commit(contracts::store::Commit::default())
            .await?);
    };
    loop {
        let events = control.store.changes(sequence, PIECE).await?;
        let Some(last) = events.last() else {
            return Ok(sequence);
        };
        sequence = last.sequence;
        for event in events {
            match event.resource.as_str() {
                Job::KIND if is_end(&event.action) => {
                    let job = Key::new(Job::KIND, &event.workspace, &event.id);
                    let run = event.detail.get("run").and_then(|run| run.as_str());
                    let run = run.map(|run| Key::new(Run::KIND, &event.workspace, run));
                    control.hints.over(&job, run);
                }
                Endpoint::KIND => {
                    control.follow_endpoint(&event.workspace, &event.id).await;
                }
                Function::KIND => {
                    control.follow_function(&event.workspace, &event.id).await;
                }
                _ => {}
            }
        }
    }
}

fn is_end(action: &str) -> bool {
    matches!(action, "succeeded" | "failed" | "stopped")
}
