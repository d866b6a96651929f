//! Machines that do nothing: never by a single sample, but when 99 of 100 samples of at least a week
//! stay under three per cent.

use super::utilization::percentile;
use super::{Advice, Apply, Confidence, Context, Rule, quoted};
use crate::Error;
use crate::amount::Amount;

const IDLE_PERCENT: f32 = 3.0;
const LEAST_DAYS: usize = 7;

pub(super) struct Idle;

impl Rule for Idle {
    fn name(&self) -> &'static str {
        "idle"
    }

    fn inputs(&self) -> &'static str {
        "CPU samples by machine and day, of which those with a sample an hour count"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let long: Vec<_> = context
            .machines
            .iter()
            .filter(|machine| machine.full_days() >= LEAST_DAYS && machine.is_of_processors())
            .collect();
        if long.is_empty() {
            return Ok(Err(format!(
                "no machine has samples of {LEAST_DAYS} days; fewer do not show that it is idle"
            )));
        }
        let mut advice = Vec::new();
        for machine in long {
            let all = machine.sorted();
            let high = percentile(&all, 990);
            if high >= IDLE_PERCENT {
                continue;
            }
            let price = machine.hourly.as_ref();
            advice.push(Advice {
                rule: "idle",
                subject: machine.name.clone(),
                change: "stop it, and delete it when nobody misses it".to_owned(),
                evidence: vec![format!(
                    "P99 {high:.1} %, maximum {:.1} % in {} samples of {} days",
                    percentile(&all, 1_000),
                    all.len(),
                    machine.full_days()
                )],
                saving_per_month: price
                    .map(|(price, _)| price.times(Amount::whole(730)).rounded(2)),
                currency: price.map_or("USD", |(_, code)| code).to_owned(),
                confidence: super::by_history(machine.full_days()).max(Confidence::Medium),
                risk: "something may wait on it without using its CPU; its disks still cost"
                    .to_owned(),
                undo: "start it again".to_owned(),
                apply: Apply::Owner {
                    command: format!(
                        "aws ec2 stop-instances --instance-ids {}",
                        quoted(&machine.name)
                    ),
                },
            });
        }
        Ok(Ok(advice))
    }
}
