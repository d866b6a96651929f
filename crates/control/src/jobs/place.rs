//! Where a queued job goes.

use crate::plans::{Anew, JobPlan};
use crate::{Control, Error};
use domain::Money;
use domain::job::{Failure, FailureKind, Job, Placement};
use planner::pipeline::LOCAL;

/// Where a job may go.
#[derive(Debug)]
pub(crate) enum Place {
    /// Every place that may take it is busy, or has refused for want of room and is left alone
    /// for now.
    Wait,
    /// Here, and with the plan to keep when one was made for it.
    At(Placement, Option<Box<JobPlan>>),
    /// Nowhere.
    Nowhere(Failure),
}

impl Control {
    /// The place for a job: where its run's plan has it, where a new plan has it when that place
    /// refused, and on a server that plans nothing or has this machine alone the first place that
    /// takes it. `further` jobs are about to be live.
    pub(crate) async fn place(&self, job: &Job, further: usize) -> Result<Place, Error> {
        let (able, reasons) = self.able(job);
        if able.is_empty() {
            return Ok(nowhere(&reasons));
        }
        if let Some(offers) = self.offers.as_ref().filter(|_| able != [LOCAL]) {
            match self.place_by_plan(offers, job, &able).await? {
                Anew::Place(found) => {
                    let (placement, plan) = *found;
                    return Ok(self.unless_busy(placement, plan.map(Box::new), further));
                }
                Anew::Cooling => return Ok(Place::Wait),
                Anew::Nowhere(why) => return Ok(nowhere(&[why])),
                Anew::Unplanned(reason) if able.iter().any(|it| it == LOCAL) => {
                    tracing::warn!(job = %job.id, reason, "not planned; it is to run here");
                    return Ok(self.unless_cooling(job, &[LOCAL.to_owned()], further));
                }
                Anew::Unplanned(reason) => return Ok(nowhere(&[reason])),
            }
        }
        let mut place = self.unless_cooling(job, &able, further);
        if let Place::At(placement, _) = &mut place {
            let plan = self.first_plan(job).await?;
            placement.plan = plan.and_then(|it| Some(it.kept.plan()?.hash.clone()));
        }
        Ok(place)
    }

    /// The configured providers that can run a job, and why the others do not.
    fn able(&self, job: &Job) -> (Vec<String>, Vec<String>) {
        let allowed = &job.spec.policy.providers;
        let (mut able, mut reasons) = (Vec::new(), Vec::new());
        for name in self.providers.keys() {
            if !allowed.is_empty() && !allowed.contains(name) {
                reasons.push(format!(
                    "`{name}` is not among the providers that the policy allows"
                ));
                continue;
            }
            match self.cannot(name, &job.spec) {
                None => able.push(name.clone()),
                Some(why) => reasons.push(format!("`{name}` cannot run it ({why})")),
            }
        }
        let missing = allowed
            .iter()
            .filter(|it| !self.providers.contains_key(*it));
        reasons
            .extend(missing.map(|it| format!("provider `{it}` is not configured on this server")));
        (able, reasons)
    }

    /// The first of these providers that has not refused a moment ago.
    fn unless_cooling(&self, job: &Job, able: &[String], further: usize) -> Place {
        for name in able {
            let placement = Placement {
                provider: name.clone(),
                region: "here".to_owned(),
                zone: None,
                machine_type: "this-machine".to_owned(),
                purchase: None,
                hourly_price: Money::ZERO,
                plan: None,
            };
            match self.refusals.cooling(&placement, self.world.now()) {
                None => return self.unless_busy(placement, None, further),
                Some((until, reason)) => {
                    tracing::debug!(job = %job.id, name, ?until, reason, "left alone for now");
                }
            }
        }
        Place::Wait
    }

    fn unless_busy(
        &self,
        placement: Placement,
        plan: Option<Box<JobPlan>>,
        further: usize,
    ) -> Place {
        if self.hints.live(&placement.provider) + further >= self.pace.live_jobs as usize {
            return Place::Wait;
        }
        Place::At(placement, plan)
    }
}

fn nowhere(reasons: &[String]) -> Place {
    Place::Nowhere(Failure {
        kind: FailureKind::Unplaceable,
        message: format!("no place may take this job: {}", reasons.join("; ")),
        file: None,
        line: None,
        exit_code: None,
    })
}
