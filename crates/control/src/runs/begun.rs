//! How much one activation of a run begins.

use domain::Name;
use domain::job::JobSpec;
use domain::pipeline::{PipelineSpec, Run, StepAction, StepState};
use std::collections::{BTreeMap, HashMap};

/// Most steps that one activation begins. So each is short however wide the run is, and a server that
/// is told to stop need not wait for more than that.
const AT_ONCE: usize = 128;

/// So many jobs of a run wait for places at least, even where places are few and jobs short.
const AHEAD: usize = 32;

/// What an activation has begun, and how much it still may.
///
/// As many jobs may wait for a place as there are places, or a few dozen: what begins later loses nothing by
/// it, and need not be looked at until then, nor be ended one by one when the run is stopped. Jobs
/// that may use other providers are counted apart, so that none waits for a place that it would not
/// take.
pub(super) struct Begun<'a> {
    most: usize,
    jobs: BTreeMap<&'a [String], usize>,
    steps: usize,
    moved: bool,
}

impl<'a> Begun<'a> {
    /// Before anything is begun of `run`, whose pipeline is `spec`, on a server with so many places.
    pub(super) fn new(run: &Run, spec: &'a PipelineSpec, places: usize) -> Self {
        let templates = spec.steps.iter().filter_map(|step| match &step.action {
            StepAction::Job { job } => Some((&step.name, &**job)),
            _ => None,
        });
        let templates: HashMap<&Name, &JobSpec> = templates.collect();
        let mut jobs = BTreeMap::new();
        for (path, state) in &run.steps {
            if let StepState::Running { job: Some(_), .. } = state
                && let Some(template) = templates.get(&path.step)
            {
                *jobs.entry(allowed(template)).or_default() += 1;
            }
        }
        Self {
            most: places + places.max(AHEAD),
            jobs,
            steps: 0,
            moved: false,
        }
    }

    /// Whether a job of this template may be begun now.
    pub(super) fn has_room(&self, template: &JobSpec) -> bool {
        let begun = self.jobs.get(allowed(template)).copied().unwrap_or(0);
        begun < self.most
    }

    /// Takes note that a step was begun and stands so now.
    pub(super) fn count(&mut self, action: &'a StepAction, state: &StepState) {
        self.steps += 1;
        self.moved = true;
        if let (StepAction::Job { job }, StepState::Running { .. }) = (action, state) {
            *self.jobs.entry(allowed(job)).or_default() += 1;
        }
    }

    /// Whether the rest is for the next activation.
    pub(super) fn is_enough(&self) -> bool {
        self.steps >= AT_ONCE
    }

    /// Whether something was begun since this was asked last.
    pub(super) fn moved(&mut self) -> bool {
        std::mem::take(&mut self.moved)
    }
}

/// The providers that a job may use.
fn allowed(template: &JobSpec) -> &[String] {
    &template.policy.providers
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::job::Entry;

    fn job(providers: &[&str]) -> StepAction {
        let mut job = JobSpec::new(Entry::Command { argv: Vec::new() });
        job.policy.providers = providers.iter().map(ToString::to_string).collect();
        StepAction::Job { job: job.into() }
    }

    #[test]
    fn jobs_that_may_use_other_providers_have_room_of_their_own() {
        let (here, there) = (job(&[]), job(&["there"]));
        let mut begun = Begun {
            most: 2,
            jobs: BTreeMap::new(),
            steps: 0,
            moved: false,
        };
        let state = StepState::Running {
            job: None,
            since: domain::Timestamp(0),
            cache_key: None,
            generation: None,
        };
        let has_room = |begun: &Begun<'_>, action: &StepAction| match action {
            StepAction::Job { job } => begun.has_room(job),
            _ => false,
        };
        for _ in 0..2 {
            assert!(has_room(&begun, &here));
            begun.count(&here, &state);
        }
        assert!(!has_room(&begun, &here) && has_room(&begun, &there));
        assert!(begun.moved() && !begun.moved() && !begun.is_enough());
    }
}
