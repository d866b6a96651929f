//! The table of offers: dictionaries first, then one column after the other.
//!
//! Prices are differences to the row before, which are mostly zero inside a machine type whose
//! price is the same in many zones; deflate takes care of the rest.

use std::sync::Arc;

use domain::Money;
use domain::day::Day;
use domain::offer::{
    Accelerator, Architecture, Exactness, Machine, OfferColumns, OfferTable, Purchase, Source,
    SourceId,
};

use super::{Reader, Writer};
use crate::Error;

/// Stands for "not sold that way"; differences are zigzag coded beside it.
const NO_PRICE: u64 = 0;
/// More rows than this are not a catalog.
const MOST_ROWS: u64 = 16_000_000;

/// Writes the table without its service rates, which are facts of their own.
pub(super) fn write(to: &mut Writer, table: &OfferTable) {
    let columns = table.columns();
    write_dictionaries(to, columns);
    to.unsigned(table.len() as u64);
    to.runs(columns.machine.iter().map(|&it| it.into()));
    let mut before = 0;
    for &region in &columns.region {
        to.signed(i64::from(region) - before);
        before = i64::from(region);
    }
    let mut before = 0;
    for &zone in &columns.zone {
        to.signed(i64::from(zone) - before);
        before = i64::from(zone);
    }
    to.runs(columns.interruption.iter().map(|&it| it.into()));
    for purchase in Purchase::ALL {
        to.runs(
            columns.price_sources[purchase.index()]
                .iter()
                .map(|&it| it.into()),
        );
        let prices = (0..table.len()).map(|row| table.price(row, purchase));
        let prices: Vec<Option<i64>> = prices.map(|it| it.map(|it| it.per_hour.micros)).collect();
        if prices.iter().all(Option::is_none) {
            to.unsigned(0);
            continue;
        }
        to.unsigned(1);
        let mut before = 0;
        for price in prices {
            let Some(micros) = price else {
                to.unsigned(NO_PRICE);
                continue;
            };
            let difference = micros - before;
            to.unsigned((((difference << 1) ^ (difference >> 63)) as u64).saturating_add(1));
            before = micros;
        }
    }
}

fn write_dictionaries(to: &mut Writer, columns: &OfferColumns) {
    to.unsigned(columns.sources.len() as u64);
    for source in &columns.sources {
        to.text(&source.name);
        to.text(&source.note);
        to.signed(source.as_of.days().into());
        to.unsigned(u64::from(source.exactness == Exactness::Estimated));
    }
    to.unsigned(columns.machines.len() as u64);
    for machine in &columns.machines {
        to.text(&machine.provider);
        to.text(&machine.name);
        to.unsigned(machine.vcpus_milli.into());
        to.unsigned(machine.memory_bytes);
        to.unsigned(u64::from(machine.architecture == Architecture::Arm64));
        let Some(accelerator) = &machine.accelerator else {
            to.text("");
            continue;
        };
        to.text(&accelerator.model);
        to.unsigned(accelerator.count_milli.into());
        to.unsigned(accelerator.memory_bytes);
    }
    to.unsigned(columns.regions.len() as u64);
    for (provider, code) in &columns.regions {
        to.text(provider);
        to.text(code);
    }
    to.unsigned(columns.zones.len() as u64);
    for zone in &columns.zones {
        to.text(zone);
    }
}

/// Reads the table; every row is checked by [`OfferTable::from_columns`].
pub(super) fn read(from: &mut Reader<'_>) -> Result<OfferTable, Error> {
    let mut columns = OfferColumns::default();
    read_dictionaries(from, &mut columns)?;
    let rows = from.unsigned()?;
    if rows > MOST_ROWS {
        return Err(from.damaged(format!("{rows} offers are more than any catalog has")));
    }
    let rows = rows as usize;
    columns.machine.reserve(rows);
    from.runs(rows, |value| {
        columns.machine.push(value.min(u32::MAX.into()) as u32);
    })?;
    columns.region = differences(from, rows)?;
    columns.zone = differences(from, rows)?;
    from.runs(rows, |value| {
        columns.interruption.push(value.min(255) as u8);
    })?;
    for purchase in Purchase::ALL {
        let mut sources: Vec<u16> = Vec::with_capacity(rows);
        from.runs(rows, |value| {
            sources.push(value.min(u16::MAX.into()) as u16);
        })?;
        read_prices(from, &mut columns, purchase, &sources)?;
    }
    columns.rates = vec![Vec::new(); columns.machines.len()];
    OfferTable::from_columns(columns).map_err(|error| from.damaged(error.to_string()))
}

