//! What will be spent, with intervals that were tried out on the past: every method forecasts from
//! many earlier days, the one that erred least is taken, and its errors there are the interval
//! (split conformal prediction, Vovk et al. 2005, on rolling origins).
//!
//! Errors of one origin hang together: a level that was taken too high is too high on every day. The
//! interval of a total is therefore no sum of independent days and no quantile of the few sums that a
//! short past has, but lies between what errors that hang together fully would make of the size of a
//! day's error, and what the sums of the past were.

mod methods;

use methods::{METHODS, Method};
use serde::Serialize;

/// A forecast value with its 80 % interval, in the currency of the history.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Range {
    /// Nine of ten outcomes are above.
    pub low: f64,
    /// The expected value.
    pub mid: f64,
    /// Nine of ten outcomes are below.
    pub high: f64,
}

/// A forecast.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Forecast {
    /// Day by day.
    pub days: Vec<Range>,
    /// All days together; narrower than the sum of the days' intervals.
    pub total: Range,
    /// The method that was taken.
    pub method: &'static str,
    /// Its mean absolute error on the past over that of repeating the week before (MASE, Hyndman
    /// and Koehler 2006); unset when there is too little past.
    pub mase: Option<f64>,
    /// From how many earlier days it was tried out.
    pub origins: usize,
}

const WEEK: usize = 7;
/// Days before the first origin.
const LEAST_PAST: usize = 2 * WEEK;
/// Origins further back say little about today.
const MOST_ORIGINS: usize = 90;
/// From fewer origins nothing is concluded.
const LEAST_ORIGINS: usize = 7;

/// Forecasts the days that follow a history, given in order; `None` when there is no history.
pub fn forecast(history: &[f64], horizon: usize) -> Option<Forecast> {
    if history.is_empty() || horizon == 0 {
        return None;
    }
    // A past that is too short for the whole horizon is tried out on fewer days ahead.
    let span = horizon.min(history.len().saturating_sub(LEAST_PAST) / 2);
    let last = history.len() - span;
    let first = LEAST_PAST.max(last.saturating_sub(MOST_ORIGINS));
    let origins = last.saturating_sub(first);
    if span == 0 || origins < LEAST_ORIGINS {
        return Some(guess(history, horizon, origins));
    }
    let tried = METHODS.map(|method| Tried::new(method, history, first..last, span));
    let naive = tried[0].mean;
    let best = tried.into_iter().min_by(|a, b| a.mean.total_cmp(&b.mean))?;
    let mids = (best.method.1)(history, horizon);
    let days = mids
        .iter()
        .enumerate()
        .map(|(day, mid)| best.day(day, *mid));
    Some(Forecast {
        days: days.collect(),
        total: best.total(&mids),
        method: best.method.0,
        mase: (naive > 0.0).then(|| best.mean / naive),
        origins,
    })
}

/// A method's errors on the past: by origin, and by day after it.
struct Tried {
    method: Method,
    errors: Vec<Vec<f64>>,
    /// Of all absolute errors.
    mean: f64,
}

impl Tried {
    fn new(method: Method, history: &[f64], origins: std::ops::Range<usize>, span: usize) -> Self {
        let of = |origin: usize| -> Vec<f64> {
            let foretold = (method.1)(&history[..origin], span);
            let actual = &history[origin..origin + span];
            actual
                .iter()
                .zip(foretold)
                .map(|(actual, mid)| actual - mid)
                .collect()
        };
        let errors: Vec<Vec<f64>> = origins.map(of).collect();
        let count = (errors.len() * span) as f64;
        let mean = errors
            .iter()
            .flatten()
            .map(|error| error.abs())
            .sum::<f64>()
            / count;
        Self {
            method,
            errors,
            mean,
        }
    }

    /// How many days ahead were tried.
    fn span(&self) -> usize {
        self.errors.first().map_or(1, Vec::len)
    }

    /// The interval whose ends leave nine tenths of the errors inside, and more for the fewer
    /// independent errors there are: those of neighbouring days hang together, the more the further
    /// ahead. Beyond all errors, and further ahead than was tried, it widens.
    fn day(&self, day: usize, mid: f64) -> Range {
        let tried = day.min(self.span() - 1);
        let mut errors: Vec<f64> = self.errors.iter().map(|errors| errors[tried]).collect();
        errors.sort_by(f64::total_cmp);
        let n = errors.len();
        let ahead = 1.0 + day as f64;
        let independent = (n as f64 / ahead.powf(0.3)).max(3.0);
        let level = 0.9 * (1.0 + 1.0 / independent);
        let rank = ((n as f64 * level.min(1.0)).ceil() as usize).clamp(1, n);
        let beyond = 1.0 + 4.0 * (level - 1.0).max(0.0);
        let wider = beyond * (ahead / (1.0 + tried as f64)).powf(0.3);
        Range {
            low: mid + wider * errors[n - rank],
            mid,
            high: mid + wider * errors[rank - 1],
        }
    }

    /// The interval of all days together. Its half is made of the size of a day's error times the
    /// days, which is how errors that hang together fully add up, and of the size of the sums' errors;
    /// the weights are those at which it held 80 % of series of several lengths, and the fewer spans
    /// the past has, the wider it is.
    fn total(&self, mids: &[f64]) -> Range {
        let (span, horizon) = (self.span() as f64, mids.len() as f64);
        let origins = self.errors.len() as f64;
        let size = |squares: f64, count: f64| (squares / count).sqrt();
        let squares = self.errors.iter().flatten().map(|error| error * error);
        let daily = size(squares.sum(), origins * span);
        let sums = self.errors.iter().map(|errors| errors.iter().sum::<f64>());
        let together = size(sums.map(|sum| sum * sum).sum(), origins) / span;
        let wider = (1.0 + 0.2 * span / origins) * (horizon / span).powf(0.3);
        let half = horizon * (0.4 * daily + 0.7 * together) * wider;
        let mid: f64 = mids.iter().sum();
        Range {
            low: mid - half,
            mid,
            high: mid + half,
        }
    }
}

