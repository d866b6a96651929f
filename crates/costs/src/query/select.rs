//! Which rows of a block count, decided per dictionary entry and not per row.

use super::{Filter, Key, Question, Test};
use crate::Error;
use crate::focus::Column;
use crate::segment::{BlockAt, Chunk, Codes, Segment};
use domain::Timestamp;
use domain::day::Day;
use std::rc::Rc;

/// One block with the columns that were read of it.
pub(super) struct Loaded<'a> {
    segment: &'a Segment,
    at: &'a BlockAt,
    columns: Vec<(Column, Option<Rc<Chunk>>)>,
}

impl<'a> Loaded<'a> {
    pub(super) fn new(segment: &'a Segment, at: &'a BlockAt) -> Self {
        Self {
            segment,
            at,
            columns: Vec::new(),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.at.rows
    }

    pub(super) fn chunk(&mut self, column: Column) -> Result<Option<Rc<Chunk>>, Error> {
        if let Some((_, chunk)) = self.columns.iter().find(|(known, _)| *known == column) {
            return Ok(chunk.clone());
        }
        let chunk = self.segment.read(self.at, column)?.map(Rc::new);
        self.columns.push((column, chunk.clone()));
        Ok(chunk)
    }
}

/// The values of a key in a block: one entry per code, 0 being null.
pub(super) fn values<'c>(key: &Key, chunk: &'c Chunk) -> Vec<Option<std::borrow::Cow<'c, str>>> {
    let mut all = vec![None];
    match (key, chunk) {
        (Key::Tag(tag), Chunk::Tags(_, sets)) => {
            all.resize(sets.len() + 1, None);
            if let Some(values) = sets.values(tag) {
                for (set, value) in &values.pairs {
                    all[*set as usize + 1] = Some(values.values.get(*value as usize).into());
                }
            }
        }
        (Key::Column(_), Chunk::Text(_, texts)) => all.extend(texts.iter().map(|t| Some(t.into()))),
        (Key::Hour, Chunk::Time(_, times)) => {
            let hour = |at: &i64| {
                let whole = Timestamp(at.div_euclid(3_600_000) * 3_600_000);
                let text = crate::instant::write(whole);
                Some(text.trim_end_matches(":00:00Z").to_owned().into())
            };
            all.extend(times.iter().map(hour));
        }
        (Key::Day, Chunk::Time(_, times)) => {
            let day = |at: &i64| Some(Day::from_unix_millis(*at).to_string().into());
            all.extend(times.iter().map(day));
        }
        (Key::Month | Key::BillingMonth, Chunk::Time(_, times)) => {
            let month = |at: &i64| Some(crate::instant::month(Timestamp(*at)).into());
            all.extend(times.iter().map(month));
        }
        _ => {}
    }
    all
}

pub(super) fn codes(chunk: &Chunk) -> Option<&Codes> {
    match chunk {
        Chunk::Text(codes, _) | Chunk::Time(codes, _) | Chunk::Tags(codes, _) => Some(codes),
        Chunk::Decimal(_) => None,
    }
}

/// The rows that count.
pub(super) enum Selected {
    /// None.
    None,
    /// All.
    All,
    /// Those that are true.
    Some(Vec<bool>),
}

/// Filters of a question, the currency among them.
pub(super) fn filters(question: &Question) -> Vec<Filter> {
    let mut filters = question.filters.clone();
    if let Some(currency) = &question.currency {
        filters.push(Filter {
            key: Key::Column(Column::BillingCurrency),
            test: Test::Is(vec![currency.clone()]),
        });
    }
    filters
}

pub(super) fn select(
    block: &mut Loaded<'_>,
    question: &Question,
    filters: &[Filter],
) -> Result<Selected, Error> {
    let mut selected = Selected::All;
    let (first, last) = block.at.starts;
    let from = question.from.map_or(i64::MIN, |at| at.0);
    let to = question.to.map_or(i64::MAX, |at| at.0);
    if last < from || first >= to {
        return Ok(Selected::None);
    }
    if first < from || last >= to {
        let chunk = block.chunk(Column::ChargePeriodStart)?;
        if let Some(Chunk::Time(codes, times)) = chunk.as_deref() {
            let mut allowed = vec![false];
            allowed.extend(times.iter().map(|at| (from..to).contains(at)));
            selected = narrow(selected, codes, &allowed, block.rows());
        }
    }
    for filter in filters {
        let Some(chunk) = block.chunk(filter.key.source())? else {
            if !passes(&filter.test, None) {
                return Ok(Selected::None);
            }
            continue;
        };
        let values = values(&filter.key, &chunk);
        let allowed: Vec<bool> = values
            .iter()
            .map(|value| passes(&filter.test, value.as_deref()))
            .collect();
        if let Some(codes) = codes(&chunk) {
            selected = narrow(selected, codes, &allowed, block.rows());
        }
        if matches!(selected, Selected::None) {
            break;
        }
    }
    Ok(selected)
}

fn passes(test: &Test, value: Option<&str>) -> bool {
    match (test, value) {
        (Test::Is(_) | Test::Given, None) | (Test::Missing, Some(_)) => false,
        (Test::Missing | Test::IsNot(_), None) | (Test::Given, Some(_)) => true,
        (Test::Is(wanted), Some(value)) => wanted.iter().any(|one| one == value),
        (Test::IsNot(unwanted), Some(value)) => unwanted.iter().all(|one| one != value),
    }
}

fn narrow(selected: Selected, codes: &Codes, allowed: &[bool], rows: usize) -> Selected {
    let all = allowed.iter().skip(1).all(|one| *one);
    if !allowed.iter().any(|one| *one) {
        return Selected::None;
    }
    if all && allowed[0] {
        return selected;
    }
    let mut mask = match selected {
        Selected::None => return Selected::None,
        Selected::All => vec![true; rows],
        Selected::Some(mask) => mask,
    };
    let mut any = false;
    codes.for_each(rows, |row, code| {
        mask[row] &= allowed[code];
        any |= mask[row];
    });
    if any {
        Selected::Some(mask)
    } else {
        Selected::None
    }
}
