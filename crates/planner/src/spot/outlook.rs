//! The expected cost of finishing from any state, by value iteration over the learned rates.
//!
//! State: time left, slack (time left minus work and changeover still ahead), whether spot is
//! there and for how long already, and what runs; with several regions also whether another region
//! has spot. Each step one may wait, be on spot or be on demand, or move to the other region; a
//! start adds a changeover to the work, a move also its time and price. The value is in
//! milliseconds of on-demand price. Slack lies on a grid and is interpolated; time is cut into at
//! most `MOST_STEPS` steps, so the table stays small for any job.

use super::lifetimes::{AGES, Rates, probability, promotion};
use super::rhythm::{Rhythm, block_of};
use domain::Span;

/// Most steps that the time left is cut into, with one region and with several.
const MOST_STEPS: [i64; 2] = [420, 250];
/// Most cells of the slack grid, likewise.
const MOST_CELLS: [f64; 2] = [100.0, 60.0];
/// Age class of the zone that a lost machine is replaced in.
pub const TYPICAL: usize = 4;
/// Shortest step.
const LEAST_STEP: i64 = 600_000;
/// Value of a state from which the deadline is missed.
const LATE: f64 = 1e15;
/// States per time and slack: three modes when spot is there, two when not, per age. With several
/// regions there are twice as many.
const STATES: usize = AGES * 5;

/// What a job has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// No machine.
    Waiting,
    /// An on-demand machine.
    OnDemand,
    /// A spot machine.
    Spot,
}

/// Whether spot can be had, and the age class of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Available, in a zone of this class of age.
    Up(usize),
    /// Gone since this class of age.
    Down(usize),
}

/// What the other regions promise, and what a move there takes.
#[derive(Debug, Clone, Copy)]
pub struct Elsewhere {
    /// Per hour: that none of them has spot any more, and that one has it again.
    pub rates: (f64, f64),
    /// Probability that a third region has spot when one was moved to.
    pub third: f64,
    /// Spot price there as a share of the on-demand price.
    pub price: f64,
    /// Time of a move on top of the changeover.
    pub time: Span,
    /// Price of a move in milliseconds of on-demand price.
    pub fee: f64,
}

/// What the outlook is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Assumptions<'a> {
    /// Rates of the loss of a machine with no zone left, and of the return of spot in any zone.
    pub rates: &'a Rates,
    /// Factors by time of day.
    pub rhythm: &'a Rhythm,
    /// Time of day now, when known.
    pub clock: Option<Span>,
    /// Per hour, by age: a machine is lost although another zone has spot.
    pub relocations: [f64; AGES],
    /// Spot price as a share of the on-demand price.
    pub price: f64,
    /// Changeover.
    pub changeover: Span,
    /// Work between checkpoints.
    pub checkpoint_every: Span,
    /// Time to the deadline.
    pub left: Span,
    /// Most slack that can occur.
    pub slack: Span,
    /// Sampling gap: no step is shorter.
    pub gap: Span,
    /// The other regions, where there are any.
    pub elsewhere: Option<Elsewhere>,
}

/// What there is to be had: spot in the region of the checkpoint, and spot in another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Here.
    pub here: Sight,
    /// Whether another region has spot.
    pub there: bool,
}

/// Expected cost of finishing, for every state.
#[derive(Debug)]
pub struct Outlook {
    step: Span,
    grid: f64,
    cells: usize,
    changeover: f64,
    reserve: f64,
    lost: f64,
    price: f64,
    /// By steps left: change probability when up, when down, and of relocation, by age.
    chances: Vec<[[f64; AGES]; 3]>,
    promotions: [f64; AGES],
    /// Terms of the other regions, with the probabilities of one step in place of the rates.
    elsewhere: Option<Elsewhere>,
    states: usize,
    values: Vec<f32>,
}

impl Outlook {
    /// Solves backward from the deadline.
    pub fn solve(given: &Assumptions<'_>) -> Self {
        let several = usize::from(given.elsewhere.is_some());
        let most = given.left.0 / MOST_STEPS[several];
        let shortest = given.gap.0.max(LEAST_STEP).max(most);
        let step = Span(shortest);
        let steps = usize::try_from(given.left.0 / step.0).unwrap_or(0) + 1;
        let slack = given.slack.0.max(0) as f64;
        let grid = (step.0 as f64).max(slack / MOST_CELLS[several]);
        let cells = (slack / grid) as usize + 3;
        let lost = given.checkpoint_every.0 as f64;
        let states = STATES * (1 + several);
        let mut outlook = Self {
            step,
            grid,
            cells,
            changeover: given.changeover.0 as f64,
            reserve: given.changeover.0 as f64 + lost,
            lost: lost / 2.0,
            price: given.price,
            chances: (0..=steps).map(|left| chances(given, step, left)).collect(),
            promotions: std::array::from_fn(|class| promotion(class, step)),
            elsewhere: given.elsewhere.map(|other| Elsewhere {
                rates: (
                    probability(other.rates.0, step),
                    probability(other.rates.1, step),
                ),
                ..other
            }),
            states,
            values: vec![0.0; (steps + 1) * cells * states],
        };
        for left in 1..=steps {
            for cell in 0..cells {
                outlook.fill(left, cell);
            }
        }
        outlook
    }

