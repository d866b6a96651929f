//! What a data plane finds out about a canary becomes a change of its endpoint's spec, so that every
//! server and every later start follows it.

use crate::rows::Stored;
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::data_plane::{CanaryReport, CanaryVerdict};
use contracts::store::{Commit, Expect, Key};
use domain::endpoint::{Endpoint, EndpointPhase, EndpointSpec};
use domain::traffic::CanaryMove;
use serde_json::json;

impl Control {
    /// Writes down what became of canaries; one that cannot be written stays judged and is tried
    /// again. The driver calls it when the data plane moves, simulations call it directly.
    pub async fn conclude_canaries(&self) {
        for report in self.data_plane.canaries() {
            loop {
                match self.conclude_canary(&report).await {
                    Ok(()) => break,
                    Err(error) if crate::jobs::is_stale(&error) => {}
                    Err(error) => {
                        tracing::warn!(
                            endpoint = %report.name, error = ?error, "a canary could not be concluded"
                        );
                        tokio::time::sleep(self.pace.retry.to_std()).await;
                    }
                }
            }
        }
    }

    async fn conclude_canary(&self, report: &CanaryReport) -> Result<(), Error> {
        let key = Key::new(Endpoint::KIND, &report.workspace, &report.name);
        let Some((endpoint, row)) = self.find::<Endpoint>(&key).await? else {
            return Ok(());
        };
        if endpoint.generation != report.generation || endpoint.phase == EndpointPhase::Deleting {
            // It was changed since, by somebody or by another server that saw the same.
            return Ok(());
        }
        let Some((action, spec)) = concluded(&endpoint.spec, report.verdict) else {
            return Ok(());
        };
        let canary = endpoint.spec.traffic.canary.as_ref();
        let detail = json!({
            "deployment": canary.map(|canary| &canary.deployment),
            "evidence": report.evidence,
            "generation": endpoint.generation + 1,
        });
        let now = self.world.now();
        let (workspace, name) = (&report.workspace, &report.name);
        let found = Some((endpoint, row));
        let (endpoint, revision) = super::changed(found, workspace, name, spec, now);
        let commit = Commit {
            now,
            expect: revision
                .map(|revision| Expect::Revision(key.clone(), revision))
                .into_iter()
                .collect(),
            put: vec![endpoint.row(Some(now))?],
            events: vec![system_event(&key, action, detail)],
            ..Commit::default()
        };
        self.store.commit(commit).await?;
        self.hints.wake([key]);
        Ok(())
    }
}

/// The event's name and what the endpoint shall be; none without a canary.
fn concluded(spec: &EndpointSpec, verdict: CanaryVerdict) -> Option<(&'static str, EndpointSpec)> {
    match verdict {
        CanaryVerdict::RollBack => Some(("canary-rolled-back", spec.rolled_back()?)),
        CanaryVerdict::Advance => {
            let (spec, moved) = spec.advanced()?;
            let action = match moved {
                CanaryMove::Step(_) => "canary-advanced",
                CanaryMove::Promoted => "canary-promoted",
            };
            Some((action, spec))
        }
    }
}
