//! The expected cost of finishing from any state, by value iteration over the learned rates.
//!
//! State: time left, slack (time left minus work and changeover still ahead), whether spot is
//! there and for how long already, and what runs. Each step one may wait, be on spot or be on
//! demand; a start adds a changeover to the work. The value is in milliseconds of on-demand price.
//! Slack lies on a grid and is interpolated; time is cut into at most `MOST_STEPS` steps, so the
//! table stays small for any job.

use super::lifetimes::{AGES, Rates, probability, promotion};
use super::rhythm::{Rhythm, block_of};
use domain::Span;

/// Most steps that the time left is cut into.
const MOST_STEPS: i64 = 420;
/// Most cells of the slack grid.
const MOST_CELLS: f64 = 100.0;
/// Age class of the zone that a lost machine is replaced in.
pub const TYPICAL: usize = 4;
/// Shortest step.
const LEAST_STEP: i64 = 600_000;
/// Value of a state from which the deadline is missed.
const LATE: f64 = 1e15;
/// States per time and slack: three modes when spot is there, two when not, per age.
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
    values: Vec<f32>,
}

impl Outlook {
    /// Solves backward from the deadline.
    pub fn solve(given: &Assumptions<'_>) -> Self {
        let shortest = given.gap.0.max(LEAST_STEP).max(given.left.0 / MOST_STEPS);
        let step = Span(shortest);
        let steps = usize::try_from(given.left.0 / step.0).unwrap_or(0) + 1;
        let slack = given.slack.0.max(0) as f64;
        let grid = (step.0 as f64).max(slack / MOST_CELLS);
        let cells = (slack / grid) as usize + 3;
        let lost = given.checkpoint_every.0 as f64;
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
            values: vec![0.0; (steps + 1) * cells * STATES],
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
        let row = (steps_left * self.cells + cell) * STATES;
        for class in 0..AGES {
            for sight in [Sight::Up(class), Sight::Down(class)] {
                let values = self.best(steps_left, slack, sight);
                for (mode, value) in [Mode::Waiting, Mode::OnDemand, Mode::Spot]
                    .iter()
                    .zip(values)
                {
                    if *mode != Mode::Spot || sight == Sight::Up(class) {
                        self.values[row + state(sight, *mode)] = value as f32;
                    }
                }
            }
        }
    }

    /// The length of one step of the outlook.
    pub fn step(&self) -> Span {
        self.step
    }

    /// The least expected cost when waiting, on demand and on spot now.
    fn best(&self, steps_left: usize, slack: f64, sight: Sight) -> [f64; 3] {
        let work = steps_left as f64 * self.step.0 as f64 - slack;
        if work <= 0.0 {
            return [0.0; 3];
        }
        let act = |mode: Mode, changeover: f64| {
            let price = if mode == Mode::Spot { self.price } else { 1.0 };
            let slack = slack - changeover;
            self.after(steps_left, slack, work + changeover, sight, mode, price)
        };
        let wait = act(Mode::Waiting, 0.0);
        let start_on_demand = act(Mode::OnDemand, self.changeover);
        let start_spot = act(Mode::Spot, self.changeover);
        // Too late for any rule of the net: on demand is all that remains.
        let or_late = |value: f64, rest: f64| if value < LATE { value } else { rest };
        let started = work + self.changeover;
        let away = wait.min(start_on_demand);
        [
            or_late(away.min(start_spot), started),
            or_late(wait.min(act(Mode::OnDemand, 0.0)).min(start_spot), work),
            or_late(away.min(act(Mode::Spot, 0.0)), started),
        ]
    }

    /// Expected cost of taking `action` for one step and acting well afterwards. `slack` is what
    /// the action's changeover leaves, `work` includes that changeover.
    pub fn after(
        &self,
        steps_left: usize,
        slack: f64,
        work: f64,
        sight: Sight,
        action: Mode,
        price: f64,
    ) -> f64 {
        let step = self.step.0 as f64;
        let next = steps_left.saturating_sub(1).min(self.chances.len() - 1);
        match action {
            Mode::Waiting if slack - step < self.reserve => LATE,
            Mode::Waiting => self.next(next, slack - step, sight, action),
            Mode::OnDemand if slack < 0.0 => LATE,
            Mode::Spot if matches!(sight, Sight::Down(_)) || slack < self.reserve => LATE,
            _ if work <= step => price * work,
            _ => price * step + self.next(next, slack, sight, action),
        }
    }

    fn next(&self, left: usize, slack: f64, sight: Sight, mode: Mode) -> f64 {
        let [lose, gain, relocate] = &self.chances[left];
        match sight {
            Sight::Down(class) => {
                let stay = self.aged(left, slack, class, mode, Sight::Down);
                let back = self.value(left, slack, Sight::Up(0), mode);
                (1.0 - gain[class]) * stay + gain[class] * back
            }
            Sight::Up(class) if mode == Mode::Spot => {
                let stay = self.aged(left, slack, class, mode, Sight::Up);
                let gone = self.value(left, slack - self.lost, Sight::Down(0), Mode::Waiting);
                let mut value = lose[class] * gone;
                if relocate[class] > 0.0 {
                    let moved = slack - self.lost - self.changeover;
                    let again = self.value(left, moved, Sight::Up(TYPICAL), mode);
                    value += relocate[class] * again;
                }
                value + (1.0 - lose[class] - relocate[class]).max(0.0) * stay
            }
            Sight::Up(class) => {
                let stay = self.aged(left, slack, class, mode, Sight::Up);
                let gone = self.value(left, slack, Sight::Down(0), mode);
                (1.0 - lose[class]) * stay + lose[class] * gone
            }
        }
    }

    fn aged(
        &self,
        left: usize,
        slack: f64,
        class: usize,
        mode: Mode,
        sight: fn(usize) -> Sight,
    ) -> f64 {
        let promoted = self.promotions[class];
        let same = self.value(left, slack, sight(class), mode);
        if class + 1 >= AGES {
            return same;
        }
        (1.0 - promoted) * same + promoted * self.value(left, slack, sight(class + 1), mode)
    }

    /// Expected cost of finishing from this state.
    pub fn value(&self, left: usize, slack: f64, sight: Sight, mode: Mode) -> f64 {
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
        let at = (left * self.cells + cell) * STATES + state(sight, mode);
        let (low, high) = (self.values[at], self.values[at + STATES]);
        f64::from(low) * (1.0 - part) + f64::from(high) * part
    }

    /// What losing one millisecond of time, with the work as it is, costs in milliseconds of
    /// on-demand price.
    pub fn price_of_time(&self, left: usize, slack: f64, sight: Sight) -> f64 {
        let step = self.step.0 as f64;
        let left = left.min(self.chances.len() - 1);
        if left == 0 || slack < step {
            return 1.0;
        }
        let now = self.value(left, slack, sight, Mode::Waiting);
        let later = self.value(left - 1, slack - step, sight, Mode::Waiting);
        ((later - now) / step).clamp(0.0, 1.0)
    }
}

fn state(sight: Sight, mode: Mode) -> usize {
    match sight {
        Sight::Up(class) => class * 3 + mode as usize,
        Sight::Down(class) => AGES * 3 + class * 2 + (mode as usize).min(1),
    }
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
