//! New figures over the rows of the previous catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::Money;
use domain::day::Day;
use domain::offer::{Exactness, Machine, OfferRef, Purchase, Source, SourceId};

use super::jump;
use crate::import::{Figure, Row, Rows};
use crate::plausibility::{Quarantined, set_aside};
use crate::{Catalog, Error};

/// New figures for a machine in a region.
#[derive(Clone, Debug)]
pub struct Update {
    /// The machine; one that the previous catalog has, or a new one in full.
    pub machine: Machine,
    /// The provider's region code.
    pub region: Arc<str>,
    /// Figures by [`Purchase`].
    pub figures: [Option<Figure>; 4],
}

/// What a vendor's reader found.
pub(crate) struct Batch {
    /// Where the figures come from.
    pub(crate) source: Source,
    /// The figures.
    pub(crate) updates: Vec<Update>,
    /// What becomes of spot prices that the list does not have.
    pub(crate) spot: Spot,
    /// Machine types of the list that cannot be offered, because their facts are not known.
    pub(crate) skipped: BTreeSet<String>,
}

/// Whether a list speaks about spot prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// It does: what it leaves out is not sold as spot.
    Listed,
    /// It does not: the previous saving is applied to the new on-demand price.
    Carried,
}

/// What a vendor's figures changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Rows with another on-demand price than before.
    pub changed: usize,
    /// Rows whose on-demand price is as before, now of a later day.
    pub confirmed: usize,
    /// Rows whose price jumped and is not believed yet.
    pub jumped: usize,
    /// Rows that are new.
    pub added: usize,
    /// Machine types that were passed over, because vCPU, memory or accelerators are not known.
    pub skipped: Vec<String>,
}

/// The rows of the previous catalog while vendors change them.
pub(crate) struct Merge<'a> {
    previous: &'a Catalog,
    today: Day,
    rows: Rows,
    places: BTreeMap<(Machine, Arc<str>), Vec<usize>>,
    updated: BTreeSet<(String, String, String)>,
    jumped: Vec<Quarantined>,
    dollars: Arc<str>,
}

impl<'a> Merge<'a> {
    pub(crate) fn new(previous: &'a Catalog, today: Day) -> Result<Self, Error> {
        let dollars: Arc<str> = "USD".into();
        let mut rows = Rows::default();
        let mut ids = Vec::new();
        for source in previous.offers().sources() {
            ids.push(rows.source(source.clone())?);
        }
        let mut places: BTreeMap<(Machine, Arc<str>), Vec<usize>> = BTreeMap::new();
        for offer in previous.offers().iter().map(OfferRef::to_offer) {
            let key = (offer.machine.clone(), offer.region.clone());
            places.entry(key).or_default().push(rows.rows.len());
            rows.rows.push(Row {
                machine: offer.machine,
                region: offer.region,
                zone: offer.zone,
                figures: offer
                    .prices
                    .map(|price| price.map(|price| figure(price, &dollars))),
                sources: offer
                    .sources
                    .map(|id| ids.get(usize::from(id.0)).copied().unwrap_or(id)),
                interruption_percent: offer.interruption_percent,
            });
        }
        Ok(Self {
            previous,
            today,
            rows,
            places,
            updated: BTreeSet::new(),
            jumped: Vec::new(),
            dollars,
        })
    }

    /// Puts a vendor's figures in place.
    pub(crate) fn apply(&mut self, provider: &'static str, batch: Batch) -> Result<Merged, Error> {
        if batch.updates.is_empty() {
            return Err(Error::Nothing { provider });
        }
        let at = Purchase::OnDemand.index();
        let pairs = batch.updates.iter().filter_map(|update| {
            let key = (update.machine.clone(), update.region.clone());
            let row = self.rows.rows.get(*self.places.get(&key)?.first()?)?;
            let now = jump::dollars(update.figures[at].as_ref());
            Some((jump::dollars(row.figures[at].as_ref()), now))
        });
        jump::check(provider, pairs)?;
        let listed = self.rows.source(batch.source)?;
        let carried = self.rows.source(Source {
            name: format!("{provider}-spot-carried").into(),
            note: "estimate: the earlier spot saving on the new on-demand price".into(),
            as_of: self.today,
            exactness: Exactness::Estimated,
        })?;
        let mut merged = Merged {
            skipped: batch.skipped.into_iter().collect(),
            ..Merged::default()
        };
        for update in batch.updates {
            let key = (update.machine.clone(), update.region.clone());
            let rows = match self.places.get(&key) {
                Some(rows) => rows.clone(),
                None => self.add(&update, &mut merged, listed),
            };
            for row in rows {
                let carried = (batch.spot == Spot::Carried).then_some(carried);
                self.change(row, &update, listed, carried, &mut merged);
            }
            let machine = update.machine.name.to_string();
            let region = update.region.to_string();
            self.updated
                .insert((update.machine.provider.to_string(), machine, region));
        }
        Ok(merged)
    }