fn read_prices(
    from: &mut Reader<'_>,
    columns: &mut OfferColumns,
    purchase: Purchase,
    sources: &[u16],
) -> Result<(), Error> {
    let present = from.unsigned()? != 0;
    let mut before = 0_i64;
    for &source in sources {
        let coded = if present { from.unsigned()? } else { NO_PRICE };
        if coded == NO_PRICE {
            columns.push_price(purchase, None, SourceId(source));
            continue;
        }
        let zigzag = coded - 1;
        let difference = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
        before = before.wrapping_add(difference);
        if before <= 0 {
            return Err(from.damaged("a price is zero or negative"));
        }
        columns.push_price(purchase, Some(Money::micros(before)), SourceId(source));
    }
    Ok(())
}

fn differences(from: &mut Reader<'_>, rows: usize) -> Result<Vec<u16>, Error> {
    let mut column = Vec::with_capacity(rows);
    let mut before = 0_i64;
    for _ in 0..rows {
        before = before.wrapping_add(from.signed()?);
        let index = u16::try_from(before);
        column.push(index.map_err(|_| from.damaged("an index is out of range"))?);
    }
    Ok(column)
}

fn read_dictionaries(from: &mut Reader<'_>, columns: &mut OfferColumns) -> Result<(), Error> {
    for _ in 0..from.length()? {
        columns.sources.push(read_source(from)?);
    }
    let mut provider: Arc<str> = Arc::from("");
    let mut model: Arc<str> = Arc::from("");
    for _ in 0..from.length()? {
        let machine = read_machine(from, &mut provider, &mut model)?;
        columns.machines.push(machine);
    }
    for _ in 0..from.length()? {
        let provider = from.text()?.into();
        columns.regions.push((provider, from.text()?.into()));
    }
    for _ in 0..from.length()? {
        columns.zones.push(from.text()?.into());
    }
    Ok(())
}

fn read_source(from: &mut Reader<'_>) -> Result<Source, Error> {
    Ok(Source {
        name: from.text()?.into(),
        note: from.text()?.into(),
        as_of: Day::from_days(
            i32::try_from(from.signed()?).map_err(|_| from.damaged("a day is out of range"))?,
        ),
        exactness: if from.unsigned()? == 0 {
            Exactness::Exact
        } else {
            Exactness::Estimated
        },
    })
}

/// Neighbours mostly share provider and accelerator model, so their texts are shared too.
fn read_machine(
    from: &mut Reader<'_>,
    provider: &mut Arc<str>,
    model: &mut Arc<str>,
) -> Result<Machine, Error> {
    let name = from.text()?;
    if **provider != *name {
        *provider = name.into();
    }
    let name = from.text()?.into();
    let vcpus_milli = from.narrow()?;
    let memory_bytes = from.unsigned()?;
    let architecture = if from.unsigned()? == 0 {
        Architecture::X86_64
    } else {
        Architecture::Arm64
    };
    let accelerator = match from.text()? {
        "" => None,
        text => {
            if **model != *text {
                *model = text.into();
            }
            let (count_milli, memory_bytes) = (from.narrow()?, from.unsigned()?);
            Some(Accelerator {
                model: model.clone(),
                count_milli,
                memory_bytes,
            })
        }
    };
    Ok(Machine {
        provider: provider.clone(),
        name,
        vcpus_milli,
        memory_bytes,
        architecture,
        accelerator,
    })
}
