//! Cost of spot policies under a deadline on recorded availability, with intervals.
//!
//! `cargo bench -p tradewind-planner --bench spot -- --data <folder>` where the folder holds the
//! traces of github.com/skypilot-org/spot-traces. Costs are shares of the on-demand price of the
//! work. `ours` knows nothing of the zone when a window starts; `warm` has seen the trace up to
//! there. `--part held-out|elsewhere|several` runs one section only, `--only TEXT` only the groups
//! of several zones whose name has the text. `closed` is the part of the gap between Uniform
//! Progress and the omniscient optimum.
#![expect(
    clippy::print_stdout,
    reason = "a benchmark reports on standard output"
)]

mod bootstrap;
mod data;
mod play;

use data::Recorded;
use domain::Span;
use play::{Setting, Window, market, windows};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tradewind_planner::spot::{Lifetimes, Rates};

/// Spot price of a V100 machine beside 3.06 on demand, in micro-dollars (2022-10, us-west-2).
const SPOT: i64 = 973_100;
/// Samples between the starts of two windows: twelve hours.
const STRIDE: usize = 72;
const GAP: Span = Span(600_000);
const SETTINGS: [Setting; 2] = [
    Setting {
        deadline_hours: 60,
        changeover_minutes: 12,
    },
    Setting {
        deadline_hours: 52,
        changeover_minutes: 6,
    },
];
const TRAINED_ON: &str = "aws-10-26-2022";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut folder = None;
    let mut part = None;
    let mut only = None;
    while let Some(argument) = arguments.next() {
        if argument == "--data" {
            folder = arguments.next().map(PathBuf::from);
        } else if argument == "--part" {
            part = arguments.next();
        } else if argument == "--only" {
            only = arguments.next();
        }
    }
    let Some(folder) = folder else {
        println!("no traces given: add `-- --data <folder>`");
        return ExitCode::SUCCESS;
    };
    match report(&folder, part.as_deref(), only.as_deref().unwrap_or("")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn report(folder: &Path, part: Option<&str>, only: &str) -> Result<(), String> {
    let all = data::load(folder)?;
    let usable: Vec<&Recorded> = all.iter().filter(|one| one.trace.gap == GAP).collect();
    for setting in SETTINGS {
        println!(
            "\n# C = 48 h, R = {} h, d = {:.1} h, spot at {:.3} of on-demand",
            setting.deadline_hours,
            setting.changeover_minutes as f64 / 60.0,
            SPOT as f64 / 3_060_000.0
        );
        let wanted = |name: &str| part.is_none_or(|part| part == name);
        if wanted("held-out") {
            println!("## one zone; rates of other traces' first half, windows of the second half");
            held_out(setting, &usable)?;
        }
        if wanted("elsewhere") {
            println!("## one zone; built-in rates on traces they were not fitted to");
            elsewhere(setting, &usable)?;
        }
        if wanted("several") {
            println!("## several zones");
            several(setting, &usable, only)?;
        }
    }
    Ok(())
}

fn held_out(setting: Setting, all: &[&Recorded]) -> Result<(), String> {
    head();
    let trained: Vec<_> = all.iter().filter(|one| one.set == TRAINED_ON).collect();
    let mut rows = Vec::new();
    for test in &trained {
        let others = trained.iter().filter(|one| one.name != test.name);
        let prior = fit(others.map(|one| &one.up[..one.up.len() / 2]));
        let market = market(&[(&test.name, SPOT)]);
        let from = (test.up.len() / 2, STRIDE);
        let row = windows(&setting.job(), &market, &[&test.up], GAP, from, &prior)?;
        line(&test.name, setting, std::slice::from_ref(&row));
        rows.push(row);
    }
    line("all", setting, &rows);
    Ok(())
}

fn elsewhere(setting: Setting, all: &[&Recorded]) -> Result<(), String> {
    head();
    let mut rows = Vec::new();
    for test in all.iter().filter(|one| one.set != TRAINED_ON) {
        let market = market(&[(&test.name, SPOT)]);
        let prior = &Rates::PUBLISHED;
        let row = windows(
            &setting.job(),
            &market,
            &[&test.up],
            GAP,
            (0, STRIDE),
            prior,
        )?;
        if row.is_empty() {
            continue;
        }
        let set = test.set.rsplit('/').next().unwrap_or_default();
        line(
            &format!("{set} {}", test.name),
            setting,
            std::slice::from_ref(&row),
        );
        rows.push(row);
    }
    line("all", setting, &rows);
    Ok(())
}

fn several(setting: Setting, all: &[&Recorded], only: &str) -> Result<(), String> {
    head();
    let mut groups: Vec<(String, Vec<&Recorded>)> = Vec::new();
    for one in all {
        let kind = one.name.split_once('_').map_or("", |(_, kind)| kind);
        let key = format!("{} {kind}", one.set.rsplit('/').next().unwrap_or_default());
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(one),
            None => groups.push((key, vec![one])),
        }
    }
    let mut rows = Vec::new();
    for (key, group) in groups
        .iter()
        .filter(|(key, group)| group.len() > 1 && key.contains(only))
    {
        let up: Vec<&[bool]> = group.iter().map(|one| one.up.as_slice()).collect();
        let prior = if group[0].set == TRAINED_ON {
            let others = all.iter().filter(|one| one.set == TRAINED_ON);
            let others = others.filter(|one| group.iter().all(|tested| tested.name != one.name));
            fit(others.map(|one| &one.up[..one.up.len() / 2]))
        } else {
            Rates::PUBLISHED
        };
        let half = up.iter().map(|zone| zone.len()).min().unwrap_or(0) / 2;
        let from = if group[0].set == TRAINED_ON { half } else { 0 };
        for (text, dearer) in [("", 0), (" +10 % each", SPOT / 10)] {
            let zones = group.iter().zip(0..);
            let prices: Vec<(&str, i64)> = zones
                .map(|(one, at)| (one.name.as_str(), SPOT + at * dearer))
                .collect();
            let (job, market) = (setting.job(), market(&prices));
            let row = windows(&job, &market, &up, GAP, (from, STRIDE), &prior)?;
            if !row.is_empty() {
                line(
                    &format!("{} x {key}{text}", group.len()),
                    setting,
                    std::slice::from_ref(&row),
                );
                rows.push(row);
            }
        }
    }
    line("all", setting, &rows);
    Ok(())
}

