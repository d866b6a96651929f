//! Discounts that nobody was asked for: what the bill's own commitments save, and where it has none,
//! what the catalog says.

use super::eligible;
use crate::Error;
use crate::amount::Amount;
use crate::query::Key;
use crate::rules::{Context, is};
use domain::offer::Purchase;
use std::collections::BTreeMap;

/// A discount on usage of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) name: String,
    /// In per cent, rounded down.
    pub(super) percent: u32,
    /// Where it is known from; unset when it was given.
    pub(super) origin: Option<String>,
}

/// Discounts by provider.
pub(super) type Offers = BTreeMap<String, Vec<Offer>>;

/// What a provider's usage cost, and what it would have cost at another price.
#[derive(Default)]
struct Rate {
    whole: Amount,
    less: Amount,
}

impl Rate {
    fn offer(&self, name: &str, origin: String) -> Option<Offer> {
        let saved = self.whole - self.less;
        let percent = saved.part(100, self.whole.atoms().max(1)).atoms();
        let percent = u32::try_from(percent).ok();
        Some(Offer {
            name: name.to_owned(),
            percent: percent.filter(|percent| (1..100).contains(percent))?,
            origin: Some(origin),
        })
    }
}

/// The discounts of commitments that the ledger's lines used, by provider and kind: effective
/// against list cost.
pub(super) fn of_the_bill(context: &Context<'_>) -> Result<Offers, Error> {
    let by = vec![
        Key::parse("provider")?,
        Key::parse("CommitmentDiscountType")?,
    ];
    let filters = vec![
        is("charge", &["Usage"])?,
        is("pricing", &["Committed"])?,
        is("CommitmentDiscountStatus", &["Used"])?,
    ];
    let answer = context.ledger.ask(&context.question(by, filters))?;
    let mut offers = Offers::new();
    for group in answer.groups {
        let provider = group.keys[0].clone().unwrap_or_default();
        let kind = group.keys[1].as_deref().unwrap_or("commitment");
        let rate = Rate {
            whole: group.values[1],
            less: group.values[0],
        };
        let origin = format!(
            "the bill's own lines under a {kind} cost {} {code} instead of {} {code} at list prices; \
             a new one may have other terms",
            rate.less.for_people(),
            rate.whole.for_people(),
            code = group.currency
        );
        let found = rate.offer(&format!("{kind} as in the bill"), origin);
        offers.entry(provider).or_default().extend(found);
    }
    offers.retain(|_, offers| !offers.is_empty());
    Ok(offers)
}

/// What the catalog's prices for one and three years are below those on demand, over the machines
/// that were used; usage that it knows no such price of counts as usage without a discount.
pub(super) fn of_the_catalog(context: &Context<'_>) -> Result<Offers, Error> {
    let Some(table) = context.offers else {
        return Ok(Offers::new());
    };
    let by = vec![
        Key::parse("provider")?,
        Key::parse("resource-type")?,
        Key::parse("region")?,
    ];
    let answer = context.ledger.ask(&context.question(by, eligible()?))?;
    let terms = [Purchase::CommittedOneYear, Purchase::CommittedThreeYears];
    let mut rates: BTreeMap<(String, usize), Rate> = BTreeMap::new();
    for group in &answer.groups {
        let provider = group.keys[0].clone().unwrap_or_default();
        let known = group.keys[1].as_deref().zip(group.keys[2].as_deref());
        let offer = known.and_then(|(kind, region)| {
            let mut all = table.iter();
            all.find(|offer| &*offer.machine().name == kind && offer.region() == region)
        });
        for (place, term) in terms.into_iter().enumerate() {
            let share = offer.and_then(|offer| {
                let standard = Amount::from(offer.price(Purchase::OnDemand)?.per_hour);
                let committed = Amount::from(offer.price(term)?.per_hour);
                Some((committed.atoms(), standard.atoms()))
            });
            let cost = group.values[0];
            let less = share.filter(|(_, of)| *of > 0);
            let less = less.map_or(cost, |(part, of)| cost.part(part, of));
            let rate = rates.entry((provider.clone(), place)).or_default();
            rate.whole += cost;
            rate.less += less;
        }
    }
    let mut offers = Offers::new();
    for ((provider, place), rate) in rates {
        let name = terms[place].to_string();
        let origin = format!(
            "by the catalog, prices {name} without payment upfront are so much below those on demand, \
             over the machines that were used"
        );
        let found = rate.offer(&name, origin);
        offers.entry(provider).or_default().extend(found);
    }
    offers.retain(|_, offers| !offers.is_empty());
    Ok(offers)
}
