//! From a question to a plan.

use domain::{Money, Span};

use crate::ask::{Ask, Taking};
use crate::compose::{Composed, Origin};
use crate::explain;
use crate::plan::{Front, Moved, Placed, Plan, Point, Proof, question_hash};
use crate::pools::Pools;
use crate::question::{DataAt, Objective, Question};
use crate::relax::{Relaxed, ways_out};
use crate::search::problem::Solution;
use crate::search::{self, Outcome};
use crate::shortlist::Shortlist;
use crate::solve::{Solved, shortlists, solve};
use crate::unplaceable::{Blocked, Constrained, Unplaceable};

/// Most workloads of a question that is answered with what would have to give way: each set of
/// demands that is tried is a question of its own.
const MOST_RELAXED: usize = 200;

/// The best plan for a question.
///
/// The answer depends on nothing but the question: no clock, no random number, no thread.
///
/// # Errors
/// [`Unplaceable::Question`] when the question itself is wrong (unknown names with the nearest
/// known ones, cycles, duplicates, senseless amounts); [`Unplaceable::Constrained`] when nothing
/// satisfies all constraints, with the smallest sets of them that would have to give way.
pub fn plan(question: &Question) -> Result<Plan, Unplaceable> {
    question.check()?;
    let asks: Vec<Ask<'_>> = question
        .workloads
        .iter()
        .map(|workload| Ask::new(question, workload))
        .collect();
    let pools = Pools::new(question);
    let none = Relaxed::default();
    let lists = shortlists(&asks, &pools, &none);
    if lists.iter().any(|list| list.ways.is_empty()) {
        return Err(constrained(question, &asks, &pools, &lists, true));
    }
    let solved = solve(question, lists, &pools, &none);
    if solved.outcome.best.is_none() {
        return Err(constrained(
            question,
            &asks,
            &pools,
            &solved.lists,
            solved.outcome.proved,
        ));
    }
    Ok(tell(question, &asks, solved))
}