fn fit<'a>(traces: impl Iterator<Item = &'a [bool]>) -> Rates {
    let mut seen = Lifetimes::default();
    for trace in traces {
        seen.observe(trace, GAP);
    }
    seen.as_prior()
}

fn head() {
    println!(
        "{:<36} {:>4} {:>5} {:>6} {:>6} {:>6} {:>21} {:>6} {:>6} {:>20} {:>4}",
        "trace",
        "n",
        "up",
        "greedy",
        "UP",
        "eager",
        "ours [95 %]",
        "warm",
        "best",
        "closed [95 %]",
        "late"
    );
}

fn mean(rows: &[Vec<Window>], of: impl Fn(&Window) -> f64) -> f64 {
    let each = rows
        .iter()
        .map(|row| row.iter().map(&of).sum::<f64>() / row.len() as f64);
    each.sum::<f64>() / rows.len() as f64
}

fn closed(rows: &[Vec<Window>]) -> f64 {
    let uniform = mean(rows, |w| w.uniform);
    (uniform - mean(rows, |w| w.ours)) / (uniform - mean(rows, |w| w.optimum)).max(1e-9)
}

fn line(name: &str, setting: Setting, rows: &[Vec<Window>]) {
    if rows.is_empty() {
        return;
    }
    let hours = usize::try_from(setting.deadline_hours).unwrap_or(1);
    let block = (hours * 6).div_ceil(STRIDE);
    let ours = bootstrap::interval(rows, block, |rows| mean(rows, |w| w.ours));
    let part = bootstrap::interval(rows, block, closed);
    println!(
        "{name:<36} {:>4} {:>5.3} {:>6.3} {:>6.3} {:>6.3} {:>6.3} [{:.3}, {:.3}] {:>6.3} {:>6.3} {:>5.0} % [{:>3.0}, {:>3.0}] {:>4}",
        rows.iter().map(Vec::len).sum::<usize>(),
        mean(rows, |w| w.available),
        mean(rows, |w| w.greedy),
        mean(rows, |w| w.uniform),
        mean(rows, |w| w.eager),
        mean(rows, |w| w.ours),
        ours.0,
        ours.1,
        mean(rows, |w| w.warm),
        mean(rows, |w| w.optimum),
        100.0 * closed(rows),
        100.0 * part.0,
        100.0 * part.1,
        rows.iter().flatten().map(|w| w.late).sum::<u32>(),
    );
}
