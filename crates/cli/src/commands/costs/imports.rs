//! `costs imports` and `costs withdraw`: which files the ledger is made of.

use super::failed;
use crate::failure::Failure;
use crate::output::{Output, ago};
use costs::ledger::Standing;
use costs::{Ledger, import};

pub(super) fn list(ledger: &Ledger, output: Output) -> Result<(), Failure> {
    let manifest = ledger.manifest().map_err(failed)?;
    let heads = ["file", "form", "imported", "lines", "put aside", "counts"];
    output.table(&heads, &manifest.deliveries, |delivery| {
        let some = manifest.holds(&delivery.sha256);
        let counts = match manifest.standing(&delivery.sha256) {
            Standing::Counts => "yes",
            Standing::Lacks { .. } if some => "partly",
            Standing::Lacks { replaced, .. } if replaced.is_empty() => "no",
            Standing::Lacks { .. } | Standing::New => "replaced",
        };
        vec![
            delivery.name.clone(),
            delivery.form.clone(),
            ago(delivery.at),
            delivery.lines.to_string(),
            delivery.quarantined.to_string(),
            counts.to_owned(),
        ]
    });
    Ok(())
}

pub(super) fn withdraw(ledger: &Ledger, name: &str, output: Output) -> Result<(), Failure> {
    let gone = import::withdraw(ledger, name).map_err(failed)?;
    let left = ledger.manifest().map_err(failed)?;
    output.document(&gone);
    for part in gone {
        let month = costs::instant::month(part.month);
        output.say(format!(
            "{month} of {}: {} lines no longer count",
            part.issuer, part.lines
        ));
        if let Some(before) = left.had(&part.issuer, part.month, &part.from) {
            output.say(format!(
                "  of that month nothing counts now; `{}` had it before: import it again",
                before.name
            ));
        }
    }
    Ok(())
}
