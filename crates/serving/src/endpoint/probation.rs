//! Watches the canary of an endpoint's present generation.

use super::{Endpoint, Table};
use crate::figures::Figures;
use crate::traffic::{Evidence, judge};
use contracts::data_plane::{CanaryReport, CanaryVerdict};
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Pause between two looks at the figures.
const LOOK: Duration = Duration::from_millis(100);

impl Endpoint {
    /// What was found out about the canary of the present generation, if anything.
    pub(crate) fn judged(&self) -> Option<CanaryReport> {
        let judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        judged.clone()
    }

    /// Begins to watch the present generation's canary, if it has one.
    pub(super) fn watch_canary(self: &Arc<Self>) {
        self.set_judged(None);
        let Some(table) = self.table() else { return };
        if table.rules.probation.is_some() {
            tokio::spawn(watch(Arc::downgrade(self), Arc::downgrade(&table)));
        }
    }

    fn set_judged(&self, report: Option<CanaryReport>) {
        *self.judged.lock().unwrap_or_else(PoisonError::into_inner) = report;
    }
}

/// Looks until another generation took over or the canary was sent back.
async fn watch(endpoint: Weak<Endpoint>, watched: Weak<Table>) {
    let began = Instant::now();
    let Some(before) = watched.upgrade().map(|table| table.figures()) else {
        return;
    };
    loop {
        sleep(LOOK).await;
        let (Some(endpoint), Some(table)) = (endpoint.upgrade(), watched.upgrade()) else {
            return;
        };
        let present = endpoint.table();
        if !present.is_some_and(|present| Arc::ptr_eq(&present, &table)) {
            return;
        }
        let Some((verdict, evidence)) = table.judge(&before, began.elapsed()) else {
            continue;
        };
        if verdict == CanaryVerdict::RollBack
            && let Some(probation) = &table.rules.probation
        {
            probation.trip();
            tracing::warn!(endpoint = %endpoint.key, evidence, "a canary is sent back");
        }
        let known = endpoint
            .judged()
            .map(|report| (report.generation, report.verdict));
        if known != Some((table.generation, verdict)) {
            endpoint.set_judged(Some(CanaryReport {
                workspace: endpoint.key.workspace.clone(),
                name: endpoint.key.name.clone(),
                generation: table.generation,
                verdict,
                evidence,
            }));
            endpoint.tell();
        }
        if verdict == CanaryVerdict::RollBack {
            return;
        }
    }
}

impl Table {
    fn figures(&self) -> Vec<Figures> {
        let variants = self.variants.iter();
        variants
            .map(|variant| variant.pool.counters().figures())
            .collect()
    }

    /// Compares the canary with the deployments that share the traffic with it.
    fn judge(&self, before: &[Figures], watched: Duration) -> Option<(CanaryVerdict, String)> {
        let probation = self.rules.probation.as_ref()?;
        let (mut canary, mut others) = (Evidence::default(), Evidence::default());
        let looks = before.iter().zip(self.figures());
        for (place, (before, now)) in looks.enumerate() {
            if place == probation.place {
                canary.add(before, &now);
            } else if self.variants[place].spec.share.basis_points() > 0 {
                others.add(before, &now);
            }
        }
        judge(&probation.rule, &canary, &others, watched)
    }
}
