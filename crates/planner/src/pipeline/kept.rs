//! The plan of a run as it is kept: the answer with everything it was made from, so that it can be
//! shown and made again years later.

use std::sync::Arc;

use domain::pipeline::PipelineSpec;
use domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::graph::jobs;
use super::{Asked, Places, Wishes, ask};
use crate::plan::digest;
use crate::question::check::MOST_WORKLOADS;
use crate::question::{History, Question, Refusals};
use crate::{Market, Plan, Replay, Unplaceable, replay};

/// What a plan was made from, besides the pipeline and the prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// When it was asked.
    pub now: Timestamp,
    /// This machine: thousandths of virtual processors and bytes of memory.
    pub here: (u32, u64),
    /// What an hour of this machine costs.
    pub local_rate: Money,
    /// How long jobs of earlier runs took.
    pub history: History,
    /// What providers had refused.
    pub refusals: Refusals,
    /// Places that were configured.
    #[serde(default, skip_serializing_if = "Places::is_empty")]
    pub places: Places,
}

/// What came of the question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum KeptAnswer {
    /// There is a place for every job.
    Placed {
        /// The plan.
        plan: Box<Plan>,
    },
    /// There is none.
    Nowhere {
        /// Why, with the smallest sets of demands to relax.
        why: String,
    },
    /// No plan was made.
    Unplanned {
        /// Why not.
        reason: String,
    },
}

/// A plan that is kept; never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// SHA-256 over all of it with this field empty, in hexadecimal.
    pub hash: String,
    /// The edition of the catalog whose prices were used.
    pub edition: String,
    /// What it was made from.
    pub known: Known,
    /// What came of it.
    pub answer: KeptAnswer,
    /// Assumptions, as sentences.
    pub notes: Vec<String>,
}

impl Kept {
    /// Plans a pipeline and keeps the answer.
    pub fn make(spec: &PipelineSpec, market: Arc<Market>, known: Known) -> Self {
        let edition = market.edition().to_owned();
        let (answer, notes) = match question(spec, market, &known) {
            Ok(asked) => (answer(&asked.question), asked.notes),
            Err(reason) => (KeptAnswer::Unplanned { reason }, Vec::new()),
        };
        let mut kept = Self {
            hash: String::new(),
            edition,
            known,
            answer,
            notes,
        };
        kept.hash = digest(&kept);
        kept
    }

    /// Whether it is as it was made: its hash fits its content, and the plan's fits the plan.
    pub fn is_intact(&self) -> bool {
        let bare = Self {
            hash: String::new(),
            ..self.clone()
        };
        let plan = match &self.answer {
            KeptAnswer::Placed { plan } => plan.is_intact(),
            _ => true,
        };
        plan && digest(&bare) == self.hash
    }

    /// The plan, where there is one.
    pub fn plan(&self) -> Option<&Plan> {
        match &self.answer {
            KeptAnswer::Placed { plan } => Some(plan),
            _ => None,
        }
    }

    /// Plans the pipeline again from the same facts and says in what the answer differs.
    pub fn replay(&self, spec: &PipelineSpec, market: Arc<Market>) -> Replay {
        let mut what = Vec::new();
        if !self.is_intact() {
            what.push("what is kept does not fit its own hash: it was changed".to_owned());
        }
        let KeptAnswer::Placed { plan } = &self.answer else {
            let now = Self::make(spec, market, self.known.clone());
            if now.answer != self.answer {
                what.push("the answer is another one now".to_owned());
            }
            return different(what);
        };
        match question(spec, market, &self.known) {
            Err(reason) => what.push(reason),
            Ok(asked) => {
                if let Replay::Different { what: more } = replay(plan, &asked.question) {
                    what.extend(more);
                }
            }
        }
        different(what)
    }
}

fn different(what: Vec<String>) -> Replay {
    if what.is_empty() {
        Replay::Same
    } else {
        Replay::Different { what }
    }
}

/// The question of a run, or why none is put.
fn question(spec: &PipelineSpec, market: Arc<Market>, known: &Known) -> Result<Asked, String> {
    // Counted first: every item of a loop is linked with every item that waits for it.
    let jobs = jobs(spec);
    if jobs > MOST_WORKLOADS {
        return Err(format!(
            "the run has {jobs} jobs; runs of at most {MOST_WORKLOADS} are planned when they begin"
        ));
    }
    let wishes = Wishes {
        local_rate: known.local_rate,
        places: known.places.clone(),
        objective: spec
            .policy
            .deadline
            .map_or_else(Default::default, |deadline| crate::Objective::CostWithin {
                deadline,
            }),
        ..Wishes::default()
    };
    let asked = ask(spec, market, known.now, &wishes).map_err(|error| error.to_string())?;
    let mut asked = asked.ok_or_else(|| "the run has no jobs".to_owned())?;
    asked.question.history = known.history.clone();
    asked.question.refusals = known.refusals.clone();
    Ok(asked)
}

fn answer(question: &Question) -> KeptAnswer {
    match crate::plan(question) {
        Ok(plan) => KeptAnswer::Placed {
            plan: Box::new(plan),
        },
        Err(Unplaceable::Constrained(why)) => {
            let mut text = why.to_string();
            for way in &why.ways_out {
                let parts: Vec<String> = way.relax.iter().map(ToString::to_string).collect();
                text.push_str(&format!("; relax {}: {}", parts.join(" and "), way.cost));
            }
            KeptAnswer::Nowhere { why: text }
        }
        Err(Unplaceable::Question(error)) => KeptAnswer::Unplanned {
            reason: error.to_string(),
        },
    }
}
