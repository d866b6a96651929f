//! How the days ahead are foretold from a history. Each method is pure, gives a value for every day
//! ahead and needs a history of one day at least.

use super::WEEK;

/// A method's name, and what it says of so many days after a history.
pub(super) type Method = (&'static str, fn(&[f64], usize) -> Vec<f64>);

/// All methods; the first is what the others are measured against.
pub(super) const METHODS: [Method; 6] = [
    ("the week before again", seasonal_naive),
    ("mean of four weeks by weekday", weekday_means),
    ("recent level by weekday", weekday_level),
    ("damped trend by weekday", damped_trend),
    ("recent level", level),
    ("mean of four weeks", mean),
];

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

/// What recent days cost, whatever the weekday.
fn level(history: &[f64], horizon: usize) -> Vec<f64> {
    let (first, rest) = (history[0], &history[1..]);
    let level = rest
        .iter()
        .fold(first, |level, value| level + 0.3 * (value - level));
    vec![level; horizon]
}

/// The mean of the last four weeks, whatever the weekday.
fn mean(history: &[f64], horizon: usize) -> Vec<f64> {
    let last = &history[history.len().saturating_sub(4 * WEEK)..];
    vec![last.iter().sum::<f64>() / last.len() as f64; horizon]
}
