//! Exact fronts of cost against time on chains and in-trees.
//!
//! A label is the cost and finishing time of a whole subtree with its last task at a place; labels
//! that are no better in either are dropped (multi-objective dynamic programming: Hansen,
//! "Bicriterion path problems", 1980). Subtrees that meet at a task add their costs and the
//! slowest counts, so two fronts merge in one pass each.

use super::problem::{Ends, NEVER, Problem, plus};
use super::reduced::{Multipliers, Reduced};

/// One step of a plan, with what came before: a list that labels share.
struct Step {
    choice: Option<(usize, usize)>,
    before: Option<usize>,
    beside: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Label {
    cost: i64,
    time: i64,
    step: Option<usize>,
}

/// Limits that labels must keep.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Most micros.
    pub cost: i64,
    /// Most milliseconds.
    pub time: i64,
    /// Most labels in all; beyond it there is no answer.
    pub labels: usize,
}

/// Whether every task feeds at most one other, once, and only last tasks export slowly: the shape
/// that labels can be moved along.
pub(crate) fn fits(problem: &Problem) -> bool {
    (0..problem.tasks.len()).all(|task| {
        let out = &problem.together.flows_out[task];
        let links = out
            .iter()
            .filter(|&&flow| super::first::is_link(problem.flows[flow].ends));
        let links = links.count();
        let slow = out.iter().any(|&flow| {
            let flow = &problem.flows[flow];
            matches!(flow.ends, Ends::Export { .. }) && flow.times.iter().any(|&time| time > 0)
        });
        links == 0 || (links == 1 && !slow)
    })
}

struct Dynamic<'a> {
    problem: &'a Problem,
    reduced: &'a Reduced,
    limits: Limits,
    steps: Vec<Step>,
    made: usize,
}

/// The front over all tasks, cheapest first, as choices for every task; `None` beyond the limit
/// of labels. Shared pools and metered surcharges are left to the caller.
pub(crate) fn front(
    problem: &Problem,
    reduced: &Reduced,
    limits: Limits,
) -> Option<Vec<Vec<usize>>> {
    let mut state = Dynamic {
        problem,
        reduced,
        limits,
        steps: Vec::new(),
        made: 0,
    };
    let tasks = problem.tasks.len();
    let mut arrived: Vec<Option<Vec<Vec<Label>>>> = vec![None; tasks];
    let mut whole = vec![Label {
        cost: 0,
        time: 0,
        step: None,
    }];
    for &task in &problem.together.order {
        let entry = arrived[task].take();
        let labels = state.run(task, entry)?;
        let link = problem.together.flows_out[task]
            .iter()
            .copied()
            .find_map(|flow| match problem.flows[flow].ends {
                Ends::Link { to, .. } => Some((flow, to)),
                _ => None,
            });
        match link {
            None => {
                let ended = state.end(task, labels);
                whole = state.merge(&whole, &ended)?;
            }
            Some((flow, to)) => {
                let moved = state.carry(task, flow, to, &labels)?;
                let merged = match arrived[to].take() {
                    None => moved,
                    Some(known) => {
                        let mut rows = Vec::with_capacity(moved.len());
                        for (one, other) in known.iter().zip(&moved) {
                            rows.push(state.merge(one, other)?);
                        }
                        rows
                    }
                };
                arrived[to] = Some(merged);
            }
        }
    }
    Some(whole.iter().map(|label| state.picks(label)).collect())
}

/// The front of two-valued labels: sorted by cost, times strictly falling.
fn pareto(mut labels: Vec<Label>) -> Vec<Label> {
    labels.sort_by_key(|label| (label.cost, label.time));
    let mut kept: Vec<Label> = Vec::new();
    for label in labels {
        if kept.last().is_none_or(|last| label.time < last.time) {
            kept.push(label);
        }
    }
    kept
}

