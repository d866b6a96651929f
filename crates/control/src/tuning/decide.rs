//! What follows for a search from what is seen of its trials; pure.

use super::search::{self, History, early, hyperband, space};
use crate::transact::hexadecimal;
use contracts::activities::Standing;
use domain::Timestamp;
use domain::metric::Finite;
use domain::tuning::{
    Goal, Strategy, Trial, TrialEnding, TrialState, Tuning, TuningPhase, TuningSpec,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Reports of a trial that are kept.
pub const MOST_REPORTS: usize = 1_000;
/// Failed trials, with none that gave an objective, after which the search gives up.
const MOST_FAILED: usize = 5;

/// What is seen of a trial.
#[derive(Debug, Clone)]
pub struct SeenTrial {
    /// How it stands.
    pub standing: Standing,
    /// Its reports of the objective from the first one on, at most [`MOST_REPORTS`].
    pub reports: Vec<Finite>,
    /// The last of all reports.
    pub last: Option<Finite>,
}

/// Takes in what is seen and everything that follows; new trials are proposed, trials that fell
/// behind are marked to be stopped.
pub fn settle(tuning: &mut Tuning, seen: &BTreeMap<u32, SeenTrial>, now: Timestamp) {
    for trial in &mut tuning.trials {
        if let Some(seen) = seen.get(&trial.number) {
            take_in(trial, seen, now);
        }
    }
    stop_those_behind(tuning);
    if tuning.phase == TuningPhase::Running && is_enough(tuning, now) {
        tuning.phase = TuningPhase::Finishing;
    }
    if tuning.phase == TuningPhase::Running {
        add_trials(tuning, now);
    }
    finish(tuning, now);
}

fn take_in(trial: &mut Trial, seen: &SeenTrial, now: Timestamp) {
    let TrialState::Running { stopping, .. } = trial.state else {
        return;
    };
    trial.reports.clone_from(&seen.reports);
    trial.reports.truncate(MOST_REPORTS);
    trial.objective = seen.last.or(trial.objective);
    let ending = match &seen.standing {
        Standing::Running => return,
        Standing::Succeeded { .. } => TrialEnding::Completed,
        Standing::Failed { reason, .. } => TrialEnding::Failed {
            reason: reason.clone(),
        },
        Standing::Stopped if stopping => TrialEnding::StoppedEarly,
        Standing::Stopped => TrialEnding::Stopped,
    };
    trial.state = TrialState::Over { ending, at: now };
}

fn plain(reports: &[Finite]) -> Vec<f64> {
    reports.iter().map(|report| report.get()).collect()
}

fn stop_those_behind(tuning: &mut Tuning) {
    let spec = &tuning.spec;
    let behind: Vec<u32> = tuning
        .trials
        .iter()
        .filter(|trial| {
            matches!(
                trial.state,
                TrialState::Running {
                    stopping: false,
                    ..
                }
            )
        })
        .filter(|trial| is_behind(spec, trial, &tuning.trials))
        .map(|trial| trial.number)
        .collect();
    for trial in &mut tuning.trials {
        if behind.contains(&trial.number)
            && let TrialState::Running { stopping, .. } = &mut trial.state
        {
            *stopping = true;
        }
    }
}

fn is_behind(spec: &TuningSpec, trial: &Trial, all: &[Trial]) -> bool {
    let own = plain(&trial.reports);
    match spec.strategy {
        Strategy::Hyperband {
            min_resource,
            max_resource,
        } => {
            let rungs = |trial: &Trial| hyperband::rungs(trial.number, min_resource, max_resource);
            let mine = rungs(trial);
            let rivals = all
                .iter()
                .filter(|other| other.number != trial.number && rungs(other) == mine);
            let rivals: Vec<Vec<f64>> = rivals.map(|other| plain(&other.reports)).collect();
            hyperband::is_out(spec.goal, &mine, &own, &rivals)
        }
        _ if spec.stop_early => {
            let done = all.iter().filter(|other| {
                matches!(
                    other.ending(),
                    Some(TrialEnding::Completed | TrialEnding::StoppedEarly)
                )
            });
            let done: Vec<Vec<f64>> = done.map(|other| plain(&other.reports)).collect();
            early::falls_behind(spec.goal, &own, &done)
        }
        _ => false,
    }
}

/// Whether the search has what it wants, or no time left.
fn is_enough(tuning: &Tuning, now: Timestamp) -> bool {
    let spec = &tuning.spec;
    if spec
        .longest
        .is_some_and(|longest| now.since(tuning.created) >= longest)
    {
        return true;
    }
    if let (Some(target), Some(best)) = (spec.target, tuning.best().and_then(|t| t.objective))
        && !spec.goal.is_better(target.get(), best.get())
    {
        return true;
    }
    let over: Vec<&Trial> = tuning
        .trials
        .iter()
        .filter(|trial| !trial.is_running())
        .collect();
    let failed = |trial: &&&Trial| matches!(trial.ending(), Some(TrialEnding::Failed { .. }));
    if over.len() >= MOST_FAILED && over.iter().filter(failed).count() == over.len() {
        return true;
    }
    match (spec.not_improving, tuning.best()) {
        (Some(most), Some(best)) => {
            let later = over
                .iter()
                .filter(|trial| trial.number > best.number)
                .count();
            later >= most as usize
        }
        _ => false,
    }
}

fn add_trials(tuning: &mut Tuning, now: Timestamp) {
    loop {
        let running = tuning
            .trials
            .iter()
            .filter(|trial| trial.is_running())
            .count();
        let number = tuning.trials.len() as u32 + 1;
        if running >= tuning.spec.parallel.max(1) as usize || number > tuning.spec.trials {
            return;
        }
        let Some(values) = search::propose(&tuning.spec, number, &history(tuning)) else {
            tuning.spec.trials = number - 1;
            return;
        };
        tuning.trials.push(Trial {
            number,
            name: trial_name(tuning, number),
            values,
            created: now,
            state: TrialState::Running {
                handle: None,
                stopping: false,
            },
            objective: None,
            reports: Vec::new(),
        });
    }
}

/// `<search>-<number>-<letters>`; the letters tell searches of one name apart.
fn trial_name(tuning: &Tuning, number: u32) -> String {
    let text = format!("{}/{}/{number}", tuning.id, tuning.created.0);
    let digest = Sha256::digest(text);
    let letters = hexadecimal(&digest[..4]);
    format!("{}-{number:03}-{letters}", tuning.id)
}

/// What proposals look at: larger is better.
pub fn history(tuning: &Tuning) -> History {
    let spec = &tuning.spec;
    let sign = match spec.goal {
        Goal::Maximize => 1.0,
        Goal::Minimize => -1.0,
    };
    let mut history = History::default();
    for seen in &spec.prior {
        if let Some(point) = space::point(&spec.space, &seen.values) {
            history.seen.push((point, sign * seen.objective.get()));
        }
    }
    for trial in &tuning.trials {
        history.taken.push(trial.values.clone());
        let Some(point) = space::point(&spec.space, &trial.values) else {
            continue;
        };
        match (trial.ending(), trial.objective) {
            (None, _) => history.pending.push(point),
            (Some(TrialEnding::Completed | TrialEnding::StoppedEarly), Some(value)) => {
                history.seen.push((point, sign * value.get()));
            }
            _ => {}
        }
    }
    history
}

fn finish(tuning: &mut Tuning, now: Timestamp) {
    if tuning.phase.is_over() || tuning.trials.iter().any(Trial::is_running) {
        return;
    }
    let all_done = tuning.trials.len() as u32 >= tuning.spec.trials;
    let gave = tuning.trials.iter().any(|trial| {
        trial.objective.is_some() || matches!(trial.ending(), Some(TrialEnding::Completed))
    });
    tuning.phase = match tuning.phase {
        TuningPhase::Stopping => TuningPhase::Stopped,
        TuningPhase::Running if !all_done => return,
        _ if gave => TuningPhase::Succeeded,
        _ => {
            tuning.failure = Some(reason(tuning));
            TuningPhase::Failed
        }
    };
    tuning.ended = Some(now);
}

fn reason(tuning: &Tuning) -> String {
    let first = tuning.trials.iter().find_map(|trial| match trial.ending() {
        Some(TrialEnding::Failed { reason }) => Some(format!("`{}`: {reason}", trial.name)),
        _ => None,
    });
    match first {
        Some(first) => format!("all training jobs failed; the first was {first}"),
        None => "no training job came to its end".to_owned(),
    }
}
