//! Lower bounds on finishing times while only some tasks are decided.

use super::problem::{Ends, NEVER, Problem, plus};
use super::reduced::Reduced;

/// Least times by flow, for each way its ends can be known.
#[derive(Debug)]
struct Passage {
    /// For each place (position) of the writer: least of moving and then running the reader.
    from: Vec<i64>,
    /// For each place (position) of the reader: least of moving.
    to: Vec<i64>,
    /// Least of moving and running, nothing known.
    any: i64,
}

/// What is decided about a task.
pub(crate) type Decided = Option<(usize, usize)>;

/// Precomputed least times.
#[derive(Debug)]
pub(crate) struct Clock {
    quickest: Vec<Vec<i64>>,
    passages: Vec<Option<Passage>>,
}

impl Clock {
    /// Least times over the places that are still possible.
    pub(crate) fn new(problem: &Problem, reduced: &Reduced) -> Self {
        let quickest: Vec<Vec<i64>> = problem
            .tasks
            .iter()
            .zip(&reduced.places)
            .map(|(task, places)| {
                let mut least = vec![NEVER; places.len()];
                for choice in &task.choices {
                    if let Ok(position) = places.binary_search(&choice.place) {
                        least[position] = least[position].min(choice.time);
                    }
                }
                least
            })
            .collect();
        let passages = problem
            .flows
            .iter()
            .map(|flow| match flow.ends {
                Ends::Link { from, to } => {
                    let cards = (&reduced.places[from], &reduced.places[to]);
                    Some(passage(problem, &flow.times, cards, &quickest[to]))
                }
                Ends::Import { .. } | Ends::Export { .. } => None,
            })
            .collect();
        Self { quickest, passages }
    }

    /// No assignment that agrees with what is decided (position of place, index of choice) ends
    /// sooner; [`NEVER`] when a task would miss its own time.
    pub(crate) fn makespan(&self, problem: &Problem, decided: &[Decided]) -> i64 {
        let mut finish = vec![0_i64; problem.tasks.len()];
        let mut last = 0;
        for &task in &problem.together.order {
            finish[task] = match decided[task] {
                Some((position, choice)) => {
                    self.known(problem, task, position, choice, &finish, decided)
                }
                None => self.unknown(problem, task, &finish, decided),
            };
            let landed = decided[task].map_or(finish[task], |(_, choice)| {
                let place = problem.tasks[task].choices[choice].place;
                plus(finish[task], problem.exporting(task, place))
            });
            if landed > problem.tasks[task].finish_by {
                return NEVER;
            }
            last = last.max(landed);
        }
        last
    }

    fn known(
        &self,
        problem: &Problem,
        task: usize,
        position: usize,
        choice: usize,
        finish: &[i64],
        decided: &[Decided],
    ) -> i64 {
        let choice = &problem.tasks[task].choices[choice];
        let mut start = 0;
        for &index in &problem.together.flows_in[task] {
            let flow = &problem.flows[index];
            let ready = match flow.ends {
                Ends::Link { from, .. } => {
                    let moving = match (decided[from], &self.passages[index]) {
                        (Some((_, other)), _) => {
                            let place = problem.tasks[from].choices[other].place;
                            flow.times[problem.card(place, choice.place)]
                        }
                        (None, Some(passage)) => passage.to[position],
                        (None, None) => 0,
                    };
                    plus(finish[from], moving)
                }
                Ends::Import { place, .. } => flow.times[problem.card(place, choice.place)],
                Ends::Export { .. } => 0,
            };
            start = start.max(ready);
        }
        plus(start, choice.time)
    }

    fn unknown(&self, problem: &Problem, task: usize, finish: &[i64], decided: &[Decided]) -> i64 {
        let mut least = self.quickest[task].iter().copied().min().unwrap_or(NEVER);
        for &index in &problem.together.flows_in[task] {
            let (Ends::Link { from, .. }, Some(passage)) =
                (problem.flows[index].ends, &self.passages[index])
            else {
                continue;
            };
            let more = decided[from].map_or(passage.any, |(position, _)| passage.from[position]);
            least = least.max(plus(finish[from], more));
        }
        least
    }
}

fn passage(
    problem: &Problem,
    times: &[i64],
    (from, to): (&Vec<u16>, &Vec<u16>),
    quickest: &[i64],
) -> Passage {
    let mut least_from = vec![NEVER; from.len()];
    let mut least_to = vec![NEVER; to.len()];
    for (at, &place) in from.iter().enumerate() {
        for (other, &reached) in to.iter().enumerate() {
            let moving = times[problem.card(place, reached)];
            least_from[at] = least_from[at].min(plus(moving, quickest[other]));
            least_to[other] = least_to[other].min(moving);
        }
    }
    let any = least_from.iter().copied().min().unwrap_or(NEVER);
    Passage {
        from: least_from,
        to: least_to,
        any,
    }
}
