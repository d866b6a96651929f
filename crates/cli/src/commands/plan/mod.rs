//! `plan`: where every step would go, what it costs and why; nothing is started and nothing but
//! the file and the catalog is read. `run` shows its table from the same code.

mod kept;
mod show;
#[cfg(test)]
mod tests;
mod wishes;

use super::run::load;
use crate::arguments::{Arguments, PlanArguments};
use crate::embedded::data_folder;
use crate::failure::Failure;
use crate::output::Output;
use catalog::Catalog;
use domain::Timestamp;
use domain::pipeline::PipelineSpec;
use planner::pipeline::{Asked, Wishes, ask};
use planner::{Constrained, Plan, Unplaceable};
use server::market::{Here, market};
use std::collections::BTreeMap;
use std::sync::Arc;
use wishes::wishes;
use workload::Loaded;

/// How a question ended.
#[derive(Debug)]
enum Outcome {
    /// There is a place for every job.
    Placed(Box<Plan>),
    /// There is none.
    Nowhere(Box<Constrained>),
    /// There is no job.
    Nothing,
}

/// An answer with what had to be assumed for it.
#[derive(Debug)]
pub(super) struct Answer {
    outcome: Outcome,
    /// Names of the workloads of each job step.
    steps: BTreeMap<String, Vec<String>>,
    notes: Vec<String>,
}

pub(super) fn run(
    arguments: &Arguments,
    wanted: &PlanArguments,
    output: Output,
) -> Result<(), Failure> {
    let loaded = load(&wanted.path, &wanted.set)?;
    for warning in &loaded.warnings {
        output.note(format!("warning: {warning}"));
    }
    let answer = answer(arguments, wanted, &loaded.spec, now())?;
    match &answer.outcome {
        Outcome::Placed(plan) => output.document(plan),
        Outcome::Nowhere(why) => output.document(why),
        Outcome::Nothing => output.document(&serde_json::Value::Null),
    }
    show::steps(&loaded, &answer, output);
    if let Outcome::Placed(plan) = &answer.outcome {
        show::sum(plan, wanted, output);
    }
    for note in &answer.notes {
        output.say(format!("note: {note}"));
    }
    match answer.outcome {
        Outcome::Nowhere(why) => {
            show::nowhere(&why, wanted.explain, output);
            Err(Failure::Failed(format!("there is no plan: {why}")))
        }
        _ => Ok(()),
    }
}

pub(super) use kept::{replay, show as show_kept};

/// The table that a run shows before it begins.
pub(super) fn show_for_run(arguments: &Arguments, loaded: &Loaded, output: Output) {
    if output.json {
        return;
    }
    let wanted = PlanArguments {
        local_rate: "0 USD".to_owned(),
        ..PlanArguments::default()
    };
    match answer(arguments, &wanted, &loaded.spec, now()) {
        Ok(answer) => {
            show::steps(loaded, &answer, output);
            if let Outcome::Nowhere(why) = &answer.outcome {
                output.note(format!("warning: there is no plan: {why}"));
            }
        }
        // The server has the last word on what may run.
        Err(failure) => output.note(format!("warning: no plan: {}", failure.message())),
    }
}

fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// The catalog in use: the refreshed one of the data folder, else the program's own.
pub(super) fn open_catalog(arguments: &Arguments) -> Result<Catalog, Failure> {
    let opened = match data_folder(arguments) {
        Ok(data) => Catalog::open(&data),
        Err(_) => Catalog::embedded(),
    };
    opened.map_err(|error| Failure::here(format!("the catalog cannot be read: {error}")))
}

fn answer(
    arguments: &Arguments,
    wanted: &PlanArguments,
    spec: &PipelineSpec,
    now: Timestamp,
) -> Result<Answer, Failure> {
    let wishes = wishes(wanted, spec)?;
    let catalog = open_catalog(arguments)?;
    let here = Here::measured();
    answer_from(&catalog, here, &wishes, spec, now)
}

/// The answer from a catalog and this machine's size: no file, no clock, no network.
fn answer_from(
    catalog: &Catalog,
    here: Here,
    wishes: &Wishes,
    spec: &PipelineSpec,
    now: Timestamp,
) -> Result<Answer, Failure> {
    let market = market(Some(catalog), here, wishes.local_rate, now);
    let market = Arc::new(market.map_err(|error| Failure::here(error.to_string()))?);
    let unpriced = |error: planner::pipeline::NoPlace| Failure::Failed(error.to_string());
    let Some(asked) = ask(spec, market, now, wishes).map_err(unpriced)? else {
        return Ok(Answer {
            outcome: Outcome::Nothing,
            steps: BTreeMap::new(),
            notes: Vec::new(),
        });
    };
    let Asked {
        question,
        steps,
        mut notes,
    } = asked;
    if let Some(refused) = catalog.refused() {
        notes.push(format!("a damaged catalog was passed over: {refused}"));
    }
    let outcome = match planner::plan(&question) {
        Ok(plan) => {
            notes.extend(show::age(&plan, now));
            Outcome::Placed(Box::new(plan))
        }
        Err(Unplaceable::Constrained(why)) => Outcome::Nowhere(why),
        Err(Unplaceable::Question(error)) => return Err(Failure::Usage(error.to_string())),
    };
    Ok(Answer {
        outcome,
        steps,
        notes,
    })
}
