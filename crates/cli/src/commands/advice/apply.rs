//! `advice apply`, `advice applied` and `advice undo`: the server does what is Tradewind's to do; of
//! everything else it is said who can do it and how.

use crate::arguments::Arguments;
use crate::commands::costs::{failed, ledger};
use crate::embedded::{Start, connect};
use crate::failure::Failure;
use crate::output::{Output, ago};
use costs::rules::{Applied, Apply, Findings};
use serde_json::json;

pub(super) async fn apply(
    arguments: &Arguments,
    findings: &[Findings],
    rule: &str,
    subject: &str,
    output: Output,
) -> Result<(), Failure> {
    let mut all = findings.iter().flat_map(|finding| &finding.advice);
    let found = all.find(|advice| advice.rule == rule && advice.subject == subject);
    let Some(advice) = found else {
        if !findings.iter().any(|finding| finding.rule == rule) {
            let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
            return Err(Failure::Failed(format!(
                "there is no rule `{rule}`; the rules are: {}",
                rules.join(", ")
            )));
        }
        let silent = findings.iter().find(|finding| finding.rule == rule);
        let why = silent.and_then(|finding| finding.silent.clone());
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        return Err(Failure::Failed(format!(
            "`{rule}` advises nothing for `{subject}`{why}"
        )));
    };
    let action = match &advice.apply {
        Apply::Tradewind { action } => action,
        Apply::Owner { command } => {
            output.document(advice);
            return Err(Failure::Failed(format!(
                "Tradewind did not start `{subject}` and does not change it; whoever may, runs: {command}"
            )));
        }
        Apply::Hand { what } => {
            output.document(advice);
            return Err(Failure::Failed(format!(
                "no command does this for `{subject}`: {what}"
            )));
        }
    };
    let client = connect(arguments, output, Start::Yes).await?;
    let body = json!({"rule": rule, "action": action});
    let applied: Applied = client.post(&["costs", "advice", "apply"], &body).await?;
    output.document(&applied);
    output.say(format!("done: {}", applied.action));
    output.say(format!("undo: tradewind advice undo {}", applied.id));
    Ok(())
}

/// What was applied, the oldest first; read from the ledger's folder, whether a server runs or not.
pub(super) fn list(arguments: &Arguments, output: Output) -> Result<(), Failure> {
    let applied = ledger(arguments)?.applied().map_err(failed)?;
    let mut all: Vec<Applied> = applied.into_values().collect();
    all.sort_by_key(|one| one.at);
    let heads = ["id", "rule", "done", "by", "when", "undone"];
    output.table(&heads, &all, |one| {
        vec![
            one.id.clone(),
            one.rule.clone(),
            if one.done {
                one.action.to_string()
            } else {
                format!("{} (begun)", one.action)
            },
            one.by.clone(),
            ago(one.at),
            one.undone.map_or_else(|| "no".to_owned(), ago),
        ]
    });
    Ok(())
}

pub(super) async fn undo(arguments: &Arguments, id: &str, output: Output) -> Result<(), Failure> {
    let client = connect(arguments, output, Start::Yes).await?;
    let path = ["costs", "advice", "applied", id, "undo"];
    let applied: Applied = client.post(&path, &json!({})).await?;
    output.document(&applied);
    output.say(format!("undone: {}", applied.action));
    Ok(())
}
