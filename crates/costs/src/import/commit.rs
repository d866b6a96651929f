//! The last step of an import: reconcile, decide what is replaced, and let it count at once.

use super::{Mode, Month};
use crate::Error;
use crate::focus::Column;
use crate::instant;
use crate::ledger::{Days, Delivery, Ledger, Lock, Manifest, Part, Sums};
use crate::lines::Cells;
use crate::segment::Segment;
use domain::day::Day;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(super) fn commit(
    ledger: &Ledger,
    lock: &Lock,
    manifest: &Manifest,
    new: Vec<Part>,
    deliveries: Vec<Delivery>,
    mode: Mode,
    path: &Path,
) -> Result<Vec<Month>, Error> {
    let kept = || -> Result<Vec<Month>, Error> {
        for part in &new {
            reconcile(ledger, part, path)?;
        }
        let mut next = manifest.clone();
        let mut months = Vec::new();
        for part in &new {
            months.push(place(&mut next, part, mode, &new)?);
        }
        next.parts.extend(new.iter().cloned());
        next.deliveries.extend(deliveries);
        next.generation += 1;
        ledger.commit(lock, &next)?;
        Ok(months)
    };
    kept().inspect_err(|_| {
        for part in &new {
            let _ = fs::remove_file(ledger.segment_path(&part.file));
        }
    })
}

/// Takes what a part replaces out of the manifest.
fn place(next: &mut Manifest, part: &Part, mode: Mode, new: &[Part]) -> Result<Month, Error> {
    let mut month = Month {
        issuer: part.issuer.clone(),
        month: instant::month(part.month),
        lines_before: 0,
        before: BTreeMap::new(),
        lines: part.lines,
        sums: part.sums.clone(),
    };
    if mode == Mode::Append {
        return Ok(month);
    }
    let same = |old: &Part| old.issuer == part.issuer && old.month == part.month;
    let held: Vec<&Part> = next.parts.iter().filter(|old| same(old)).collect();
    let mut days = Days::default();
    let of_held = held
        .iter()
        .flat_map(|old| old.known_days().iter().collect::<Vec<_>>());
    of_held.for_each(|day| days.add(day));
    let lost: Vec<Day> = days
        .iter()
        .filter(|day| !part.days.contains(*day))
        .collect();
    if let (Mode::Correct, Some(first)) = (mode, lost.first()) {
        return Err(Error::Shrinks {
            issuer: part.issuer.clone(),
            month: month.month,
            held: spell(&days),
            given: format!(
                "{}, which lacks {} of these days, {first} the first",
                spell(&part.days),
                lost.len()
            ),
        });
    }
    for old in held {
        month.lines_before += old.lines;
        for (currency, sums) in &old.sums {
            let before = month.before.entry(currency.clone()).or_default();
            before.billed += sums.billed;
            before.effective += sums.effective;
        }
    }
    next.parts.retain(|old| !same(old) || new.contains(old));
    Ok(month)
}

/// The first and the last of some days, and how many there are.
fn spell(days: &Days) -> String {
    let (first, last) = (days.iter().next(), days.iter().last());
    let (Some(first), Some(last)) = (first, last) else {
        return "no day".to_owned();
    };
    format!("{first} to {last} ({} days)", days.iter().count())
}

/// Reads a new segment back and compares its sums with those of the lines that went in.
fn reconcile(ledger: &Ledger, part: &Part, path: &Path) -> Result<(), Error> {
    let segment = Segment::open(&ledger.segment_path(&part.file))?;
    let (mut sums, mut lines) = (BTreeMap::<String, Sums>::new(), 0_u64);
    for block in segment.blocks() {
        let cells = |column| Ok(segment.read(block, column)?.map(Cells::of));
        let currencies: Option<Cells> = cells(Column::BillingCurrency)?;
        let (billed, effective): (Option<Cells>, Option<Cells>) =
            (cells(Column::BilledCost)?, cells(Column::EffectiveCost)?);
        let mut last: (&str, Sums) = ("", Sums::default());
        for row in 0..block.rows {
            let currency = currencies.as_ref().and_then(|c| c.text(row)).unwrap_or("");
            if currency != last.0 {
                put(&mut sums, &last);
                last = (currency, Sums::default());
            }
            let amount = |cells: &Option<Cells>| cells.as_ref().and_then(|c| c.amount(row));
            last.1.billed += amount(&billed).unwrap_or_default();
            last.1.effective += amount(&effective).unwrap_or_default();
        }
        put(&mut sums, &last);
        lines += block.rows as u64;
    }
    if sums == part.sums && lines == part.lines {
        return Ok(());
    }
    Err(Error::Unreconciled {
        path: path.to_owned(),
        what: format!(
            "{lines} lines and {sums:?} were read back from `{}`, {} lines and {:?} were written",
            part.file, part.lines, part.sums
        ),
    })
}

fn put(sums: &mut BTreeMap<String, Sums>, (currency, more): &(&str, Sums)) {
    if currency.is_empty() {
        return;
    }
    let sum = sums.entry((*currency).to_owned()).or_default();
    sum.billed += more.billed;
    sum.effective += more.effective;
}
