//! Machines that are too large or too small for what they do.
//!
//! A machine's CPU can only show what it was able to give, so a larger one is advised only where it
//! was saturated, and otherwise never: headroom above 100 % buys nothing that was seen to be missing.
//! Down, the demand is the 99.9th percentile and a fifth more. Tried on 5-minute series by deciding
//! on the first half of each machine's days and judging on the second; see docs/benchmarks.md.

mod needs;

use super::fitting::{self, Fitting, fitting};
use super::utilization::{self, MEMORY, Machine, NETWORK, Samples, percentile};
use super::{Advice, Apply, Confidence, Context, Rule, quoted};
use crate::Error;
use crate::amount::Amount;
use needs::Needs;
use serde::{Deserialize, Serialize};

/// Which policy decides.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// P99.9 and a fifth, larger only when saturated.
    #[default]
    Percentile,
    /// Average below 20 % and maximum below 50 %: half; average above 80 % or maximum above 95 %:
    /// double. One 95 % sample of a machine that averages 6 % makes it larger.
    Simple,
}

/// A size against the present one, in eighths: 8 is as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u32);

impl Size {
    /// 12.5 % to 400 %.
    pub const ALL: [Self; 6] = [Self(1), Self(2), Self(4), Self(8), Self(16), Self(32)];
    /// As it is.
    pub const SAME: Self = Self(8);

    /// In per cent of the present size.
    pub fn percent(self) -> f32 {
        self.0 as f32 * 12.5
    }
}

/// Demand above what was seen: a fifth.
const HEADROOM: f32 = 1.2;
/// A machine is saturated when it was above this per cent in more than a hundredth of its samples.
const SATURATED: f32 = 95.0;

/// The size for some days of samples.
pub fn size_for(policy: Policy, days: &[Samples]) -> Size {
    let all = utilization::sorted(days);
    let Some(largest) = all.last() else {
        return Size::SAME;
    };
    if policy == Policy::Simple {
        let average = all.iter().sum::<f32>() / all.len() as f32;
        return if average < 20.0 && *largest < 50.0 {
            Size(4)
        } else if average > 80.0 || *largest > 95.0 {
            Size(16)
        } else {
            Size::SAME
        };
    }
    if percentile(&all, 990) > SATURATED {
        return Size(16);
    }
    let need = percentile(&all, 999) * HEADROOM;
    let fits = Size::ALL.into_iter().find(|size| size.percent() >= need);
    fits.unwrap_or(Size::SAME).min(Size::SAME)
}

/// Days of samples that advice needs.
const LEAST_DAYS: usize = 2;

pub(super) struct RightSize;

impl Rule for RightSize {
    fn name(&self) -> &'static str {
        "right-size"
    }

    fn inputs(&self) -> &'static str {
        "CPU samples by machine and day, those of memory and network where there are some (`NAME:memory`, \
         `NAME:network`); the ledger's type and region of each, and the catalog"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        if context.machines.is_empty() {
            let why = "no utilisation of machines is known; give it with `--utilization FILE`";
            return Ok(Err(why.to_owned()));
        }
        let known = context
            .machines
            .iter()
            .filter(|m| m.full_days() >= LEAST_DAYS && m.is_of_processors());
        let kinds = fitting::kinds(context)?;
        let advice: Vec<Advice> = known
            .clone()
            .filter_map(|machine| of_machine(context, &kinds, machine))
            .collect();
        if known.count() == 0 {
            let count = context.machines.len();
            return Ok(Err(format!(
                "none of {count} machines has two days of samples"
            )));
        }
        Ok(Ok(advice))
    }
}

