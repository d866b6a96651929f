//! `costs import`: bills into the ledger.

use super::failed;
use crate::arguments::ImportArguments;
use crate::failure::Failure;
use crate::output::Output;
use costs::Ledger;
use costs::import::{self, Form, Mode, Month, Options, Outcome};

pub(super) fn run(
    ledger: &Ledger,
    wanted: &ImportArguments,
    output: Output,
) -> Result<(), Failure> {
    let options = Options {
        form: wanted.form.as_deref().and_then(Form::named),
        mode: match (wanted.append, wanted.replace) {
            (true, _) => Mode::Append,
            (_, true) => Mode::Replace,
            _ => Mode::Correct,
        },
        currency: wanted.currency.clone(),
        issuer: wanted.issuer.clone(),
    };
    let world = server::system_world();
    let report = import::import(ledger, &wanted.files, &options, &world).map_err(failed)?;
    output.document(&report);
    for file in &report.files {
        show_file(file, output);
    }
    for month in &report.months {
        show_month(month, output);
    }
    Ok(())
}

fn show_file(file: &Outcome, output: Output) {
    if file.known {
        return output.say(format!(
            "{}: counts already; nothing was changed",
            file.name
        ));
    }
    output.say(format!(
        "{} ({}): {} records, {} lines kept, {} put aside",
        file.name, file.form, file.records, file.lines, file.quarantined
    ));
    for (currency, sums) in &file.sums {
        let (billed, effective) = (sums.billed, sums.effective);
        output.say(format!(
            "  billed {billed} {currency}, effective {effective} {currency}"
        ));
    }
    for example in &file.examples {
        output.say(format!("  put aside: {example}"));
    }
    if let Some(quarantine) = &file.quarantine {
        output.say(format!("  all of them: ledger/quarantine/{quarantine}"));
    }
    for note in &file.notes {
        output.say(format!("  {note}"));
    }
}

fn show_month(month: &Month, output: Output) {
    let sums = |sums: &std::collections::BTreeMap<String, costs::ledger::Sums>| {
        let sums = sums
            .iter()
            .map(|(code, sums)| format!("{} {code}", sums.billed.for_people()));
        sums.collect::<Vec<_>>().join(", ")
    };
    let (name, now) = (
        format!("{} of {}", month.month, month.issuer),
        sums(&month.sums),
    );
    if month.lines_before > 0 {
        output.say(format!(
            "{name}: {} lines, billed {now}, replace {} lines, billed {}",
            month.lines,
            month.lines_before,
            sums(&month.before)
        ));
    } else {
        output.say(format!("{name}: {} lines, billed {now}", month.lines));
    }
}
