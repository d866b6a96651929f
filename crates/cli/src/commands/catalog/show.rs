//! `catalog show` and `catalog quarantine`.

use super::super::plan::open_catalog;
use super::today;
use crate::arguments::{Arguments, OfferFilter};
use crate::failure::Failure;
use crate::output::Output;
use catalog::Catalog;
use catalog::show::{Filter, OfferLine, aged};
use domain::ByteSize;
use domain::nearest::nearest_names;
use domain::offer::{Exactness, Purchase};

/// Sources older than this many days are warned of.
const OLD: i32 = 90;

pub(super) fn offers(
    arguments: &Arguments,
    wanted: &OfferFilter,
    output: Output,
) -> Result<(), Failure> {
    let catalog = open_catalog(arguments)?;
    let filter = check(&catalog, wanted)?;
    let memory = match &wanted.memory {
        None => 0,
        Some(text) => ByteSize::parse(text).map(|it| it.0).ok_or_else(|| {
            Failure::usage(format!("`--memory {text}` is no size: write `64GiB`"))
        })?,
    };
    let milli_cpus = wanted.cpus.unwrap_or(0).saturating_mul(1_000);
    let mut lines = catalog::show::offers(&catalog, &filter, usize::MAX);
    lines.retain(|it| it.vcpus_milli >= milli_cpus && it.memory_bytes >= memory);
    let found = lines.len();
    lines.truncate(wanted.limit);
    if found == 0
        && let Some(name) = &wanted.machine
        && let Some(near) = catalog::show::nearest_machines(&catalog, name).first()
    {
        output.note(format!(
            "no machine has `{name}` in its name; `{near}` is close"
        ));
    }
    let heads = [
        "provider",
        "place",
        "machine",
        "cpus",
        "memory",
        "accelerators",
        "on demand",
        "spot",
        "as of",
        "source",
    ];
    output.table(&heads, &lines, row);
    if found > lines.len() {
        output.note(format!(
            "{} more; `--limit` shows them",
            found - lines.len()
        ));
    }
    warn(&catalog, output);
    Ok(())
}

fn row(line: &OfferLine) -> Vec<String> {
    let price = |purchase| {
        line.prices.get(&purchase).map_or_else(String::new, |it| {
            let about = if it.exactness == Exactness::Exact {
                ""
            } else {
                "~"
            };
            format!("{about}{}", it.per_hour)
        })
    };
    let place = if line.zone.is_empty() {
        &line.region
    } else {
        &line.zone
    };
    let first = line.prices.values().next();
    vec![
        line.provider.to_string(),
        place.clone(),
        line.machine.to_string(),
        crate::output::number(f64::from(line.vcpus_milli) / 1_000.0),
        ByteSize(line.memory_bytes).to_string(),
        line.accelerators.clone().unwrap_or_default(),
        price(Purchase::OnDemand),
        price(Purchase::Spot),
        first.map_or_else(String::new, |it| it.as_of.to_string()),
        first.map_or_else(String::new, |it| it.source.to_string()),
    ]
}

pub(super) fn quarantine(
    arguments: &Arguments,
    wanted: &OfferFilter,
    output: Output,
) -> Result<(), Failure> {
    let catalog = open_catalog(arguments)?;
    let filter = check(&catalog, wanted)?;
    let all: Vec<_> = catalog::show::quarantined(&catalog, &filter).collect();
    let shown = &all[..all.len().min(wanted.limit)];
    let heads = [
        "provider", "region", "machine", "price", "figure", "rule", "reason",
    ];
    output.table(&heads, shown, |it| {
        vec![
            it.provider.clone(),
            it.region.clone(),
            it.machine.clone(),
            format!("{:?}", it.purchase),
            it.figure.clone(),
            it.rule.clone(),
            it.reason.clone(),
        ]
    });
    if all.len() > shown.len() {
        output.note(format!(
            "{} more; `--limit` shows them",
            all.len() - shown.len()
        ));
    }
    Ok(())
}

/// Warnings of age and of damaged files.
fn warn(catalog: &Catalog, output: Output) {
    if let Some(refused) = catalog.refused() {
        output.note(format!("warning: passed over: {refused}"));
    }
    for old in aged(catalog, today(), OLD) {
        output.note(format!("warning: {}", old.warning));
    }
}

/// Names that nothing has are mistakes, with the nearest ones.
pub(super) fn check(catalog: &Catalog, wanted: &OfferFilter) -> Result<Filter, Failure> {
    let unknown = |what: &str, name: &str, near: Vec<String>| {
        let hint = match near.first() {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        };
        Failure::usage(format!("nothing has the {what} `{name}`{hint}"))
    };
    let near = |name: &str, known: Vec<&str>| -> Option<Vec<String>> {
        if known.contains(&name) {
            return None;
        }
        let near = nearest_names(name, known.into_iter());
        Some(near.into_iter().map(str::to_owned).collect())
    };
    if let Some(name) = &wanted.provider {
        let known = catalog.offers().regions().iter().map(|it| &*it.0).collect();
        if let Some(near) = near(name, known) {
            return Err(unknown("provider", name, near));
        }
    }
    if let Some(name) = &wanted.region {
        let known = catalog.offers().regions().iter().map(|it| &*it.1).collect();
        if let Some(near) = near(name, known) {
            return Err(unknown("region", name, near));
        }
    }
    if let Some(name) = wanted.accelerator.as_ref().filter(|it| *it != "none") {
        catalog
            .accelerators()
            .find(name)
            .map_err(|error| unknown("accelerator", name, error.nearest))?;
    }
    Ok(Filter {
        provider: wanted.provider.clone(),
        region: wanted.region.clone(),
        machine: wanted.machine.clone(),
        accelerator: wanted.accelerator.clone(),
    })
}
