//! Rate cards: every distinct way data can move, so that pairs of places are one small number.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::region::Region;
use domain::transfer::{Destination, Path, Tariff, TransferPrices};

/// One way data can move.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    /// Along what.
    pub path: Path,
    /// What it costs; `None` when it is free.
    pub tariff: Option<Arc<Tariff>>,
    /// Index of the provider that charges, for tariffs whose tiers the whole account fills.
    pub provider: Arc<str>,
    /// Whether the price is known; what has no known price is never planned on.
    pub known: bool,
}

/// Cards and who uses which.
pub(super) struct Cards {
    pub list: Vec<Card>,
    pub regions: Vec<u16>,
    pub zones: Vec<u16>,
}

struct Dealer<'a> {
    prices: &'a TransferPrices,
    cards: Vec<Card>,
    /// Cards by address of the tariff, which is one for each entry of the price list.
    dealt: BTreeMap<(usize, Path, bool), u16>,
}

/// Deals a card to every pair of regions and to the zones of each.
pub(super) fn deal(
    prices: &TransferPrices,
    names: &[(Arc<str>, Arc<str>)],
    facts: &[Option<Region>],
    own: &[Arc<str>],
) -> Option<Cards> {
    let stay = Card {
        path: Path::SameRegion,
        tariff: None,
        provider: Arc::from(""),
        known: true,
    };
    let mut dealer = Dealer {
        prices,
        cards: vec![stay],
        dealt: BTreeMap::new(),
    };
    let mut regions = Vec::with_capacity(facts.len() * facts.len());
    let mut zones = Vec::with_capacity(facts.len());
    for (from, (provider, _)) in names.iter().enumerate() {
        let free = own.contains(provider);
        for (to, (target, _)) in names.iter().enumerate() {
            let card = if from == to {
                0
            } else if free {
                let path = if provider == target {
                    Path::Regions
                } else {
                    Path::Internet
                };
                dealer.card(provider, path, None, true)?
            } else {
                dealer.between(
                    provider,
                    facts[from].as_ref(),
                    facts[to].as_ref(),
                    provider == target,
                )?
            };
            regions.push(card);
        }
        let zone = match (&facts[from], free) {
            (Some(region), false) => match prices.tariff(region, Destination::OtherZone) {
                Ok((path, tariff)) => dealer.card(provider, path, tariff, true)?,
                Err(_) => dealer.card(provider, Path::Zones, None, false)?,
            },
            _ => dealer.card(provider, Path::Zones, None, true)?,
        };
        zones.push(zone);
    }
    Some(Cards {
        list: dealer.cards,
        regions,
        zones,
    })
}

impl Dealer<'_> {
    fn between(
        &mut self,
        provider: &Arc<str>,
        from: Option<&Region>,
        to: Option<&Region>,
        same: bool,
    ) -> Option<u16> {
        let path = if same { Path::Regions } else { Path::Internet };
        let found = from.and_then(|from| {
            let to = match to {
                Some(to) => Destination::Region(to),
                None if !same => Destination::Internet,
                None => return None,
            };
            self.prices.tariff(from, to).ok()
        });
        match found {
            Some((path, tariff)) => self.card(provider, path, tariff, true),
            None => self.card(provider, path, None, false),
        }
    }

    fn card(
        &mut self,
        provider: &Arc<str>,
        path: Path,
        tariff: Option<&Tariff>,
        known: bool,
    ) -> Option<u16> {
        let address = tariff.map_or(0, |tariff| std::ptr::from_ref(tariff).addr());
        // A free card is the same whoever grants it.
        if let Some(&card) = self.dealt.get(&(address, path, known)) {
            return Some(card);
        }
        let card = u16::try_from(self.cards.len()).ok()?;
        self.cards.push(Card {
            path,
            tariff: tariff.map(|tariff| Arc::new(tariff.clone())),
            provider: provider.clone(),
            known,
        });
        self.dealt.insert((address, path, known), card);
        Some(card)
    }
}