fn constrained(
    question: &Question,
    asks: &[Ask<'_>],
    pools: &Pools,
    lists: &[Shortlist],
    proved: bool,
) -> Unplaceable {
    let mut workloads = Vec::new();
    for (ask, list) in asks.iter().zip(lists) {
        if list.ways.is_empty() {
            workloads.push(Blocked {
                workload: ask.workload.name.clone(),
                considered: list.considered,
                rejected: explain::rejected(ask, &list.tally),
            });
        }
    }
    let few = question.workloads.len() <= MOST_RELAXED;
    let (ways_out, smallest) = if question.settings.relax && proved && few {
        ways_out(question, asks, pools, lists)
    } else {
        (Vec::new(), false)
    };
    Unplaceable::Constrained(Box::new(Constrained {
        workloads,
        proved,
        ways_out,
        smallest,
    }))
}

fn tell(question: &Question, asks: &[Ask<'_>], solved: Solved) -> Plan {
    let Some((best, ways)) = solved.best() else {
        return empty(question);
    };
    let best = best.clone();
    let Solved {
        lists,
        mut composed,
        outcome,
    } = solved;
    let mut plan = empty(question);
    plan.cost = Money::micros(best.cost);
    plan.time = Span(best.makespan);
    plan.proof = proof(question.objective, &outcome, &best);
    plan.nodes = outcome.nodes;
    plan.transfers = transfers(question, &composed, &best);
    for (task, ask) in asks.iter().enumerate() {
        let list = &lists[task];
        let way = &list.ways[ways[task]];
        let row = way.candidate.row as usize;
        let Some(offer) = explain::chosen(ask, way.candidate) else {
            continue;
        };
        let span = best.spans[task];
        let placed = Placed {
            workload: ask.workload.name.clone(),
            offer,
            start: Span(span.start),
            finish: Span(span.finish),
            evidence: explain::evidence(ask, usize::from(way.site)),
            runners_up: explain::runners_up(ask, &mut composed, list, (&best, task)),
            considered: list.considered,
            rejected: explain::rejected(ask, &list.tally),
        };
        plan.notes.extend(explain::notes(ask, list, &placed, row));
        plan.placed.push(placed);
    }
    let apart: Money = plan.transfers.iter().map(|it| it.cost).sum();
    let work: Money = plan
        .placed
        .iter()
        .map(|it| it.offer.estimate.compute + it.offer.estimate.disk)
        .sum();
    let shared = plan.cost - apart - work;
    if shared != Money::ZERO {
        plan.notes.push(format!(
            "transfers share volumes of their tariffs: together they come to {} where each by \
             itself would make {apart}",
            apart + shared
        ));
    }
    if question.settings.front {
        plan.front = Some(front(question, &composed, &lists));
    }
    plan.sealed()
}

fn empty(question: &Question) -> Plan {
    Plan {
        hash: String::new(),
        question: question_hash(question),
        edition: question.market.edition().to_owned(),
        asked_at: question.now,
        objective: question.objective,
        cost: Money::ZERO,
        time: Span::ZERO,
        proof: Proof::Optimal,
        nodes: 0,
        placed: Vec::new(),
        transfers: Vec::new(),
        front: None,
        notes: Vec::new(),
    }
}

fn proof(objective: Objective, outcome: &Outcome, best: &Solution) -> Proof {
    if outcome.proved {
        return Proof::Optimal;
    }
    let reached = if objective == Objective::Time {
        best.makespan
    } else {
        best.cost
    };
    let above = i128::from(reached) - i128::from(outcome.bound);
    let share = above.max(0) * 10_000 / i128::from(outcome.bound.max(1));
    Proof::Bounded {
        bound: outcome.bound,
        gap_basis_points: u64::try_from(share).unwrap_or(u64::MAX),
    }
}

fn transfers(question: &Question, composed: &Composed, best: &Solution) -> Vec<Moved> {
    let problem = &composed.problem;
    let region = |data: &DataAt| format!("{}/{}", data.provider, data.region);
    let mut moved = Vec::new();
    for (flow, origin) in problem.flows.iter().zip(&composed.origins) {
        let (from, to) = match origin {
            Origin::Link(at) => {
                let link = &question.links[*at];
                (link.from.clone(), link.to.clone())
            }
            Origin::Input(task, at) => {
                let workload = &question.workloads[*task];
                (region(&workload.inputs[*at]), workload.name.clone())
            }
            Origin::Output(task, at) => {
                let workload = &question.workloads[*task];
                (workload.name.clone(), region(&workload.outputs[*at]))
            }
        };
        let index = problem.card_of(flow, &best.picks);
        let card = &question.market.cards[index];
        moved.push(Moved {
            from,
            to,
            bytes: flow.bytes,
            path: card.path,
            cost: Money::micros(crate::estimate::transfer::cost(question, card, flow.bytes)),
            time: Span(flow.times[index]),
        });
    }
    moved
}

fn front(question: &Question, composed: &Composed, lists: &[Shortlist]) -> Front {
    let found = search::front(&composed.problem, question.settings.node_limit);
    let points = found.points.iter().map(|(solution, proved)| Point {
        cost: Money::micros(solution.cost),
        time: Span(solution.makespan),
        proved: *proved,
        places: (0..lists.len())
            .map(|task| {
                let token = composed.problem.pick(&solution.picks, task).token as usize;
                let candidate = lists[task].ways[token].candidate;
                let name = question.market.offer_name(candidate.row as usize);
                match candidate.taking {
                    Taking::Committed(_) => format!("{name}, committed"),
                    Taking::Bought(_) if candidate.is_spot() => format!("{name}, spot"),
                    Taking::Bought(_) => name,
                }
            })
            .collect(),
    });
    Front {
        points: points.collect(),
        complete: found.gap == 0,
        gap_basis_points: found.gap,
    }
}