    /// All rows, and the quarantined figures that are not among them: earlier ones about which
    /// nobody said anything new, and those that jumped.
    pub(crate) fn into_rows(self) -> (Rows, Vec<Quarantined>) {
        let fresh = |it: &&Quarantined| {
            let key = (it.provider.clone(), it.machine.clone(), it.region.clone());
            !self.updated.contains(&key)
        };
        let earlier = self.previous.quarantined().iter().filter(fresh);
        let kept = earlier.chain(&self.jumped).cloned().collect();
        (self.rows, kept)
    }

    /// New rows for a machine that was not offered in the region: in the zones that the quarantine
    /// knows, or in the whole region.
    fn add(&mut self, update: &Update, merged: &mut Merged, listed: SourceId) -> Vec<usize> {
        let mut zones: Vec<&str> = Vec::new();
        for known in self.previous.quarantined() {
            let same = known.machine == *update.machine.name
                && known.provider == *update.machine.provider
                && known.region == *update.region;
            if same && !zones.contains(&&*known.zone) {
                zones.push(&known.zone);
            }
        }
        if zones.is_empty() {
            zones.push("");
        }
        let first = self.rows.rows.len();
        for zone in zones {
            self.rows.rows.push(Row {
                machine: update.machine.clone(),
                region: update.region.clone(),
                zone: zone.into(),
                figures: [None, None, None, None],
                sources: [listed; 4],
                interruption_percent: None,
            });
        }
        let rows: Vec<usize> = (first..self.rows.rows.len()).collect();
        merged.added += rows.len();
        let key = (update.machine.clone(), update.region.clone());
        self.places.insert(key, rows.clone());
        rows
    }

    fn change(
        &mut self,
        row: usize,
        update: &Update,
        listed: SourceId,
        carried: Option<SourceId>,
        merged: &mut Merged,
    ) {
        let Rows { rows, sources } = &mut self.rows;
        let row = &mut rows[row];
        let price = |figures: &[Option<Figure>; 4], purchase: Purchase| {
            jump::dollars(figures[purchase.index()].as_ref())
        };
        let before = price(&row.figures, Purchase::OnDemand);
        let now = price(&update.figures, Purchase::OnDemand);
        let old_spot = price(&row.figures, Purchase::Spot);
        if let Some(reason) = jump::reason(before, now) {
            row.figures.clone_from(&update.figures);
            row.sources = [listed; 4];
            for purchase in Purchase::ALL
                .into_iter()
                .filter(|it| row.figures[it.index()].is_some())
            {
                let reason = reason.clone();
                self.jumped
                    .push(set_aside(row, purchase, "jump", reason, sources));
            }
            row.figures = [None, None, None, None];
            merged.jumped += 1;
            return;
        }
        if before.is_some() {
            let counter = if before == now {
                &mut merged.confirmed
            } else {
                &mut merged.changed
            };
            *counter += 1;
        }
        for purchase in Purchase::ALL {
            let at = purchase.index();
            if update.figures[at].is_some() || carried.is_none() {
                row.figures[at].clone_from(&update.figures[at]);
                row.sources[at] = listed;
            }
        }
        let Some(carried) = carried else { return };
        if let (Some(before), Some(now), Some(spot)) = (before, now, old_spot) {
            let scaled = i128::from(spot.micros) * i128::from(now.micros);
            let micros = scaled / i128::from(before.micros.max(1));
            if update.figures[Purchase::Spot.index()].is_none() && before != now {
                let spot = Money::micros(i64::try_from(micros).unwrap_or(i64::MAX));
                row.figures[Purchase::Spot.index()] = Some(figure(spot, &self.dollars));
                row.sources[Purchase::Spot.index()] = carried;
            }
        }
    }
}

fn figure(price: Money, dollars: &Arc<str>) -> Figure {
    let text = format!(
        "{}.{:06}",
        price.micros / 1_000_000,
        price.micros.rem_euclid(1_000_000)
    );
    Figure {
        text,
        currency: dollars.clone(),
    }
}
