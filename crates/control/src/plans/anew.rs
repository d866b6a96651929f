//! Planning one job when it is to begin: when its run has no plan, and when the place that the
//! plan names has refused it for want of room.

use super::make::make;
use super::{JobPlan, Offers, RunPlan};
use crate::rows::Stored;
use crate::{Control, Error};
use contracts::store::Key;
use domain::expected::DataAt;
use domain::job::{Ending, FailureKind, Job, JobSpec, Placement};
use domain::offer::Purchase;
use domain::pipeline::{PipelineSpec, Run, StepAction, StepSpec};
use domain::policy::{Policy, PurchaseKind};
use domain::{ByteSize, Name, Span, Timestamp};
use planner::pipeline::{KeptAnswer, Known, LOCAL};
use planner::question::{Denied, Refusals};
use planner::{Chosen, Payment, Placed, Plan};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name of a job that is no step of a pipeline.
const ALONE: &str = "job";

/// What planning one job has led to.
#[derive(Debug)]
pub(crate) enum Anew {
    /// A place, and the plan to keep when it is a new one.
    Place(Box<(Placement, Option<JobPlan>)>),
    /// Every place that may take it has refused for want of room and is left alone for now.
    Cooling,
    /// No place may take it.
    Nowhere(String),
    /// It could not be planned.
    Unplanned(String),
}

impl Control {
    /// The place of a job by its run's plan, or by a new one among `able` providers.
    pub(crate) async fn place_by_plan(
        &self,
        offers: &Arc<dyn Offers>,
        job: &Job,
        able: &[String],
    ) -> Result<Anew, Error> {
        let now = self.world.now();
        let refusals = self.refusals_of(job).await?;
        let first = self.first_plan(job).await?;
        let plan = first.as_ref().and_then(|it| it.kept.plan());
        let placed = plan.and_then(|plan| Some((plan, placed(plan, job)?)));
        if let Some((plan, placed)) = placed {
            let placement = placement(&placed.offer, plan);
            if able.contains(&placement.provider) && cooling(&refusals, &placement, now).is_none() {
                return Ok(Anew::Place(Box::new((placement, None))));
            }
        }
        let run = match &job.step {
            Some(step) => self.find_run(&job.workspace, &step.run).await?,
            None => None,
        };
        let Some(spec) = alone(job, run.as_ref().map(|it| &*it.run), placed, now) else {
            return Ok(Anew::Unplanned("its step has no valid name".to_owned()));
        };
        let history = self.history_of(&job.workspace, &spec).await?;
        let known = self.known(&**offers, &spec, history, refusals);
        self.plan_anew(offers, job, spec, known).await
    }

    async fn plan_anew(
        &self,
        offers: &Arc<dyn Offers>,
        job: &Job,
        spec: PipelineSpec,
        known: Known,
    ) -> Result<Anew, Error> {
        let barred = !known.refusals.0.is_empty();
        let free = Known {
            refusals: Refusals::default(),
            ..known.clone()
        };
        let kept = match make(Arc::clone(offers), spec.clone(), known).await {
            Ok(kept) => kept,
            Err(reason) => return Ok(Anew::Unplanned(reason)),
        };
        Ok(match &kept.answer {
            KeptAnswer::Placed { plan } => {
                let Some(placed) = plan.placed.first() else {
                    return Ok(Anew::Unplanned("its plan is empty".to_owned()));
                };
                let placement = placement(&placed.offer, plan);
                let plan = JobPlan {
                    ticket: job.next_ticket(),
                    job: job.id.clone(),
                    workspace: job.workspace.clone(),
                    run: job.step.as_ref().map(|step| step.run.clone()),
                    spec,
                    kept,
                };
                Anew::Place(Box::new((placement, Some(plan))))
            }
            KeptAnswer::Nowhere { why } => {
                let why = why.clone();
                let later = if barred {
                    make(Arc::clone(offers), spec, free).await.ok()
                } else {
                    None
                };
                // Where only the refusals stand in the way: they are soon forgotten.
                if later.is_some_and(|it| it.plan().is_some()) {
                    Anew::Cooling
                } else {
                    Anew::Nowhere(why)
                }
            }
            KeptAnswer::Unplanned { reason } => Anew::Unplanned(reason.clone()),
        })
    }

    /// The plan of the run that a job is a step of.
    pub(crate) async fn first_plan(&self, job: &Job) -> Result<Option<Arc<RunPlan>>, Error> {
        let (Some(step), Some(_)) = (&job.step, &self.offers) else {
            return Ok(None);
        };
        let key = Key::new(RunPlan::KIND, &job.workspace, &step.run);
        if let Some(known) = self.known_plans.get(&key) {
            return Ok(Some(known));
        }
        let Some((plan, _)) = self.find::<RunPlan>(&key).await? else {
            return Ok(None);
        };
        let plan = Arc::new(plan);
        self.known_plans.put(key, Arc::clone(&plan));
        Ok(Some(plan))
    }

