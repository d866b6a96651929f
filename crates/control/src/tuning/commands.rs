//! What callers ask of searches.

use super::search;
use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control};
use contracts::store::{Commit, Expect, Key};
use domain::Refusal;
use domain::tuning::{Range, Scale, Strategy, Tuning, TuningPhase, TuningSpec};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most trials of a search.
const MOST_TRIALS: u32 = 2_000;
/// Most hyperparameters that are searched.
const MOST_DIMENSIONS: usize = 30;
/// Most values of a categorical one.
const MOST_VALUES: usize = 100;

/// A search to be made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewTuning {
    /// Its id.
    pub id: String,
    /// The dialect that makes trials.
    pub dialect: String,
    /// The dialect's word for a trial.
    pub kind: String,
    /// What the dialect needs to act as whoever asks.
    pub actor: Value,
    /// What was asked for, in the dialect's own form.
    pub document: Value,
    /// What all trials have in common.
    pub template: Value,
    /// What is searched and how.
    pub spec: TuningSpec,
}

impl Control {
    /// Makes a search; it begins at once.
    pub async fn start_tuning(&self, caller: &Caller, new: &NewTuning) -> Result<Tuning, Refusal> {
        caller.may_edit()?;
        check(&new.spec)?;
        self.transact(caller, new, || {
            Box::pin(async {
                let now = self.world.now();
                let tuning = Tuning {
                    id: new.id.clone(),
                    workspace: caller.workspace.clone(),
                    dialect: new.dialect.clone(),
                    kind: new.kind.clone(),
                    actor: new.actor.clone(),
                    document: new.document.clone(),
                    template: new.template.clone(),
                    spec: new.spec.clone(),
                    created: now,
                    modified: now,
                    ended: None,
                    phase: TuningPhase::Running,
                    failure: None,
                    trials: Vec::new(),
                };
                let key = tuning.key();
                if self.store.get(&key).await?.is_some() {
                    let (kind, name) = (Tuning::KIND.to_owned(), new.id.clone());
                    return Err(Refusal::AlreadyExists { kind, name }.into());
                }
                let commit = Commit {
                    expect: vec![Expect::Absent(key.clone())],
                    put: vec![tuning.row(Some(now))?],
                    events: vec![event(caller, &key, "created", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: tuning,
                })
            })
        })
        .await
    }

    /// Asks a search to stop: no new trial begins, those under way are stopped.
    pub async fn stop_tuning(&self, caller: &Caller, id: &str) -> Result<Tuning, Refusal> {
        caller.may_edit()?;
        let key = Key::new(Tuning::KIND, &caller.workspace, id);
        self.transact(caller, &("stop-tuning", id), || {
            Box::pin(async {
                let (mut tuning, row) = self.require::<Tuning>(&key).await?;
                if !matches!(tuning.phase, TuningPhase::Running | TuningPhase::Finishing) {
                    let message = format!("the search `{id}` is {}", tuning.phase.word());
                    return Err(Refusal::conflict(message).into());
                }
                let now = self.world.now();
                tuning.phase = TuningPhase::Stopping;
                tuning.modified = now;
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    put: vec![tuning.row(Some(now))?],
                    events: vec![event(caller, &key, "stop-requested", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: tuning,
                })
            })
        })
        .await
    }

    /// Forgets a search that is over. Its trials stay.
    pub async fn delete_tuning(&self, caller: &Caller, id: &str) -> Result<(), Refusal> {
        caller.may_edit()?;
        let key = Key::new(Tuning::KIND, &caller.workspace, id);
        self.transact(caller, &("delete-tuning", id), || {
            Box::pin(async {
                let (tuning, row) = self.require::<Tuning>(&key).await?;
                if !tuning.phase.is_over() {
                    let message = format!("the search `{id}` is under way; stop it first");
                    return Err(Refusal::conflict(message).into());
                }
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), row.revision)],
                    delete: vec![key.clone()],
                    events: vec![event(caller, &key, "deleted", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }
}

fn check(spec: &TuningSpec) -> Result<(), Refusal> {
    let wrong = |message: String| Err(Refusal::Invalid { message });
    if spec.space.is_empty() || spec.space.len() > MOST_DIMENSIONS {
        return wrong(format!(
            "1 to {MOST_DIMENSIONS} hyperparameters can be searched"
        ));
    }
    if spec.trials == 0 || spec.trials > MOST_TRIALS {
        return wrong(format!("a search has 1 to {MOST_TRIALS} trials"));
    }
    if spec.parallel == 0 {
        return wrong("a search needs at least one trial at once".to_owned());
    }
    let mut names = BTreeSet::new();
    for dimension in &spec.space {
        let name = &dimension.name;
        if !names.insert(name) {
            return wrong(format!("the hyperparameter `{name}` is there twice"));
        }
        if let Some(reason) = mistake(&dimension.range) {
            return wrong(format!("the range of `{name}` {reason}"));
        }
    }
    if spec.strategy == Strategy::Grid && search::combinations(&spec.space).is_none() {
        return wrong("a grid search takes categorical hyperparameters only".to_owned());
    }
    if let Strategy::Hyperband {
        min_resource,
        max_resource,
    } = spec.strategy
        && (min_resource == 0 || max_resource < min_resource)
    {
        return wrong("the least resource of Hyperband must be 1 up to the greatest".to_owned());
    }
    Ok(())
}

fn mistake(range: &Range) -> Option<&'static str> {
    let (min, max, scale) = match range {
        Range::Categorical { values } => {
            return (values.is_empty() || values.len() > MOST_VALUES)
                .then_some("must have 1 to 100 values");
        }
        Range::Integer { min, max, scale } => (*min as f64, *max as f64, scale),
        Range::Continuous { min, max, scale } => (min.get(), max.get(), scale),
    };
    match scale {
        _ if min > max => Some("must begin where it does not end"),
        Scale::Logarithmic if min <= 0.0 => Some("must be above 0 to be looked at logarithmically"),
        Scale::ReverseLogarithmic if min < 0.0 || max >= 1.0 => {
            Some("must be from 0 to below 1 to be looked at reverse-logarithmically")
        }
        _ => None,
    }
}
