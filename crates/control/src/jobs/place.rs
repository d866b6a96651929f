//! Where a queued job goes.

use crate::Control;
use domain::Money;
use domain::job::{Failure, FailureKind, Job, Placement};

impl Control {
    /// The place for a job: `None` when every place that may take it is busy or has refused for
    /// want of room and is left alone for now. `further` jobs are about to be live.
    pub(crate) fn place(&self, job: &Job, further: usize) -> Option<Result<Placement, Failure>> {
        let allowed = &job.spec.policy.providers;
        let now = self.world.now();
        let mut cooling = false;
        let mut reasons = Vec::new();
        for (name, provider) in &self.providers {
            if !allowed.is_empty() && !allowed.contains(name) {
                reasons.push(format!(
                    "`{name}` is not among the providers that the policy allows"
                ));
                continue;
            }
            let refused = provider.backend.refuses(&job.spec);
            if refused.is_empty() {
                let placement = Placement {
                    provider: name.clone(),
                    region: "here".to_owned(),
                    machine_type: "this-machine".to_owned(),
                    hourly_price: Money::ZERO,
                    plan: None,
                };
                if let Some((until, reason)) = self.refusals.cooling(&placement, now) {
                    tracing::debug!(job = %job.id, name, ?until, reason, "left alone for now");
                    cooling = true;
                    continue;
                }
                if self.hints.live(name) + further >= self.pace.live_jobs as usize {
                    return None;
                }
                return Some(Ok(placement));
            }
            let refused = refused
                .into_iter()
                .map(|no| format!("{}: {}", no.demand, no.reason));
            reasons.push(format!(
                "`{name}` cannot run it ({})",
                refused.collect::<Vec<_>>().join("; ")
            ));
        }
        if cooling {
            // A place that refused for want of room will be asked again.
            return None;
        }
        for missing in allowed
            .iter()
            .filter(|name| !self.providers.contains_key(*name))
        {
            reasons.push(format!(
                "provider `{missing}` is not configured on this server"
            ));
        }
        Some(Err(Failure {
            kind: FailureKind::Unplaceable,
            message: format!("no place may take this job: {}", reasons.join("; ")),
            file: None,
            line: None,
            exit_code: None,
        }))
    }
}
