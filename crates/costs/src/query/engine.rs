//! Answering: one block after the other, so that memory does not grow with the ledger.

use super::groups::{self, Groups};
use super::select::{Loaded, Selected, codes, filters, select, values};
use super::{Answer, Group, Key, Order, Question};
use crate::amount::Amount;
use crate::focus::Column;
use crate::segment::{Chunk, Codes, Dictionary, Mantissas, Segment};
use crate::{Error, Ledger};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Keys of a question and the currency.
pub(super) const MOST_KEYS: usize = 5;

struct Run<'q> {
    question: &'q Question,
    keys: Vec<Key>,
    names: Vec<Dictionary>,
    groups: Groups,
    sums: Vec<Vec<i128>>,
    bounds: Vec<u128>,
    lines: Vec<u64>,
    slots: Vec<u32>,
}

pub(super) fn answer(ledger: &Ledger, question: &Question) -> Result<Answer, Error> {
    if question.by.len() >= MOST_KEYS {
        let most = MOST_KEYS - 1;
        return Err(Error::Invalid(format!(
            "a question has at most {most} keys"
        )));
    }
    if question.metrics.is_empty() {
        return Err(Error::Invalid("a question needs a metric".to_owned()));
    }
    let mut keys = question.by.clone();
    keys.push(Key::Column(Column::BillingCurrency));
    let mut run = Run {
        question,
        names: keys.iter().map(|_| Dictionary::default()).collect(),
        groups: Groups::new(keys.len()),
        keys,
        sums: vec![Vec::new(); question.metrics.len()],
        bounds: vec![0; question.metrics.len()],
        lines: Vec::new(),
        slots: Vec::new(),
    };
    let filters = filters(question);
    for (_, segment) in ledger.snapshot()?.segments {
        run.segment(&segment, &filters)?;
    }
    Ok(run.finish())
}

impl Run<'_> {
    fn segment(&mut self, segment: &Segment, filters: &[super::Filter]) -> Result<(), Error> {
        for at in segment.blocks() {
            let mut block = Loaded::new(segment, at);
            match select(&mut block, self.question, filters)? {
                Selected::None => {}
                Selected::All => self.block(&mut block, None)?,
                Selected::Some(mask) => self.block(&mut block, Some(&mask))?,
            }
        }
        Ok(())
    }

    fn block(&mut self, block: &mut Loaded<'_>, mask: Option<&[bool]>) -> Result<(), Error> {
        let mut chunks: Vec<Option<Rc<Chunk>>> = Vec::new();
        for key in &self.keys {
            chunks.push(block.chunk(key.source())?);
        }
        let mut dims: Vec<(Vec<u32>, Option<&Codes>)> = Vec::new();
        for ((key, chunk), names) in self.keys.iter().zip(&chunks).zip(&mut self.names) {
            dims.push(match chunk {
                None => (vec![0], None),
                Some(chunk) => {
                    let id = |value: Option<std::borrow::Cow<'_, str>>| {
                        value.map_or(0, |value| names.intern(&value) + 1)
                    };
                    (
                        values(key, chunk).into_iter().map(id).collect(),
                        codes(chunk),
                    )
                }
            });
        }
        let sizes: Vec<usize> = self.names.iter().map(|names| names.len() + 1).collect();
        self.groups.fit(&sizes);
        let rows = block.rows();
        self.groups.slots(&dims, rows, mask, &mut self.slots)?;
        let slots = self.groups.ids.len();
        self.lines.resize(slots, 0);
        groups::count(&mut self.lines, &self.slots);
        for at in 0..self.question.metrics.len() {
            self.sums[at].resize(slots, 0);
            let chunk = block.chunk(self.question.metrics[at].column())?;
            self.metric(at, chunk.as_deref(), rows)?;
        }
        Ok(())
    }

    fn metric(&mut self, at: usize, chunk: Option<&Chunk>, rows: usize) -> Result<(), Error> {
        let Some(Chunk::Decimal(decimals)) = chunk else {
            return Ok(());
        };
        // What all rows together could reach at most: no sum can pass it, so none can wrap.
        let most = decimals.largest().saturating_mul(rows as u128);
        self.bounds[at] = self.bounds[at].saturating_add(most);
        if self.bounds[at] > i128::MAX.unsigned_abs() {
            let what = self.question.metrics[at].name().to_owned();
            return Err(Error::Overflow { what });
        }
        let (sums, factor) = (&mut self.sums[at], decimals.factor());
        match &decimals.mantissas {
            Mantissas::Zero => {}
            Mantissas::Small(values) => groups::add(sums, &self.slots, values, factor),
            Mantissas::Large(values) => groups::add(sums, &self.slots, values, factor),
        }
        Ok(())
    }

    fn finish(self) -> Answer {
        let currency = self.keys.len() - 1;
        let name = |key: usize, id: u32| {
            id.checked_sub(1)
                .map(|id| self.names[key].get(id).to_owned())
        };
        let mut totals: BTreeMap<String, Group> = BTreeMap::new();
        let mut all = Vec::with_capacity(self.groups.ids.len());
        for (slot, ids) in self.groups.ids.iter().enumerate() {
            let values: Vec<Amount> = self
                .sums
                .iter()
                .map(|sums| Amount::from_atoms(sums[slot]))
                .collect();
            let group = Group {
                keys: (0..currency).map(|key| name(key, ids[key])).collect(),
                currency: name(currency, ids[currency]).unwrap_or_default(),
                values,
                lines: self.lines[slot],
            };
            let total = totals
                .entry(group.currency.clone())
                .or_insert_with(|| Group {
                    keys: Vec::new(),
                    currency: group.currency.clone(),
                    values: vec![Amount::ZERO; self.sums.len()],
                    lines: 0,
                });
            total.lines += group.lines;
            total
                .values
                .iter_mut()
                .zip(&group.values)
                .for_each(|(sum, value)| *sum += *value);
            all.push(group);
        }
        match self.question.order {
            Order::Amount => all.sort_by(|a, b| {
                (&a.currency, b.values[0], &a.keys).cmp(&(&b.currency, a.values[0], &b.keys))
            }),
            Order::Keys => all.sort_by(|a, b| (&a.currency, &a.keys).cmp(&(&b.currency, &b.keys))),
        }
        let left_out = all
            .len()
            .saturating_sub(self.question.limit.unwrap_or(usize::MAX));
        all.truncate(all.len() - left_out);
        Answer {
            by: self.question.by.iter().map(Key::name).collect(),
            metrics: self
                .question
                .metrics
                .iter()
                .map(|m| m.name().to_owned())
                .collect(),
            groups: all,
            left_out,
            totals: totals.into_values().collect(),
        }
    }
}
