//! Accelerators that do nothing: 95 of 100 samples of at least three days below five per cent. Series
//! of accelerators have `:accelerator` after the machine's name.

use super::utilization::{ACCELERATOR, percentile};
use super::{Advice, Apply, Confidence, Context, Rule, quoted};
use crate::Error;
use crate::amount::Amount;

const IDLE_PERCENT: f32 = 5.0;
const LEAST_DAYS: usize = 3;

pub(super) struct IdleAccelerators;

impl Rule for IdleAccelerators {
    fn name(&self) -> &'static str {
        "idle-accelerators"
    }

    fn inputs(&self) -> &'static str {
        "samples of accelerators by machine and day (`--utilization`, machines named \
         `NAME:accelerator`)"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let all = context.machines.iter();
        let long = all.filter_map(|machine| {
            let name = machine.name.strip_suffix(ACCELERATOR)?;
            (machine.full_days() >= LEAST_DAYS).then_some((name, machine))
        });
        if long.clone().count() == 0 {
            return Ok(Err(format!(
                "no series named `MACHINE{ACCELERATOR}` has {LEAST_DAYS} days of samples"
            )));
        }
        let mut advice = Vec::new();
        for (name, machine) in long {
            let all = machine.sorted();
            let high = percentile(&all, 950);
            if high >= IDLE_PERCENT {
                continue;
            }
            let price = machine.hourly.as_ref();
            advice.push(Advice {
                rule: "idle-accelerators",
                subject: name.to_owned(),
                change: "stop it, or run what it does on a machine without an accelerator".to_owned(),
                evidence: vec![format!(
                    "the accelerator's P95 is {high:.1} %, its maximum {:.1} % in {} samples of {} days",
                    percentile(&all, 1_000),
                    all.len(),
                    machine.full_days()
                )],
                saving_per_month: price
                    .map(|(price, _)| price.times(Amount::whole(730)).rounded(2)),
                currency: price.map_or("USD", |(_, code)| code).to_owned(),
                confidence: super::by_history(machine.full_days()),
                risk: "the saving is the whole machine's; work that waits for the accelerator's \
                       memory shows no use of it"
                    .to_owned(),
                undo: "start it again".to_owned(),
                apply: Apply::Owner {
                    command: format!("aws ec2 stop-instances --instance-ids {}", quoted(name)),
                },
            });
        }
        advice.retain(|one| one.confidence >= Confidence::Low);
        Ok(Ok(advice))
    }
}