impl Dynamic<'_> {
    fn count(&mut self, labels: Vec<Label>) -> Option<Vec<Label>> {
        self.made += labels.len();
        (self.made <= self.limits.labels).then_some(labels)
    }

    fn note(
        &mut self,
        choice: Option<(usize, usize)>,
        before: Option<usize>,
        beside: Option<usize>,
    ) -> usize {
        self.steps.push(Step {
            choice,
            before,
            beside,
        });
        self.steps.len() - 1
    }

    /// Runs a task at each of its places after what has arrived there.
    fn run(&mut self, task: usize, entry: Option<Vec<Vec<Label>>>) -> Option<Vec<Vec<Label>>> {
        let mut rows = Vec::new();
        let places = &self.reduced.places[task];
        let choices = &self.problem.tasks[task].choices;
        for (position, &place) in places.iter().enumerate() {
            let (mut fee, mut ready) = (0, 0);
            for &index in &self.problem.together.flows_in[task] {
                let flow = &self.problem.flows[index];
                if let Ends::Import { place: from, .. } = flow.ends {
                    let card = self.problem.card(from, place);
                    fee = plus(fee, flow.costs[card]);
                    ready = ready.max(flow.times[card]);
                }
            }
            let start = [Label {
                cost: 0,
                time: 0,
                step: None,
            }];
            let before = entry.as_ref().map_or(&start[..], |rows| &rows[position]);
            let mut here = Vec::new();
            let first = choices.partition_point(|choice| choice.place < place);
            let at_place = choices[first..]
                .iter()
                .take_while(|choice| choice.place == place);
            for (offset, choice) in at_place.enumerate() {
                for label in before {
                    let cost = plus(plus(label.cost, fee), choice.cost);
                    let time = plus(label.time.max(ready), choice.time);
                    if self.keeps(cost, time) && time <= self.problem.tasks[task].finish_by {
                        here.push((
                            Label {
                                cost,
                                time,
                                step: label.step,
                            },
                            first + offset,
                        ));
                    }
                }
            }
            rows.push(self.settle(task, here)?);
        }
        Some(rows)
    }

    fn settle(&mut self, task: usize, labels: Vec<(Label, usize)>) -> Option<Vec<Label>> {
        let mut sorted = labels;
        sorted.sort_by_key(|(label, choice)| (label.cost, label.time, *choice));
        let mut kept: Vec<Label> = Vec::new();
        for (label, choice) in sorted {
            if kept.last().is_none_or(|last| label.time < last.time) {
                let step = self.note(Some((task, choice)), label.step, None);
                kept.push(Label {
                    step: Some(step),
                    ..label
                });
            }
        }
        self.count(kept)
    }

    fn keeps(&self, cost: i64, time: i64) -> bool {
        cost <= self.limits.cost && time <= self.limits.time && cost < NEVER && time < NEVER
    }

    /// Moves labels along a link to every place of the next task.
    fn carry(
        &mut self,
        task: usize,
        flow: usize,
        to: usize,
        rows: &[Vec<Label>],
    ) -> Option<Vec<Vec<Label>>> {
        let flow = &self.problem.flows[flow];
        let mut moved = Vec::new();
        for &reached in &self.reduced.places[to] {
            let mut here = Vec::new();
            for (labels, &place) in rows.iter().zip(&self.reduced.places[task]) {
                let card = self.problem.card(place, reached);
                for label in labels {
                    let cost = plus(label.cost, flow.costs[card]);
                    let time = plus(label.time, flow.times[card]);
                    if self.keeps(cost, time) {
                        here.push(Label {
                            cost,
                            time,
                            step: label.step,
                        });
                    }
                }
            }
            moved.push(self.count(pareto(here))?);
        }
        Some(moved)
    }

    /// The front of a last task over all its places, exports included.
    fn end(&self, task: usize, rows: Vec<Vec<Label>>) -> Vec<Label> {
        let mut labels = Vec::new();
        for (row, &place) in rows.iter().zip(&self.reduced.places[task]) {
            let mut fee = 0;
            for &index in &self.problem.together.flows_out[task] {
                let flow = &self.problem.flows[index];
                if let Ends::Export { place: to, .. } = flow.ends {
                    fee = plus(fee, flow.costs[self.problem.card(place, to)]);
                }
            }
            let out = self.problem.exporting(task, place);
            for label in row {
                let cost = plus(label.cost, fee);
                let time = plus(label.time, out);
                if self.keeps(cost, time) && time <= self.problem.tasks[task].finish_by {
                    labels.push(Label {
                        cost,
                        time,
                        step: label.step,
                    });
                }
            }
        }
        pareto(labels)
    }

    /// Two fronts that happen side by side: costs add, the later finish counts.
    fn merge(&mut self, one: &[Label], other: &[Label]) -> Option<Vec<Label>> {
        let mut joined = Vec::new();
        for a in one {
            for b in other {
                let (cost, time) = (plus(a.cost, b.cost), a.time.max(b.time));
                if self.keeps(cost, time) {
                    joined.push((cost, time, a.step, b.step));
                }
            }
        }
        joined.sort_by_key(|&(cost, time, ..)| (cost, time));
        let mut kept: Vec<Label> = Vec::new();
        for (cost, time, before, beside) in joined {
            if kept.last().is_none_or(|last| time < last.time) {
                let step = match (before, beside) {
                    (None, only) | (only, None) => only,
                    _ => Some(self.note(None, before, beside)),
                };
                kept.push(Label { cost, time, step });
            }
        }
        self.count(kept)
    }

    fn picks(&self, label: &Label) -> Vec<usize> {
        let mut picks = vec![0; self.problem.tasks.len()];
        let mut open: Vec<usize> = label.step.into_iter().collect();
        while let Some(at) = open.pop() {
            let step = &self.steps[at];
            if let Some((task, choice)) = step.choice {
                picks[task] = choice;
            }
            open.extend(step.before);
            open.extend(step.beside);
        }
        picks
    }
}

/// The reduction that labels start from: every place, nothing charged.
pub(crate) fn everything(problem: &Problem) -> Reduced {
    let mut reduced = Reduced::new(problem, &Multipliers::none(problem));
    reduced.drop_impossible();
    reduced
}
