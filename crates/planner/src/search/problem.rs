//! The placement problem with every name, price and rule already turned into integers.
//!
//! The search knows nothing of clouds: a task has choices, a choice sits at a place, costs micros
//! and takes milliseconds; data flows between tasks cost by the pair of places they join. One
//! function, [`Problem::evaluate`], says what an assignment costs and whether it is allowed; every
//! algorithm and every test answers to it.

use super::meter::Meter;
use super::together::Together;

/// "Cannot be": larger than any sum of real amounts, small enough that adding two never overflows.
pub(crate) const NEVER: i64 = 1 << 60;

/// The largest amount (micros or milliseconds) one choice or one flow may carry.
pub(crate) const LARGEST: i64 = 1 << 48;

/// Adds two amounts, staying at [`NEVER`] once there.
pub(crate) fn plus(one: i64, other: i64) -> i64 {
    one.saturating_add(other).min(NEVER)
}

/// One way to run a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Index of the place it runs at.
    pub place: u16,
    /// Micros, data flows excluded.
    pub cost: i64,
    /// Milliseconds from being allowed to start until the result is there.
    pub time: i64,
    /// What it takes from shared pools while it runs.
    pub uses: Vec<(u16, i64)>,
    /// The caller's own number for this choice.
    pub token: u32,
}

/// One task and all it may become.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    /// Choices, sorted by place, then cost, then time, then token.
    pub choices: Vec<Choice>,
    /// Milliseconds from now by which it must have finished; [`NEVER`] when it need not.
    pub finish_by: i64,
}

/// Where a flow of data starts and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// From one task to another, which starts after it.
    Link {
        /// The task that writes.
        from: usize,
        /// The task that reads.
        to: usize,
    },
    /// Data that is already at a place.
    Import {
        /// Where it is.
        place: u16,
        /// The task that reads it.
        to: usize,
    },
    /// Data that must end at a place.
    Export {
        /// The task that writes it.
        from: usize,
        /// Where it must go.
        place: u16,
    },
}

/// Data that moves, with its cost and time by rate card.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    /// Between what.
    pub ends: Ends,
    /// How much.
    pub bytes: u64,
    /// Micros by rate card; for a metered card the least share it can come to.
    pub costs: Vec<i64>,
    /// For metered cards the least share when none of the bytes is free; may be empty when there
    /// are no meters.
    pub paid: Vec<i64>,
    /// Milliseconds by rate card.
    pub times: Vec<i64>,
}

/// A whole placement problem.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// The tasks, by index.
    pub tasks: Vec<Task>,
    /// The flows between them and with the world.
    pub flows: Vec<Flow>,
    /// Number of places.
    pub places: usize,
    /// Rate card of each ordered pair of places, row by row.
    pub cards: Vec<u16>,
    /// Meters shared by flows.
    pub meters: Vec<Meter>,
    /// Meter of each rate card, where it has one, and the position of its tariff there.
    pub meter_of_card: Vec<Option<(u16, u16)>>,
    /// Limit of each shared pool.
    pub pools: Vec<i64>,
    /// Which tasks may run at the same time, and a topological order.
    pub together: Together,
    /// Most micros the whole may cost; [`NEVER`] when unlimited.
    pub budget: i64,
    /// Milliseconds from now by which everything must have finished; [`NEVER`] when unlimited.
    pub deadline: i64,
}

/// An assignment that satisfies every rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Solution {
    /// The choice taken for each task.
    pub picks: Vec<usize>,
    /// Micros in all.
    pub cost: i64,
    /// Milliseconds until the last task has finished.
    pub makespan: i64,
    /// When each task starts and ends.
    pub spans: Vec<Span>,
}

/// The course of one task, in milliseconds from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    /// Its data is there.
    pub start: i64,
    /// Its result is there: tasks that wait for it may fetch it.
    pub finish: i64,
    /// What it exports has arrived.
    pub landed: i64,
}

impl Problem {
    /// Rate card from one place to another.
    pub(crate) fn card(&self, from: u16, to: u16) -> usize {
        usize::from(self.cards[usize::from(from) * self.places + usize::from(to)])
    }

    /// The choice a task takes in an assignment.
    pub(crate) fn pick(&self, picks: &[usize], task: usize) -> &Choice {
        &self.tasks[task].choices[picks[task]]
    }

    /// Rate card of a flow under an assignment.
    pub(crate) fn card_of(&self, flow: &Flow, picks: &[usize]) -> usize {
        match flow.ends {
            Ends::Link { from, to } => {
                self.card(self.pick(picks, from).place, self.pick(picks, to).place)
            }
            Ends::Import { place, to } => self.card(place, self.pick(picks, to).place),
            Ends::Export { from, place } => self.card(self.pick(picks, from).place, place),
        }
    }

