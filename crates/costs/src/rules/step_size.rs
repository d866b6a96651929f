//! Steps of pipelines that ask for much more than their attempts use, or for no more than they use up:
//! never by one attempt, and by the largest that was seen with a fifth more.

use super::{Action, Advice, Apply, Confidence, Context, Rule, by_history, is};
use crate::Error;
use crate::amount::Amount;
use crate::metering::{Asked, Attempted, HOUR};
use crate::query::{Filter, Key, PIPELINE_TAG, STEP_TAG, Test};
use domain::day::Day;
use std::collections::{BTreeMap, BTreeSet};

/// Attempts from which something is concluded.
const LEAST_ATTEMPTS: u64 = 5;
/// Of what was seen, in per cent.
const HEADROOM: u64 = 120;
/// What is asked for is used up from here, in per cent.
const USED_UP: u64 = 95;
/// Steps in which CPUs (thousandths) and memory are asked for.
const CPU_STEP: u64 = 250;
const MEMORY_STEP: u64 = 128 << 20;

pub(super) struct StepSize;

/// What attempts of one step with the same wish used.
#[derive(Default)]
struct Seen {
    attempts: u64,
    days: BTreeSet<Day>,
    /// Thousandths of a CPU over the wall-clock time, of the attempt that used most, and of the one
    /// that used least.
    most_cpus: u64,
    least_cpus: Option<u64>,
    /// Bytes.
    most_memory: u64,
    /// Cost by the hour.
    cost: Amount,
    currency: String,
}

impl Seen {
    fn add(&mut self, attempted: &Attempted, lines: u64, cpu_hours: Amount) {
        let attempt = cpu_hours.part(1_000, i128::from(lines.max(1)));
        let milli = attempt.part(HOUR, i128::from(attempted.wall.max(1)));
        let milli = u64::try_from(milli.rounded(0).atoms() / Amount::ONE.atoms()).unwrap_or(0);
        self.attempts += lines;
        self.most_cpus = self.most_cpus.max(milli);
        self.least_cpus = Some(self.least_cpus.map_or(milli, |least| least.min(milli)));
        self.most_memory = self.most_memory.max(attempted.peak_memory);
    }

    /// What to ask for instead.
    fn instead(&self, asked: Asked) -> Asked {
        let cpus = asked.milli_cpus.map(|cpus| {
            let least = self.least_cpus.unwrap_or(0);
            let size = size(u64::from(cpus), self.most_cpus, least, CPU_STEP);
            u32::try_from(size).unwrap_or(cpus)
        });
        let peak = self.most_memory;
        Asked {
            milli_cpus: cpus,
            memory: asked
                .memory
                .map(|bytes| size(bytes, peak, peak, MEMORY_STEP)),
        }
    }
}

/// Half or less of what is asked for would do; or all of it is always used up, and twice as much is
/// asked for; else it stays.
fn size(asked: u64, most: u64, least: u64, step: u64) -> u64 {
    let need = (most.saturating_mul(HEADROOM) / 100).max(1);
    let need = need.div_ceil(step) * step;
    if need <= asked / 2 {
        need
    } else if least.saturating_mul(100) >= asked.saturating_mul(USED_UP) {
        asked.saturating_mul(2)
    } else {
        asked
    }
}

/// Workspace, pipeline and step.
type Place = (String, String, String);

impl Rule for StepSize {
    fn name(&self) -> &'static str {
        "step-size"
    }

    fn inputs(&self) -> &'static str {
        "metered attempts of steps that ask for CPUs or memory: CPU time, wall-clock time and peak \
         memory of each"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let filters = vec![
            is("provider", &["Tradewind"])?,
            is("service", &["Jobs"])?,
            Filter {
                key: Key::parse("SkuPriceDetails")?,
                test: Test::Given,
            },
            Filter {
                key: Key::Tag(PIPELINE_TAG.to_owned()),
                test: Test::Given,
            },
        ];
        let mut steps: BTreeMap<Place, Vec<(Asked, Seen)>> = BTreeMap::new();
        for workspace in workspaces(context, &filters)? {
            let mut filters = filters.clone();
            filters.push(is("account", &[workspace.as_str()])?);
            let by = vec![
                Key::Tag(PIPELINE_TAG.to_owned()),
                Key::Tag(STEP_TAG.to_owned()),
                Key::Day,
                Key::parse("SkuPriceDetails")?,
            ];
            for group in context.ledger.ask(&context.question(by, filters))?.groups {
                let [Some(pipeline), Some(step), Some(day), Some(details)] = group.keys.as_slice()
                else {
                    continue;
                };
                let Ok(attempted) = serde_json::from_str::<Attempted>(details) else {
                    continue;
                };
                // `train[3]` is an item of `train`.
                let step = step.split('[').next().unwrap_or(step).to_owned();
                let wishes = steps
                    .entry((workspace.clone(), pipeline.clone(), step))
                    .or_default();
                let at = wishes
                    .iter()
                    .position(|(asked, _)| *asked == attempted.asked);
                let at = at.unwrap_or_else(|| {
                    wishes.push((attempted.asked, Seen::default()));
                    wishes.len() - 1
                });
                let seen = &mut wishes[at].1;
                seen.add(&attempted, group.lines, group.values[2]);
                seen.days.extend(day.parse::<Day>());
                if attempted.by_hour {
                    seen.cost += group.values[0];
                }
                seen.currency = group.currency;
            }
        }
        // What it asks for now is what it asked for last.
        let newest = steps.into_iter().filter_map(|(place, wishes)| {
            let newest = wishes
                .into_iter()
                .max_by_key(|(_, seen)| seen.days.last().copied());
            Some((place, newest?))
        });
        let newest: Vec<_> = newest.collect();
        let most = newest.iter().map(|(_, (_, seen))| seen.attempts).max();
        if most.unwrap_or(0) < LEAST_ATTEMPTS {
            return Ok(Err(format!(
                "no step of a pipeline that asks for CPUs or memory has {LEAST_ATTEMPTS} metered \
                 attempts (the most is {})",
                most.unwrap_or(0)
            )));
        }
        let advice = newest
            .into_iter()
            .filter(|(_, (_, seen))| seen.attempts >= LEAST_ATTEMPTS)
            .filter_map(|(place, (asked, seen))| advise(context, place, asked, &seen));
        Ok(Ok(advice.collect()))
    }
}