fn of_machine(context: &Context<'_>, kinds: &fitting::Kinds, machine: &Machine) -> Option<Advice> {
    let needs = Needs::of(context, machine);
    let kind = kinds.get(&machine.name);
    let offer = kind.and_then(|(name, region)| {
        let memory = needs.memory.unwrap_or(Size::SAME);
        fitting(context.offers?, (name, region), needs.processors(), memory)
    });
    let size = needs.size(offer.is_some());
    if size == Size::SAME {
        return None;
    }
    let mut evidence = seen(context, machine, needs.processors());
    let saving = saving(machine, size, offer.as_ref(), &mut evidence);
    if size < Size::SAME && saving.is_some_and(|saving| saving <= Amount::ZERO) {
        return None;
    }
    let word = if size < Size::SAME {
        "smaller"
    } else {
        "larger"
    };
    let (change, kind) = match &offer {
        Some(offer) => (
            format!("take a {word} machine, `{}`", offer.machine),
            offer.machine.as_str(),
        ),
        None => (
            format!(
                "take a {word} machine, {} % of the present size",
                size.percent()
            ),
            "TYPE",
        ),
    };
    let unseen = [("memory", needs.memory), ("network", needs.network)];
    let unseen = unseen.into_iter().filter(|(_, need)| need.is_none());
    let unseen: Vec<&str> = unseen.map(|(part, _)| part).collect();
    let mut risk = if unseen.is_empty() {
        String::new()
    } else {
        let were = if unseen.len() == 1 { "was" } else { "were" };
        format!("{} {were} not looked at; ", unseen.join(" and "))
    };
    risk += "a peak that these days did not have may not fit";
    if let Some(change) = offer.as_ref().and_then(|offer| offer.change.as_ref()) {
        risk += &format!("; the processor changes {change}, so programs must be built for it");
    }
    Some(Advice {
        rule: "right-size",
        subject: machine.name.clone(),
        change,
        evidence,
        saving_per_month: saving.map(|saving| saving.rounded(2)),
        currency: machine
            .hourly
            .as_ref()
            .map_or("USD", |(_, code)| code)
            .to_owned(),
        confidence: match (size.cmp(&Size::SAME), machine.full_days()) {
            (std::cmp::Ordering::Less, 0..4) => Confidence::Low,
            (std::cmp::Ordering::Less, 4..14) => Confidence::Medium,
            _ => Confidence::High,
        },
        risk,
        undo: "take the present machine type again; it needs a stop and a start".to_owned(),
        apply: Apply::Owner {
            command: format!(
                "aws ec2 stop-instances --instance-ids {0} && aws ec2 modify-instance-attribute \
                 --instance-id {0} --instance-type {kind} && aws ec2 start-instances --instance-ids {0}",
                quoted(&machine.name),
                kind = quoted(kind),
            ),
        },
    })
}

/// What was seen of a machine, and what its history says of the other size.
fn seen(context: &Context<'_>, machine: &Machine, size: Size) -> Vec<String> {
    let all = machine.sorted();
    let average = all.iter().sum::<f32>() / all.len().max(1) as f32;
    let over = all
        .iter()
        .filter(|sample| **sample > size.percent())
        .count();
    let mut seen = vec![
        format!("{} samples of {} days", all.len(), machine.full_days()),
        format!(
            "average {average:.1} %, P95 {:.1} %, P99.9 {:.1} %, maximum {:.1} %",
            percentile(&all, 950),
            percentile(&all, 999),
            percentile(&all, 1_000)
        ),
        format!(
            "at {} % of the size, {over} of these samples would not have fitted",
            size.percent()
        ),
    ];
    for (part, word) in [(MEMORY, "memory"), (NETWORK, "network")] {
        let mut all = context.machines.iter();
        let found = all.find(|other| other.name.strip_suffix(part) == Some(&machine.name));
        if let Some(found) = found {
            let all = found.sorted();
            seen.push(format!(
                "{word}: P95 {:.1} %, P99.9 {:.1} %, maximum {:.1} % in {} samples",
                percentile(&all, 950),
                percentile(&all, 999),
                percentile(&all, 1_000),
                all.len()
            ));
        }
    }
    seen
}

/// Money for a month of 730 hours: by the catalog's fitting machine, or, where the catalog does not
/// know the present one, by size, which is price within a family and generation.
fn saving(
    machine: &Machine,
    size: Size,
    offer: Option<&Fitting>,
    evidence: &mut Vec<String>,
) -> Option<Amount> {
    let hours = Amount::whole(730);
    if let Some(offer) = offer {
        evidence.push(format!(
            "the cheapest with the processors for it and as much memory costs {} USD an hour, the \
             present one {}",
            offer.price, offer.present
        ));
        return Some((offer.present - offer.price).times(hours));
    }
    let eighths = 8 - i128::from(size.0);
    let saving = machine
        .hourly
        .as_ref()
        .map(|(price, _)| price.part(eighths, 8).times(hours));
    if saving.is_none() {
        evidence.push(format!("{:.1} % of its price", eighths as f32 * 12.5));
    }
    saving
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::day::Day;

    fn days(samples: &[f32]) -> Vec<Samples> {
        let day = |n| Samples {
            day: Day::from_days(n),
            cpu: samples.to_vec(),
        };
        vec![day(20_000), day(20_001)]
    }

    #[test]
    fn one_peak_makes_no_machine_larger_and_saturation_does() {
        let mut calm = vec![6.0; 2_000];
        calm[700] = 96.0;
        assert_eq!(size_for(Policy::Simple, &days(&calm)), Size(16));
        assert_eq!(size_for(Policy::Percentile, &days(&calm)), Size(1));
        let busy = vec![97.0; 288];
        assert_eq!(size_for(Policy::Percentile, &days(&busy)), Size(16));
        assert_eq!(
            size_for(Policy::Percentile, &days(&[45.0; 288])),
            Size::SAME
        );
        assert_eq!(size_for(Policy::Percentile, &days(&[40.0; 288])), Size(4));
        assert_eq!(size_for(Policy::Percentile, &[]), Size::SAME);
    }
}
