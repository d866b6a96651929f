//! Right-sizing: what is saved, and how many machines are over.

use crate::{Dice, Failed};
use std::io::Write;
use tradewind_costs::rules::utilization::{Machine, Samples, percentile, sorted};
use tradewind_costs::rules::{Policy, Size, size_for};

/// FNV-1a, so that the halves are the same everywhere.
fn half_a(name: &str) -> bool {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 32 & 1 == 0
}

pub(crate) fn right_sizing(all: &[Machine], out: &mut impl Write) -> Result<(), Failed> {
    writeln!(
        out,
        "policy                      machines     n   saved [95 %]          over [95 %]"
    )?;
    for (name, policy) in [
        (
            "simple rule",
            &(|days: &_| size_for(Policy::Simple, days)) as &dyn Fn(&[_]) -> Size,
        ),
        (
            "P99.5 + 20 %",
            &(|days: &_| {
                let need = percentile(&sorted(days), 995) * 1.2;
                Size::ALL
                    .into_iter()
                    .find(|size| size.percent() >= need)
                    .unwrap_or(Size(32))
            }),
        ),
        ("ours", &(|days: &_| size_for(Policy::Percentile, days))),
        (
            "ours, never larger",
            &(|days: &_| size_for(Policy::Percentile, days).min(Size::SAME)),
        ),
    ] {
        for (group, wanted) in [
            ("looked at", Some(true)),
            ("unseen", Some(false)),
            ("all", None),
        ] {
            let judged = all.iter().filter(|m| m.days.len() >= 2);
            let judged = judged.filter(|m| wanted.is_none_or(|wanted| half_a(&m.name) == wanted));
            let judged: Vec<(f64, bool)> = judged.map(|machine| judge(machine, policy)).collect();
            let (saved, over) = (
                interval(&judged, |j| 1.0 - j.0),
                interval(&judged, |j| f64::from(u8::from(j.1))),
            );
            writeln!(
                out,
                "{name:<27} {group:<9} {:>5}  {:5.1} % [{:.1}, {:.1}]   {:5.1} % [{:.1}, {:.1}]",
                judged.len(),
                saved[0],
                saved[1],
                saved[2],
                over[0],
                over[1],
                over[2]
            )?;
        }
    }
    Ok(())
}

/// The parameters that save most with a margin, chosen on nine tenths of the machines and judged on the
/// tenth, again and again with other tenths.
pub(crate) fn chosen_elsewhere(all: &[Machine], out: &mut impl Write) -> Result<(), Failed> {
    const ROUNDS: usize = 20;
    /// Half a point below the aim, because the best of many is better where it was chosen.
    const MOST_OVER: f64 = 0.025;
    let judged: Vec<&Machine> = all.iter().filter(|m| m.days.len() >= 2).collect();
    let mut rules = Vec::new();
    for thousandths in [990, 995, 997, 998, 999] {
        for headroom in [1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4, 1.45] {
            rules.push((thousandths, headroom));
        }
    }
    let results: Vec<Vec<(f64, bool)>> = rules
        .iter()
        .map(|(thousandths, headroom)| {
            let size = |days: &[Samples]| sized(days, *thousandths, *headroom);
            judged.iter().map(|machine| judge(machine, &size)).collect()
        })
        .collect();
    let mut dice = Dice(20_261_127);
    let (mut saved, mut over) = (0.0, 0.0);
    for _ in 0..ROUNDS {
        let tenths: Vec<usize> = judged
            .iter()
            .map(|_| (dice.roll() * 10.0) as usize)
            .collect();
        for tenth in 0..10 {
            let mean = |rule: &[(f64, bool)], of: &dyn Fn(&(f64, bool)) -> f64| {
                let known = rule.iter().zip(&tenths).filter(|(_, own)| **own != tenth);
                let (sum, n) =
                    known.fold((0.0, 0.0), |(sum, n), (one, _)| (sum + of(one), n + 1.0));
                sum / n
            };
            let good = results
                .iter()
                .filter(|rule| mean(rule, &|one| f64::from(u8::from(one.1))) <= MOST_OVER);
            let best = good.min_by(|a, b| {
                let size = |rule: &[(f64, bool)]| mean(rule, &|one| one.0);
                size(a).total_cmp(&size(b))
            });
            let best = best.ok_or("no rule stays within the margin")?;
            for (one, _) in best.iter().zip(&tenths).filter(|(_, own)| **own == tenth) {
                saved += 1.0 - one.0;
                over += f64::from(u8::from(one.1));
            }
        }
    }
    let n = (judged.len() * ROUNDS) as f64 / 100.0;
    writeln!(
        out,
        "percentile and headroom chosen on nine tenths, judged on the tenth: {:.1} % saved, {:.1} % over",
        saved / n,
        over / n
    )?;
    Ok(())
}

/// The smallest size that fits a percentile and some more; larger only when saturated.
fn sized(days: &[Samples], thousandths: u32, headroom: f32) -> Size {
    let all = sorted(days);
    if percentile(&all, 990) > 95.0 {
        return Size(16);
    }
    let need = percentile(&all, thousandths) * headroom;
    let fits = Size::ALL.into_iter().find(|size| size.percent() >= need);
    fits.unwrap_or(Size::SAME).min(Size::SAME)
}

fn judge(machine: &Machine, policy: &dyn Fn(&[Samples]) -> Size) -> (f64, bool) {
    let (first, second) = machine.days.split_at(machine.days.len() / 2);
    let size = policy(first);
    let samples = sorted(second);
    let over = samples
        .iter()
        .filter(|sample| **sample > size.percent())
        .count();
    (
        f64::from(size.percent()) / 100.0,
        over * 100 > samples.len(),
    )
}

/// Mean and 95 % bootstrap interval, in per cent.
fn interval(judged: &[(f64, bool)], of: impl Fn(&(f64, bool)) -> f64) -> [f64; 3] {
    let values: Vec<f64> = judged.iter().map(of).collect();
    let n = values.len().max(1) as f64;
    let mut dice = Dice(7_777_777);
    let mut means: Vec<f64> = (0..2_000)
        .map(|_| {
            let drawn =
                (0..values.len()).map(|_| values[(dice.roll() * n) as usize % values.len()]);
            drawn.sum::<f64>() / n * 100.0
        })
        .collect();
    means.sort_by(f64::total_cmp);
    [
        values.iter().sum::<f64>() / n * 100.0,
        means[50],
        means[1_949],
    ]
}