/// A wide guess from the history's spread, when nothing can be tried out.
fn guess(history: &[f64], horizon: usize, origins: usize) -> Forecast {
    let (method, foretell) = METHODS[usize::from(history.len() >= WEEK)];
    let mean = history.iter().sum::<f64>() / history.len() as f64;
    let squares = history.iter().map(|value| (value - mean).powi(2));
    let spread = (squares.sum::<f64>() / history.len() as f64).sqrt();
    let spread = spread.max(mean.abs() * 0.1);
    let around = |mid: f64, half: f64| Range {
        low: mid - half,
        mid,
        high: mid + half,
    };
    let mids = foretell(history, horizon);
    Forecast {
        days: mids.iter().map(|mid| around(*mid, 2.0 * spread)).collect(),
        // A history this short says little of the level, so that the days err the same way.
        total: around(mids.iter().sum(), spread * horizon as f64),
        method,
        mase: None,
        origins,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in 0..1 from a fixed start (Lehmer's generator), so that every run is the same.
    pub(crate) struct Dice(pub(crate) u64);

    impl Dice {
        pub(crate) fn roll(&mut self) -> f64 {
            self.0 = self.0 * 48_271 % 2_147_483_647;
            self.0 as f64 / 2_147_483_647.0
        }

        fn bell(&mut self) -> f64 {
            (0..12).map(|_| self.roll()).sum::<f64>() - 6.0
        }
    }

    fn history(dice: &mut Dice, days: usize) -> Vec<f64> {
        let (level, growth) = (50.0 + 100.0 * dice.roll(), (dice.roll() - 0.3) * 0.004);
        let weekend = 0.4 + 0.5 * dice.roll();
        let mut drift = 0.0;
        (0..days)
            .map(|day| {
                drift = 0.8 * drift + 0.03 * dice.bell();
                let shape = if day % 7 >= 5 { weekend } else { 1.0 };
                level * (1.0 + growth * day as f64) * shape * (1.0 + drift + 0.04 * dice.bell())
            })
            .collect()
    }

    #[test]
    fn a_steady_week_is_forecast_exactly() {
        let week = [5.0, 6.0, 7.0, 6.0, 5.0, 1.0, 1.0];
        let history: Vec<f64> = (0..70).map(|day| week[day % 7]).collect();
        let forecast = forecast(&history, 9).unwrap();
        for (day, range) in forecast.days.iter().enumerate() {
            assert!((range.mid - week[day % 7]).abs() < 1e-9);
        }
        assert!((forecast.total.high - forecast.total.low).abs() < 1e-9);
    }

    #[test]
    fn eighty_per_cent_intervals_hold_about_eighty_per_cent() {
        const SERIES: usize = 120;
        let mut dice = Dice(20_260_527);
        let (mut inside, mut all, mut totals, mut beaten) = (0, 0, 0, 0);
        for _ in 0..SERIES {
            let days = history(&mut dice, 160);
            let (past, future) = days.split_at(130);
            let forecast = forecast(past, 30).unwrap();
            for (range, actual) in forecast.days.iter().zip(future) {
                inside += usize::from(range.low <= *actual && *actual <= range.high);
                all += 1;
            }
            let sum: f64 = future.iter().sum();
            totals += usize::from(forecast.total.low <= sum && sum <= forecast.total.high);
            beaten += usize::from(forecast.mase.is_some_and(|mase| mase <= 1.0));
        }
        let share = inside as f64 / f64::from(all);
        assert!((0.74..=0.90).contains(&share), "{share} of the days");
        let share = totals as f64 / SERIES as f64;
        assert!((0.70..=0.95).contains(&share), "{share} of the totals");
        assert_eq!(beaten, SERIES, "the week before is one of the methods");
    }

    #[test]
    fn little_history_gives_a_wide_answer_and_none_gives_none() {
        assert_eq!(forecast(&[], 5), None);
        let forecast = forecast(&[10.0, 12.0, 8.0], 5).unwrap();
        assert_eq!((forecast.origins, forecast.mase), (0, None));
        assert!(forecast.total.low < forecast.total.mid && forecast.days.len() == 5);
    }

    /// Loads without a week whose errors hang together, of which a quantile of overlapping sums held
    /// two thirds.
    #[test]
    fn totals_of_errors_that_hang_together_are_held_on_short_pasts_too() {
        const SERIES: usize = 300;
        let mut dice = Dice(20_261_127);
        for (past, horizon) in [(60, 12), (48, 12), (36, 12), (45, 30)] {
            let mut totals = 0;
            for _ in 0..SERIES {
                let mut drift = 0.0;
                let load = |_| {
                    drift = 0.7 * drift + 2.0 * dice.bell();
                    40.0 + drift + 2.0 * dice.bell()
                };
                let days: Vec<f64> = (0..past + horizon).map(load).collect();
                let total = forecast(&days[..past], horizon).unwrap().total;
                let sum: f64 = days[past..].iter().sum();
                totals += usize::from(total.low <= sum && sum <= total.high);
            }
            let share = totals as f64 / SERIES as f64;
            let lengths = format!("{past} days of past, {horizon} ahead: {share} of the totals");
            assert!((0.74..=0.97).contains(&share), "{lengths}");
        }
    }
}
