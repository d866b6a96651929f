//! `advice`: what to change to spend less.

use super::costs::{end, failed, ledger};
use super::plan::open_catalog;
use crate::arguments::{AdviceAction, AdviceArguments, Arguments};
use crate::failure::Failure;
use crate::output::Output;
use costs::instant;
use costs::rules::utilization::{self, Machine};
use costs::rules::{Advice, Apply, Context, Findings, Policy, advise};
use domain::Timestamp;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

pub(super) fn run(
    arguments: &Arguments,
    wanted: &AdviceArguments,
    output: Output,
) -> Result<(), Failure> {
    let ledger = ledger(arguments)?;
    let machines = wanted.utilization.as_deref().map_or(Ok(Vec::new()), read)?;
    let discounts: Result<Vec<_>, Failure> = wanted.discount.iter().map(|d| discount(d)).collect();
    let catalog = open_catalog(arguments).ok();
    let now = match &wanted.today {
        Some(day) => instant::read(day)
            .ok_or_else(|| Failure::usage(format!("`{day}` is no day such as `2026-05-20`")))?,
        None => end(&ledger).map_or(Timestamp(0), |day| {
            Timestamp(i64::from(day.days()) * 86_400_000)
        }),
    };
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
    let findings = advise(&context).map_err(failed)?;
    if let Some(AdviceAction::Apply { rule, subject }) = &wanted.action {
        return apply(&findings, rule, subject, output);
    }
    output.document(&findings);
    for finding in &findings {
        show(finding, wanted.limit, output);
    }
    Ok(())
}

/// What can be applied by Tradewind itself: nothing yet, so it says who can and how.
fn apply(findings: &[Findings], rule: &str, subject: &str, output: Output) -> Result<(), Failure> {
    let all = findings.iter().flat_map(|finding| &finding.advice);
    let found = all
        .clone()
        .find(|advice| advice.rule == rule && advice.subject == subject);
    let Some(advice) = found else {
        return Err(Failure::Failed(format!(
            "`{rule}` advises nothing for `{subject}`"
        )));
    };
    output.document(advice);
    let message = match &advice.apply {
        Apply::Owner { command } => format!(
            "Tradewind did not start `{subject}` and does not change it; whoever may, runs: {command}"
        ),
        Apply::Hand { what } => format!("no command does this for `{subject}`: {what}"),
    };
    Err(Failure::Failed(message))
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

fn discount(text: &str) -> Result<(String, u32), Failure> {
    let parts = text.split_once('=').and_then(|(name, percent)| {
        let percent: u32 = percent.parse().ok()?;
        (percent < 100).then(|| (name.to_owned(), percent))
    });
    parts.ok_or_else(|| Failure::usage(format!("`{text}` is no discount: write `name=28`")))
}
