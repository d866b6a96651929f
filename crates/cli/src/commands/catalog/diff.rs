//! `catalog diff`.

use super::super::plan::open_catalog;
use super::failed;
use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Output;
use catalog::Catalog;
use catalog::diff::{Changed, diff};
use domain::Money;

pub(super) fn run(
    arguments: &Arguments,
    (old, new): (&str, &str),
    limit: usize,
    output: Output,
) -> Result<(), Failure> {
    let difference = diff(&read(arguments, old)?, &read(arguments, new)?);
    output.document(&difference);
    if output.json {
        return Ok(());
    }
    let groups = [
        ("changed", &difference.changed),
        ("added", &difference.added),
        ("removed", &difference.removed),
    ];
    for (word, list) in groups {
        output.say(format!("{} prices {word}", list.len()));
        if !list.is_empty() {
            prices(&list[..list.len().min(limit)], output);
        }
    }
    output.say(format!(
        "{} prices set aside, {} released",
        difference.quarantined.len(),
        difference.released.len()
    ));
    Ok(())
}

fn prices(list: &[Changed], output: Output) {
    let money = |it: Option<Money>| it.map_or_else(String::new, |it| it.to_string());
    let heads = [
        "provider", "region", "machine", "price", "before", "now", "change",
    ];
    output.table(&heads, list, |it| {
        let change = it.per_mille.map_or_else(String::new, |change| {
            let sign = if change < 0 { "-" } else { "+" };
            format!("{sign}{}.{} %", change.abs() / 10, change.abs() % 10)
        });
        vec![
            it.provider.to_string(),
            it.region.to_string(),
            it.machine.to_string(),
            format!("{:?}", it.purchase),
            money(it.before),
            money(it.now),
            change,
        ]
    });
}

fn read(arguments: &Arguments, name: &str) -> Result<Catalog, Failure> {
    match name {
        "embedded" => Catalog::embedded().map_err(|error| failed(&error)),
        "current" => open_catalog(arguments),
        path => {
            let bytes = std::fs::read(path).map_err(|error| {
                Failure::usage(format!("the catalog `{path}` cannot be read: {error}"))
            })?;
            Catalog::from_bytes(&bytes)
                .map_err(|error| Failure::Failed(format!("`{path}`: {error}")))
        }
    }
}