    /// What providers have refused: what is known to all, and what the job's own row says of its
    /// attempts.
    async fn refusals_of(&self, job: &Job) -> Result<Refusals, Error> {
        let mut known = self.known_refusals().await?;
        for attempt in &job.attempts {
            let Ending::Failed { failure } = &attempt.exit.ending else {
                continue;
            };
            if failure.kind != FailureKind::Provider {
                continue;
            }
            let denied = denied(&attempt.placement, &failure.message, attempt.exit.ended);
            if !known.0.contains(&denied) {
                known.0.push(denied);
            }
        }
        Ok(known)
    }
}

/// A refusal as plans know it.
pub(crate) fn denied(at: &Placement, reason: &str, when: Timestamp) -> Denied {
    Denied {
        provider: at.provider.clone(),
        region: at.region.clone(),
        zone: at.zone.clone(),
        machine: at.machine_type.clone(),
        purchase: bought(at),
        at: when,
        reason: reason.to_owned(),
    }
}

fn bought(at: &Placement) -> Purchase {
    match at.purchase {
        Some(PurchaseKind::Spot) => Purchase::Spot,
        Some(PurchaseKind::OnDemand | PurchaseKind::Committed) | None => Purchase::OnDemand,
    }
}

/// Until when a placement is not asked for again, and what was said last.
pub(super) fn cooling(
    refusals: &Refusals,
    at: &Placement,
    now: Timestamp,
) -> Option<(Timestamp, String)> {
    let zone = at.zone.as_deref().unwrap_or_default();
    let offer = (&*at.provider, &*at.region, zone, &*at.machine_type);
    let (until, last) = refusals.cooling(offer, bought(at), now)?;
    Some((until, last.reason.clone()))
}

/// What a plan says of a job: of its item, or of the one item that stands for all.
fn placed<'p>(plan: &'p Plan, job: &Job) -> Option<&'p Placed> {
    let path = &job.step.as_ref()?.path;
    let item = plan.placement(&path.to_string());
    item.or_else(|| plan.placement(path.step.as_str()))
}

fn placement(offer: &Chosen, plan: &Plan) -> Placement {
    Placement {
        provider: offer.site.provider.to_string(),
        region: offer.site.region.to_string(),
        zone: (!offer.site.zone.is_empty()).then(|| offer.site.zone.to_string()),
        machine_type: offer.machine.clone(),
        purchase: match offer.payment {
            Payment::OnDemand => None,
            Payment::Spot => Some(PurchaseKind::Spot),
            Payment::Committed { .. } => Some(PurchaseKind::Committed),
        },
        hourly_price: offer.estimate.hourly,
        plan: Some(plan.hash.clone()),
    }
}

/// A pipeline of the job alone, with what the rest of the run leaves of its money and time, and
/// its data where the run's plan has it.
fn alone(
    job: &Job,
    run: Option<&Run>,
    planned: Option<(&Plan, &Placed)>,
    now: Timestamp,
) -> Option<PipelineSpec> {
    let name = match &job.step {
        Some(step) => step.path.step.clone(),
        None => Name::new(ALONE).ok()?,
    };
    let mut spec = job.spec.clone();
    let mut policy = run.map(|run| run.spec.policy.clone()).unwrap_or_default();
    if let Some((plan, placed)) = planned {
        if let Some(most) = policy.maximum_cost {
            let own = placed.offer.estimate.compute + placed.offer.estimate.disk;
            policy.maximum_cost = Some(most - (plan.cost - own));
        }
        data(&mut spec, plan, placed);
    }
    policy.deadline = left(&policy, run, planned, now);
    Some(PipelineSpec {
        name: run.map_or_else(|| name.clone(), |run| run.spec.name.clone()),
        parameters: BTreeMap::new(),
        steps: vec![StepSpec {
            name,
            needs: Vec::new(),
            for_each: None,
            action: StepAction::Job { job: spec.into() },
        }],
        policy,
        tags: BTreeMap::new(),
    })
}

/// Time until the run's deadline less what follows the job; none when it cannot be kept any more.
fn left(
    policy: &Policy,
    run: Option<&Run>,
    planned: Option<(&Plan, &Placed)>,
    now: Timestamp,
) -> Option<Span> {
    let gone = now.since(run?.created);
    let follows = planned.map_or(0, |(plan, placed)| plan.time.0 - placed.finish.0);
    let left = policy.deadline?.0 - gone.0 - follows.max(0);
    (left > 0).then_some(Span(left))
}

/// What the job reads and writes, at the places that the run's plan has for it.
fn data(spec: &mut JobSpec, plan: &Plan, placed: &Placed) {
    let at = |other: &str, bytes: u64| {
        let site = &plan.placement(other)?.offer.site;
        // Nobody charges for data of this machine, and no map knows where it is.
        (*site.provider != *LOCAL).then(|| DataAt {
            provider: site.provider.to_string(),
            region: site.region.to_string(),
            size: ByteSize(bytes),
        })
    };
    for moved in plan.transfers.iter().filter(|it| it.bytes > 0) {
        if moved.to == placed.workload {
            spec.expected.inputs.extend(at(&moved.from, moved.bytes));
        } else if moved.from == placed.workload {
            spec.expected.outputs.extend(at(&moved.to, moved.bytes));
        }
    }
}
