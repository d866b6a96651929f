//! Steps: what runs that begin from now on ask for. The workload's file stays as it is.

use crate::native::Native;
use crate::native::audit::audit;
use control::Caller;
use costs::metering::Asked;
use costs::rules::{Action, Applied};
use domain::Refusal;
use domain::pipeline::{PipelineSpec, StepAction};
use serde_json::json;

/// Refuses wishes that cannot take each other's place.
pub(super) fn check(asked: Asked, instead: Asked) -> Result<(), Refusal> {
    let same = asked.milli_cpus.is_some() == instead.milli_cpus.is_some()
        && asked.memory.is_some() == instead.memory.is_some();
    if !same || asked == Asked::default() {
        let message = "a step that asks for CPUs, memory or both is asked for the same instead";
        return Err(Refusal::invalid(message));
    }
    if instead.milli_cpus == Some(0) || instead.memory == Some(0) {
        return Err(Refusal::invalid("a step needs more than nothing"));
    }
    Ok(())
}

/// Writes down who changed it.
pub(super) async fn tell(
    native: &Native,
    caller: &Caller,
    pipeline: &str,
    word: &str,
    action: &Action,
) -> Result<(), Refusal> {
    let detail = json!({"advice": action});
    audit(native, caller, ("pipeline", pipeline), word, detail).await
}

/// Lets the steps of a new run ask for what applied advice says.
pub(in crate::native) async fn size(
    native: &Native,
    caller: &Caller,
    spec: &mut PipelineSpec,
) -> Result<(), Refusal> {
    let asks = |action: &StepAction| match action {
        StepAction::Job { job } => Asked::of(&job.resources) != Asked::default(),
        _ => false,
    };
    if !spec.steps.iter().any(|step| asks(&step.action)) {
        return Ok(());
    }
    let ledger = native.ledger.clone();
    let applied = tokio::task::spawn_blocking(move || ledger.applied()).await;
    let failed = |_| Refusal::internal("the advice that was applied could not be read");
    let applied = applied.map_err(failed)?.map_err(Refusal::from)?;
    let mut all: Vec<&Applied> = applied
        .values()
        .filter(|one| one.done && one.undone.is_none())
        .collect();
    all.sort_by_key(|one| one.at);
    for one in all {
        put(&one.action, caller.workspace.as_str(), spec);
    }
    Ok(())
}

/// One piece of advice, where the step still asks for what it did: a file that was changed since is
/// followed.
fn put(action: &Action, own: &str, spec: &mut PipelineSpec) {
    let Action::SizeStep {
        workspace,
        pipeline,
        step: name,
        asked,
        instead,
    } = action
    else {
        return;
    };
    if workspace != own || spec.name.as_str() != pipeline {
        return;
    }
    for step in spec
        .steps
        .iter_mut()
        .filter(|step| step.name.as_str() == name)
    {
        if let StepAction::Job { job } = &mut step.action
            && Asked::of(&job.resources) == *asked
        {
            instead.put(&mut job.resources);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ByteSize;
    use domain::job::{Entry, JobSpec};
    use domain::resources::Amount;

    fn pipeline(milli_cpus: u32) -> PipelineSpec {
        let mut job = JobSpec::new(Entry::Command {
            argv: vec!["true".to_owned()],
        });
        job.resources.milli_cpus = Some(Amount::AtLeast(milli_cpus));
        job.resources.memory = Some(Amount::Exactly(ByteSize(8 << 30)));
        let step = json!({"name": "train", "action": {"kind": "job", "job": job}});
        serde_json::from_value(json!({"name": "churn", "steps": [step]})).unwrap()
    }

    fn asked(spec: &PipelineSpec) -> Asked {
        match &spec.steps[0].action {
            StepAction::Job { job } => Asked::of(&job.resources),
            _ => Asked::default(),
        }
    }

    fn wish(milli_cpus: u32, gib: u64) -> Asked {
        Asked {
            milli_cpus: Some(milli_cpus),
            memory: Some(gib << 30),
        }
    }

    #[test]
    fn advice_is_followed_as_long_as_the_file_asks_for_the_same() {
        let action = Action::SizeStep {
            workspace: "default".to_owned(),
            pipeline: "churn".to_owned(),
            step: "train".to_owned(),
            asked: wish(4_000, 8),
            instead: wish(1_000, 2),
        };
        let mut spec = pipeline(4_000);
        put(&action, "default", &mut spec);
        assert_eq!(asked(&spec), wish(1_000, 2));
        // It still asks for that or more, as before.
        let StepAction::Job { job } = &spec.steps[0].action else {
            panic!("it is a job");
        };
        assert_eq!(job.resources.milli_cpus, Some(Amount::AtLeast(1_000)));
        let mut elsewhere = pipeline(4_000);
        put(&action, "other", &mut elsewhere);
        assert_eq!(asked(&elsewhere), wish(4_000, 8));
        let mut changed = pipeline(2_000);
        put(&action, "default", &mut changed);
        assert_eq!(asked(&changed), wish(2_000, 8));
    }

    #[test]
    fn what_asks_for_something_else_is_refused() {
        assert!(check(wish(4_000, 8), wish(1_000, 2)).is_ok());
        assert!(check(wish(4_000, 8), wish(0, 2)).is_err());
        assert!(check(Asked::default(), Asked::default()).is_err());
        let only = Asked {
            milli_cpus: None,
            ..wish(1_000, 2)
        };
        assert!(check(wish(4_000, 8), only).is_err());
    }
}