    fn fill(&mut self, steps_left: usize, cell: usize) {
        let slack = cell as f64 * self.grid;
        let row = (steps_left * self.cells + cell) * self.states;
        for there in [false, true].into_iter().take(self.states / STATES) {
            for class in 0..AGES {
                for here in [Sight::Up(class), Sight::Down(class)] {
                    let view = View { here, there };
                    let values = self.best(steps_left, slack, view);
                    for (mode, value) in [Mode::Waiting, Mode::OnDemand, Mode::Spot]
                        .iter()
                        .zip(values)
                    {
                        if *mode != Mode::Spot || here == Sight::Up(class) {
                            self.values[row + state(view, *mode)] = value as f32;
                        }
                    }
                }
            }
        }
    }

    /// The length of one step of the outlook.
    pub fn step(&self) -> Span {
        self.step
    }

    /// Whole steps in this time.
    pub fn steps(&self, left: Span) -> usize {
        usize::try_from(left.0 / self.step.0).unwrap_or(0)
    }

    /// The least expected cost when waiting, on demand and on spot now.
    fn best(&self, steps_left: usize, slack: f64, view: View) -> [f64; 3] {
        let work = steps_left as f64 * self.step.0 as f64 - slack;
        if work <= 0.0 {
            return [0.0; 3];
        }
        let act = |mode: Mode, changeover: f64| {
            let price = if mode == Mode::Spot { self.price } else { 1.0 };
            let slack = slack - changeover;
            self.after(steps_left, slack, work + changeover, view, mode, price)
        };
        let wait = act(Mode::Waiting, 0.0);
        let start_on_demand = act(Mode::OnDemand, self.changeover);
        let start_spot = act(Mode::Spot, self.changeover).min(self.leave(steps_left, slack, view));
        // Too late for any rule of the net: on demand is all that remains.
        let or_late = |value: f64, rest: f64| if value < LATE { value } else { rest };
        let started = work + self.changeover;
        let away = wait.min(start_on_demand).min(start_spot);
        let stay = act(Mode::OnDemand, 0.0);
        [
            or_late(away, started),
            or_late(wait.min(stay).min(start_spot), work),
            or_late(away.min(act(Mode::Spot, 0.0)), started),
        ]
    }

    /// Expected cost of moving to spot in another region now.
    fn leave(&self, steps_left: usize, slack: f64, view: View) -> f64 {
        let Some(other) = self.elsewhere.filter(|_| view.there) else {
            return LATE;
        };
        let ahead = self.changeover + other.time.0 as f64;
        let work = steps_left as f64 * self.step.0 as f64 - slack + ahead;
        let to = (TYPICAL, other.price);
        other.fee + self.moved(steps_left, slack - ahead, work, view.here, to)
    }

    /// Expected cost of being, for one step, on spot of another region, in a zone of this class of
    /// age and at this price, and acting well afterwards; the price of the move is not in it.
    /// `slack` and `work` are as in `after`, `left_behind` is what this region still has.
    pub fn moved(
        &self,
        steps_left: usize,
        slack: f64,
        work: f64,
        left_behind: Sight,
        (class, price): (usize, f64),
    ) -> f64 {
        let here = Sight::Up(class);
        let arrive = |there: bool| {
            let view = View { here, there };
            self.after(steps_left, slack, work, view, Mode::Spot, price)
        };
        // The region that is left is one of the others from then on.
        let others = match (left_behind, &self.elsewhere) {
            (Sight::Down(_), Some(other)) => other.third,
            _ => 1.0,
        };
        others * arrive(true) + (1.0 - others) * arrive(false)
    }

    /// Expected cost of taking `action` for one step and acting well afterwards. `slack` is what
    /// the action's changeover leaves, `work` includes that changeover.
    pub fn after(
        &self,
        steps_left: usize,
        slack: f64,
        work: f64,
        view: View,
        action: Mode,
        price: f64,
    ) -> f64 {
        let step = self.step.0 as f64;
        let next = steps_left.saturating_sub(1).min(self.chances.len() - 1);
        match action {
            Mode::Waiting if slack - step < self.reserve => LATE,
            Mode::Waiting => self.next(next, slack - step, view, action),
            Mode::OnDemand if slack < 0.0 => LATE,
            Mode::Spot if matches!(view.here, Sight::Down(_)) || slack < self.reserve => LATE,
            _ if work <= step => price * work,
            _ => price * step + self.next(next, slack, view, action),
        }
    }

