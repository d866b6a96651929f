//! `advice`: what to change to spend less.

mod apply;
mod csv;

use super::costs::{end, failed, ledger};
use super::plan::open_catalog;
use crate::arguments::{AdviceAction, AdviceArguments, Arguments};
use crate::failure::Failure;
use crate::output::Output;
use costs::instant;
use costs::rules::utilization::{self, Machine};
use costs::rules::{Advice, Apply, Context, Findings, Policy, advise, quoted};
use domain::Timestamp;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

pub(super) async fn run(
    arguments: &Arguments,
    wanted: &AdviceArguments,
    output: Output,
) -> Result<(), Failure> {
    let output = output.with_csv(wanted.csv);
    match &wanted.action {
        None => {}
        Some(AdviceAction::Apply { rule, subject }) => {
            let findings = findings(arguments, wanted)?;
            return apply::apply(arguments, &findings, rule, subject, output).await;
        }
        Some(AdviceAction::Applied) => return apply::list(arguments, output),
        Some(AdviceAction::Undo { id }) => return apply::undo(arguments, id, output).await,
    }
    let findings = findings(arguments, wanted)?;
    output.document(&findings);
    if output.csv {
        return csv::write(&findings, output);
    }
    for finding in &findings {
        show(finding, wanted.limit, output);
    }
    Ok(())
}

/// What every rule has to say.
fn findings(arguments: &Arguments, wanted: &AdviceArguments) -> Result<Vec<Findings>, Failure> {
    let ledger = ledger(arguments)?;
    let mut machines = wanted.utilization.as_deref().map_or(Ok(Vec::new()), read)?;
    let discounts: Result<Vec<_>, Failure> = wanted.discount.iter().map(|d| discount(d)).collect();
    let catalog = open_catalog(arguments).ok();
    let now = match &wanted.today {
        Some(day) => instant::read(day)
            .ok_or_else(|| Failure::usage(format!("`{day}` is no day such as `2026-05-20`")))?,
        None => end(&ledger).map_or(Timestamp(0), |day| {
            Timestamp(i64::from(day.days()) * 86_400_000)
        }),
    };
    utilization::price(&mut machines, &ledger, now, wanted.days).map_err(failed)?;
    let context = Context {
        ledger: &ledger,
        machines: &machines,
        offers: catalog.as_ref().map(catalog::Catalog::offers),
        discounts: &discounts?,
        policy: if wanted.policy == "simple" {
            Policy::Simple
        } else {
            Policy::Percentile
        },
        now,
        days: wanted.days,
    };
    advise(&context).map_err(failed)
}

fn show(finding: &Findings, limit: usize, output: Output) {
    let rule = finding.rule;
    if let Some(why) = &finding.silent {
        return output.say(format!("{rule}: {why}"));
    }
    output.say(format!(
        "{rule}: {} to change (from {})",
        finding.advice.len(),
        finding.inputs
    ));
    for advice in finding.advice.iter().take(limit) {
        show_one(advice, output);
    }
    if finding.advice.len() > limit {
        output.say(format!(
            "  … and {} more; `--limit` shows them",
            finding.advice.len() - limit
        ));
    }
}

fn show_one(advice: &Advice, output: Output) {
    let saving = advice.saving_per_month.map_or_else(
        || "saving by its price".to_owned(),
        |saving| format!("{} {} a month", saving.for_people(), advice.currency),
    );
    let sure = format!("{:?}", advice.confidence).to_lowercase();
    output.say(format!(
        "  {}: {} ({saving}, confidence {sure})",
        advice.subject, advice.change
    ));
    for evidence in &advice.evidence {
        output.say(format!("    seen: {evidence}"));
    }
    output.say(format!("    risk: {}", advice.risk));
    output.say(format!("    undo: {}", advice.undo));
    match &advice.apply {
        Apply::Tradewind { action } => {
            let (rule, subject) = (advice.rule, quoted(&advice.subject));
            output.say(format!(
                "    apply: tradewind advice apply {rule} {subject} ({action})"
            ));
        }
        Apply::Owner { command } => output.say(format!("    apply: {command}")),
        Apply::Hand { what } => output.say(format!("    apply: {what}")),
    }
}

fn read(path: &Path) -> Result<Vec<Machine>, Failure> {
    let file = File::open(path)
        .map_err(|error| Failure::here(format!("`{}`: {error}", path.display())))?;
    let file = BufReader::new(file);
    let gzipped = path.extension().is_some_and(|end| end == "gz");
    let machines = if gzipped {
        utilization::read(path, MultiGzDecoder::new(file))
    } else {
        utilization::read(path, file)
    };
    machines.map_err(failed)
}

/// `NAME=PERCENT`, or `NAME=PERCENT@KEY=VALUE,…` for a part of the spend.
fn discount(text: &str) -> Result<(String, u32), Failure> {
    let (offer, scope) = text.split_once('@').unwrap_or((text, ""));
    let parts = offer.split_once('=').and_then(|(name, percent)| {
        let percent: u32 = percent.parse().ok()?;
        (percent < 100 && !name.is_empty()).then_some((name, percent))
    });
    let Some((name, percent)) = parts else {
        return Err(Failure::usage(format!(
            "`{text}` is no discount: write `name=28` or `name=41@region=us-east-1`"
        )));
    };
    let name = if scope.is_empty() {
        name.to_owned()
    } else {
        format!("{name}@{scope}")
    };
    Ok((name, percent))
}
