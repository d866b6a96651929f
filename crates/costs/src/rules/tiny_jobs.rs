//! Workloads that are cut into many jobs of seconds each: every one of them pays for its own start.

use super::{Advice, Apply, Confidence, Context, Rule, is};
use crate::Error;
use crate::amount::Amount;
use crate::query::Key;

/// So many attempts of a workload are many.
const MANY: u64 = 200;
/// CPU time below which a job is tiny, in hours: a minute.
const TINY: (i128, i128) = (1, 60);
/// Jobs that one could do instead: what fills a quarter of an hour of CPU time.
const FILLED: (i128, i128) = (1, 4);

pub(super) struct TinyJobs;

impl Rule for TinyJobs {
    fn name(&self) -> &'static str {
        "tiny-jobs"
    }

    fn inputs(&self) -> &'static str {
        "metered attempts of jobs by team, host and type of machine, with their CPU time"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let filters = vec![is("provider", &["Tradewind"])?, is("service", &["Jobs"])?];
        // A job outside a pipeline is a workload of its own, so such jobs are told by their team.
        let mut advice = Vec::new();
        let mut attempts = 0;
        for key in ["workload", "tag:team"] {
            let by = vec![Key::parse(key)?, Key::parse("HostProviderName")?];
            let answer = context.ledger.ask(&context.question(by, filters.clone()))?;
            attempts = attempts.max(answer.totals.iter().map(|total| total.lines).sum());
            for group in &answer.groups {
                let (Some(subject), host) = (&group.keys[0], group.keys[1].as_deref()) else {
                    continue;
                };
                let mean = group.values[2].part(1, i128::from(group.lines.max(1)));
                if group.lines < MANY || mean >= Amount::ratio(TINY.0, TINY.1) {
                    continue;
                }
                let jobs = (subject.clone(), host.unwrap_or("local").to_owned());
                advice.push(advise(context, key, jobs, group, mean));
            }
        }
        if attempts < MANY {
            return Ok(Err(format!(
                "{attempts} attempts of jobs were metered in {} days; {MANY} are needed",
                context.days
            )));
        }
        Ok(Ok(advice))
    }
}

fn advise(
    context: &Context<'_>,
    key: &str,
    (subject, host): (String, String),
    group: &crate::query::Group,
    mean: Amount,
) -> Advice {
    let together = Amount::ratio(FILLED.0, FILLED.1)
        .over(mean)
        .unwrap_or(Amount::ONE);
    let together = (together.approximate() as u64).clamp(2, 1_000);
    Advice {
        rule: "tiny-jobs",
        change: format!("let one job do the work of {together}"),
        evidence: vec![
            format!(
                "{} attempts of {key} `{subject}` on `{host}` in {} days",
                group.lines, context.days
            ),
            format!(
                "each used {} CPU-seconds",
                mean.times(Amount::whole(3_600)).rounded(2)
            ),
            format!(
                "together they cost {} {}; each start is paid as machine time and is not told apart \
                 from work, so no saving is claimed",
                group.values[0].for_people(),
                group.currency
            ),
        ],
        saving_per_month: None,
        currency: group.currency.clone(),
        confidence: Confidence::Low,
        risk: "one failure then repeats the work of many; keep checkpoints".to_owned(),
        undo: "submit them one by one again".to_owned(),
        apply: Apply::Hand {
            what: "give a job a list of inputs and loop over it".to_owned(),
        },
        subject,
    }
}
