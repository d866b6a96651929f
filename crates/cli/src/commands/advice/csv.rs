//! Advice as CSV: one line for each piece.

use crate::failure::Failure;
use crate::output::Output;
use costs::Amount;
use costs::rules::{Apply, Findings};

pub(super) fn write(findings: &[Findings], output: Output) -> Result<(), Failure> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let failed = |error: ::csv::Error| Failure::here(error.to_string());
    let heads = [
        "rule",
        "subject",
        "change",
        "saving_per_month",
        "currency",
        "confidence",
        "evidence",
        "risk",
        "undo",
        "apply",
    ];
    writer.write_record(heads).map_err(failed)?;
    for advice in findings.iter().flat_map(|finding| &finding.advice) {
        let saving = advice.saving_per_month.as_ref();
        let saving = saving.map_or_else(String::new, Amount::to_string);
        let apply = match &advice.apply {
            Apply::Tradewind { action } => action.to_string(),
            Apply::Owner { command } => command.clone(),
            Apply::Hand { what } => what.clone(),
        };
        let record = [
            advice.rule.to_owned(),
            advice.subject.clone(),
            advice.change.clone(),
            saving,
            advice.currency.clone(),
            format!("{:?}", advice.confidence).to_lowercase(),
            advice.evidence.join("; "),
            advice.risk.clone(),
            advice.undo.clone(),
            apply,
        ];
        writer.write_record(record).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Failure::here(error.to_string()))?;
    output.bytes(&bytes);
    Ok(())
}