    fn next(&self, left: usize, slack: f64, view: View, mode: Mode) -> f64 {
        let Some(other) = &self.elsewhere else {
            return self.turn(left, slack, view.here, mode, false);
        };
        let there = if view.there {
            1.0 - other.rates.0
        } else {
            other.rates.1
        };
        there * self.turn(left, slack, view.here, mode, true)
            + (1.0 - there) * self.turn(left, slack, view.here, mode, false)
    }

    fn turn(&self, left: usize, slack: f64, sight: Sight, mode: Mode, there: bool) -> f64 {
        let [lose, gain, relocate] = &self.chances[left];
        let value = |slack: f64, here: Sight, mode: Mode| {
            self.value(left, slack, View { here, there }, mode)
        };
        let aged = |class: usize, to: fn(usize) -> Sight| {
            let promoted = self.promotions[class];
            let same = value(slack, to(class), mode);
            if class + 1 >= AGES {
                return same;
            }
            (1.0 - promoted) * same + promoted * value(slack, to(class + 1), mode)
        };
        match sight {
            Sight::Down(class) => {
                let back = value(slack, Sight::Up(0), mode);
                (1.0 - gain[class]) * aged(class, Sight::Down) + gain[class] * back
            }
            Sight::Up(class) if mode == Mode::Spot => {
                let gone = value(slack - self.lost, Sight::Down(0), Mode::Waiting);
                let mut sum = lose[class] * gone;
                if relocate[class] > 0.0 {
                    let moved = slack - self.lost - self.changeover;
                    sum += relocate[class] * value(moved, Sight::Up(TYPICAL), mode);
                }
                sum + (1.0 - lose[class] - relocate[class]).max(0.0) * aged(class, Sight::Up)
            }
            Sight::Up(class) => {
                let gone = value(slack, Sight::Down(0), mode);
                (1.0 - lose[class]) * aged(class, Sight::Up) + lose[class] * gone
            }
        }
    }

    /// Expected cost of finishing from this state.
    pub fn value(&self, left: usize, slack: f64, view: View, mode: Mode) -> f64 {
        let time = left as f64 * self.step.0 as f64;
        if slack >= time {
            return 0.0;
        }
        if slack < 0.0 {
            return time - slack + self.changeover;
        }
        let position = slack / self.grid;
        let cell = (position as usize).min(self.cells - 2);
        let part = (position - cell as f64).min(1.0);
        let at = (left * self.cells + cell) * self.states + state(view, mode);
        let (low, high) = (self.values[at], self.values[at + self.states]);
        f64::from(low) * (1.0 - part) + f64::from(high) * part
    }

    /// What losing one millisecond of time, with the work as it is, costs in milliseconds of
    /// on-demand price.
    pub fn price_of_time(&self, left: usize, slack: f64, view: View) -> f64 {
        let step = self.step.0 as f64;
        let left = left.min(self.chances.len() - 1);
        if left == 0 || slack < step {
            return 1.0;
        }
        let now = self.value(left, slack, view, Mode::Waiting);
        let later = self.value(left - 1, slack - step, view, Mode::Waiting);
        ((later - now) / step).clamp(0.0, 1.0)
    }
}

fn state(view: View, mode: Mode) -> usize {
    let here = match view.here {
        Sight::Up(class) => class * 3 + mode as usize,
        Sight::Down(class) => AGES * 3 + class * 2 + (mode as usize).min(1),
    };
    here + usize::from(view.there) * STATES
}

fn chances(given: &Assumptions<'_>, step: Span, steps_left: usize) -> [[f64; AGES]; 3] {
    let ahead = given.left.0 - step.0 * i64::try_from(steps_left).unwrap_or(0);
    let (up, down) = match given.clock {
        Some(clock) => {
            let block = block_of(Span(clock.0.saturating_add(ahead)));
            (given.rhythm.up[block], given.rhythm.down[block])
        }
        None => (1.0, 1.0),
    };
    let lose = given.rates.up.map(|rate| probability(rate * up, step));
    let gain = given.rates.down.map(|rate| probability(rate * down, step));
    let relocate = std::array::from_fn(|class| match given.relocations[class] {
        rate if rate > 0.0 => probability(rate * up, step).min(1.0 - lose[class]),
        _ => 0.0,
    });
    [lose, gain, relocate]
}
