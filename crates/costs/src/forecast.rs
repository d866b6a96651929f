//! What will be spent, with intervals that were tried out on the past: every method forecasts from
//! many earlier days, the one that erred least is taken, and its errors there are the interval
//! (split conformal prediction, Vovk et al. 2005, on rolling origins).

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

type Method = (&'static str, fn(&[f64], usize) -> Vec<f64>);

const METHODS: [Method; 4] = [
    ("the week before again", seasonal_naive),
    ("mean of four weeks by weekday", weekday_means),
    ("recent level by weekday", weekday_level),
    ("damped trend by weekday", damped_trend),
];

const WEEK: usize = 7;
/// Origins further back say little about today.
const MOST_ORIGINS: usize = 90;
/// Fewer errors than this make no quantile.
const LEAST_ORIGINS: usize = 10;

/// Forecasts the days that follow a history, given in order; `None` when there is no history.
pub fn forecast(history: &[f64], horizon: usize) -> Option<Forecast> {
    if history.is_empty() || horizon == 0 {
        return None;
    }
    let least = 2 * WEEK;
    let last = history.len().saturating_sub(horizon);
    let origins: Vec<usize> = (least.min(last)..last).rev().take(MOST_ORIGINS).collect();
    let origins: Vec<usize> = origins
        .into_iter()
        .filter(|origin| *origin >= least)
        .collect();
    let tried = METHODS.map(|(name, method)| {
        let errors: Vec<Vec<f64>> = origins
            .iter()
            .map(|origin| errors(method, history, *origin, horizon))
            .collect();
        let all = errors.iter().flatten();
        let mean = all.clone().map(|error| error.abs()).sum::<f64>() / all.count().max(1) as f64;
        (name, method, errors, mean)
    });
    let naive = tried[0].3;
    let enough = origins.len() >= LEAST_ORIGINS;
    let best = tried.iter().min_by(|a, b| a.3.total_cmp(&b.3));
    let default = &tried[usize::from(history.len() >= WEEK)];
    let (name, method, errors, mean) = if enough {
        best.unwrap_or(default)
    } else {
        default
    };
    let mids = method(history, horizon);
    let days = mids.iter().enumerate().map(|(day, mid)| {
        let errors = errors.iter().map(|errors| errors[day]).collect();
        let level = level(origins.len(), (1.0 + day as f64).powf(0.3));
        range(*mid, errors, history, (1.0, level))
    });
    let sums = errors.iter().map(|errors| errors.iter().sum()).collect();
    let steps = (horizon as f64).sqrt();
    let level = level(origins.len(), (2.0 * horizon as f64).powf(0.45));
    let total = range(mids.iter().sum(), sums, history, (steps, level));
    Some(Forecast {
        days: days.collect(),
        total,
        method: name,
        mase: (enough && naive > 0.0).then(|| mean / naive),
        origins: origins.len(),
    })
}

fn errors(
    method: fn(&[f64], usize) -> Vec<f64>,
    history: &[f64],
    origin: usize,
    horizon: usize,
) -> Vec<f64> {
    let forecast = method(&history[..origin], horizon);
    let actual = &history[origin..origin + horizon];
    actual
        .iter()
        .zip(forecast)
        .map(|(actual, mid)| actual - mid)
        .collect()
}

/// Which share of the errors an end of the interval leaves inside: nine tenths, and more for the fewer
/// independent errors there are. Errors of neighbouring days hang together, the more the further
/// ahead; the exponents are those at which 80 % intervals held 80 % of made series.
fn level(origins: usize, overlap: f64) -> f64 {
    let independent = (origins as f64 / overlap).max(3.0);
    (0.9 * (1.0 + 1.0 / independent)).min(1.0)
}

/// The interval whose ends leave that share of the errors inside; a wide guess from the history's spread when there are too few.
fn range(mid: f64, mut errors: Vec<f64>, history: &[f64], (steps, level): (f64, f64)) -> Range {
    if errors.len() < LEAST_ORIGINS {
        let mean = history.iter().sum::<f64>() / history.len() as f64;
        let spread = history.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        let spread = (spread / history.len() as f64).sqrt().max(mean.abs() * 0.1);
        let half = 2.0 * spread * steps;
        return Range {
            low: mid - half,
            mid,
            high: mid + half,
        };
    }
    errors.sort_by(f64::total_cmp);
    let n = errors.len();
    let rank = (n as f64 * level).ceil() as usize;
    let (high, low) = (errors[rank.min(n) - 1], errors[n - rank.min(n)]);
    Range {
        low: mid + low,
        mid,
        high: mid + high,
    }
}

fn seasonal_naive(history: &[f64], horizon: usize) -> Vec<f64> {
    let season = WEEK.min(history.len());
    let last = &history[history.len() - season..];
    (0..horizon).map(|day| last[day % season]).collect()
}

/// The mean of up to `weeks` earlier days of the same weekday, `day` days after the history.
fn same_weekday(history: &[f64], day: usize, weeks: usize) -> f64 {
    let place = history.len() + day % WEEK;
    let places = (1..=weeks).filter_map(|week| place.checked_sub(week * WEEK));
    let values: Vec<f64> = places.filter_map(|at| history.get(at).copied()).collect();
    if values.is_empty() {
        return history.iter().sum::<f64>() / history.len() as f64;
    }
    values.iter().sum::<f64>() / values.len() as f64
}

fn weekday_means(history: &[f64], horizon: usize) -> Vec<f64> {
    (0..horizon)
        .map(|day| same_weekday(history, day, 4))
        .collect()
}

/// Each weekday's share of a week, and the history without it.
fn deseasonalised(history: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let shape: Vec<f64> = (0..WEEK).map(|day| same_weekday(history, day, 8)).collect();
    let mean = shape.iter().sum::<f64>() / WEEK as f64;
    let factor = |value: f64| {
        if mean.abs() < 1e-12 {
            1.0
        } else {
            (value / mean).clamp(0.05, 20.0)
        }
    };
    let shape: Vec<f64> = shape.into_iter().map(factor).collect();
    let offset = WEEK - history.len() % WEEK;
    let flat = history.iter().enumerate();
    let flat = flat
        .map(|(at, value)| value / shape[(at + offset) % WEEK])
        .collect();
    (shape, flat)
}

fn weekday_level(history: &[f64], horizon: usize) -> Vec<f64> {
    let (shape, flat) = deseasonalised(history);
    let level = flat
        .iter()
        .skip(1)
        .fold(flat[0], |level, value| level + 0.3 * (value - level));
    (0..horizon).map(|day| level * shape[day % WEEK]).collect()
}

fn damped_trend(history: &[f64], horizon: usize) -> Vec<f64> {
    const DAMPING: f64 = 0.95;
    let (shape, flat) = deseasonalised(history);
    let (mut level, mut trend) = (flat[0], 0.0);
    for value in &flat[1..] {
        let before = level;
        level = 0.3 * value + 0.7 * (level + DAMPING * trend);
        trend = 0.1 * (level - before) + 0.9 * DAMPING * trend;
    }
    let mut ahead = 0.0;
    let mut step = DAMPING;
    let days = (0..horizon).map(|day| {
        ahead += step * trend;
        step *= DAMPING;
        (level + ahead) * shape[day % WEEK]
    });
    days.collect()
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
        assert!((0.65..=0.95).contains(&share), "{share} of the totals");
        assert_eq!(beaten, SERIES, "the week before is one of the methods");
    }

    #[test]
    fn little_history_gives_a_wide_answer_and_none_gives_none() {
        assert_eq!(forecast(&[], 5), None);
        let forecast = forecast(&[10.0, 12.0, 8.0], 5).unwrap();
        assert_eq!((forecast.origins, forecast.mase), (0, None));
        assert!(forecast.total.low < forecast.total.mid && forecast.days.len() == 5);
    }
}