    /// Whether time is limited anywhere.
    pub(crate) fn timed(&self) -> bool {
        self.deadline < NEVER || self.tasks.iter().any(|task| task.finish_by < NEVER)
    }

    /// Bytes by meter and tariff under an assignment.
    pub(crate) fn volumes(&self, picks: &[usize]) -> Vec<Vec<u64>> {
        let mut volumes: Vec<Vec<u64>> = self
            .meters
            .iter()
            .map(|meter| vec![0; meter.tariffs.len()])
            .collect();
        for flow in &self.flows {
            if let Some((meter, tariff)) = self.meter_of_card[self.card_of(flow, picks)] {
                let sum = &mut volumes[usize::from(meter)][usize::from(tariff)];
                *sum = sum.saturating_add(flow.bytes);
            }
        }
        volumes
    }

    /// What metered flows truly cost above their least shares.
    pub(crate) fn surcharge(&self, picks: &[usize]) -> i64 {
        if self.meters.is_empty() {
            return 0;
        }
        let mut counted = vec![0_i64; self.meters.len()];
        for flow in &self.flows {
            let card = self.card_of(flow, picks);
            if let Some((meter, _)) = self.meter_of_card[card] {
                let sum = &mut counted[usize::from(meter)];
                *sum = plus(*sum, flow.costs[card]);
            }
        }
        let mut extra = 0;
        let volumes = self.volumes(picks);
        for (meter, (volumes, &share)) in self.meters.iter().zip(volumes.iter().zip(&counted)) {
            if share < NEVER {
                extra = plus(extra, (meter.price(volumes) - share).max(0));
            }
        }
        extra
    }

    /// The course of every task under an assignment.
    pub(crate) fn spans(&self, picks: &[usize]) -> Vec<Span> {
        let mut spans = vec![Span::default(); self.tasks.len()];
        for &task in &self.together.order {
            let mut start = 0;
            for &index in &self.together.flows_in[task] {
                let flow = &self.flows[index];
                let time = flow.times[self.card_of(flow, picks)];
                let ready = match flow.ends {
                    Ends::Link { from, .. } => plus(spans[from].finish, time),
                    Ends::Import { .. } | Ends::Export { .. } => time,
                };
                start = start.max(ready);
            }
            let choice = self.pick(picks, task);
            let finish = plus(start, choice.time);
            let landed = plus(finish, self.exporting(task, choice.place));
            spans[task] = Span {
                start,
                finish,
                landed,
            };
        }
        spans
    }

    /// How long what a task exports travels from a place.
    pub(crate) fn exporting(&self, task: usize, from: u16) -> i64 {
        let mut longest = 0;
        for &index in &self.together.flows_out[task] {
            if let Ends::Export { place, .. } = self.flows[index].ends {
                longest = longest.max(self.flows[index].times[self.card(from, place)]);
            }
        }
        longest
    }

    /// Micros of an assignment, surcharge included; [`NEVER`] when a flow is forbidden.
    pub(crate) fn cost(&self, picks: &[usize]) -> i64 {
        let mut total = self.surcharge(picks);
        for task in 0..self.tasks.len() {
            total = plus(total, self.pick(picks, task).cost);
        }
        for flow in &self.flows {
            total = plus(total, flow.costs[self.card_of(flow, picks)]);
        }
        total
    }

    /// Whether the shared pools hold an assignment.
    pub(crate) fn pools_hold(&self, picks: &[usize]) -> bool {
        (0..self.pools.len()).all(|pool| {
            let mut users = Vec::new();
            for task in 0..self.tasks.len() {
                for &(used, units) in &self.pick(picks, task).uses {
                    if usize::from(used) == pool {
                        users.push((task, units));
                    }
                }
            }
            self.together.peak(&users) <= self.pools[pool]
        })
    }

    /// The law: what an assignment comes to, or `None` when it breaks a rule.
    pub(crate) fn evaluate(&self, picks: &[usize]) -> Option<Solution> {
        let cost = self.cost(picks);
        if cost >= NEVER || cost > self.budget || !self.pools_hold(picks) {
            return None;
        }
        let spans = self.spans(picks);
        let makespan = spans.iter().map(|span| span.landed).max().unwrap_or(0);
        if makespan >= NEVER || makespan > self.deadline {
            return None;
        }
        if spans
            .iter()
            .zip(&self.tasks)
            .any(|(span, task)| span.landed > task.finish_by)
        {
            return None;
        }
        Some(Solution {
            picks: picks.to_vec(),
            cost,
            makespan,
            spans,
        })
    }
}