/// The workspaces whose jobs have such lines.
fn workspaces(context: &Context<'_>, filters: &[Filter]) -> Result<Vec<String>, Error> {
    let by = vec![Key::parse("account")?];
    let question = context.question(by, filters.to_vec());
    let groups = context.ledger.ask(&question)?.groups.into_iter();
    let names = groups.filter_map(|group| group.keys.into_iter().next()?);
    Ok(names.collect())
}

fn advise(
    context: &Context<'_>,
    (workspace, pipeline, step): Place,
    asked: Asked,
    seen: &Seen,
) -> Option<Advice> {
    let instead = seen.instead(asked);
    if instead == asked {
        return None;
    }
    let used = Asked {
        milli_cpus: u32::try_from(seen.most_cpus).ok(),
        memory: Some(seen.most_memory),
    };
    let mut evidence = vec![format!(
        "{} attempts on {} days asked for {asked}; the largest used {used}",
        seen.attempts,
        seen.days.len()
    )];
    let saving = (seen.cost != Amount::ZERO).then(|| {
        let (part, of) = ratio(asked, instead);
        context.per_month(seen.cost - seen.cost.part(part, of))
    });
    if saving.is_none() {
        evidence.push(
            "on this machine only use costs; what is asked for and not used keeps other jobs waiting"
                .to_owned(),
        );
    } else {
        evidence.push("a place's price is taken to be in proportion to its size".to_owned());
    }
    Some(Advice {
        rule: "step-size",
        subject: format!("{workspace}/{pipeline}/{step}"),
        change: format!("ask for {instead} instead of {asked}"),
        evidence,
        saving_per_month: saving,
        currency: seen.currency.clone(),
        confidence: by_history(seen.days.len()).min(Confidence::Medium),
        risk:
            "CPU time is a mean over an attempt: phases that compute in parallel take longer with \
               fewer CPUs; larger inputs need more memory than was seen"
                .to_owned(),
        undo:
            "`tradewind advice undo`: later runs ask for what the file says; a file that asks for \
               something else is followed anyway"
                .to_owned(),
        apply: Apply::Tradewind {
            action: Action::SizeStep {
                workspace,
                pipeline,
                step,
                asked,
                instead,
            },
        },
    })
}

/// The size of the new wish in the old one, by what shrinks least.
fn ratio(asked: Asked, instead: Asked) -> (i128, i128) {
    let cpus = instead.milli_cpus.zip(asked.milli_cpus);
    let cpus = cpus.map(|(part, of)| (i128::from(part), i128::from(of)));
    let memory = instead.memory.zip(asked.memory);
    let memory = memory.map(|(part, of)| (i128::from(part), i128::from(of)));
    let both = cpus.into_iter().chain(memory).filter(|(_, of)| *of > 0);
    both.max_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)))
        .unwrap_or((1, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_or_less_is_taken_and_what_is_used_up_is_doubled() {
        assert_eq!(size(4_000, 700, 300, CPU_STEP), 1_000);
        assert_eq!(size(4_000, 1_800, 300, CPU_STEP), 4_000);
        assert_eq!(size(4_000, 3_950, 3_900, CPU_STEP), 8_000);
        // One attempt that used everything is no habit.
        assert_eq!(size(4_000, 3_990, 2_000, CPU_STEP), 4_000);
        assert_eq!(size(250, 0, 0, CPU_STEP), 250);
        assert_eq!(size(1 << 30, 100 << 20, 100 << 20, MEMORY_STEP), 128 << 20);
    }
}
