//! The same machine type elsewhere: what compute lines would have cost in the provider's cheapest
//! region by the catalog.

use super::{Advice, Apply, Confidence, Context, Rule, is};
use crate::Error;
use crate::amount::Amount;
use crate::query::Key;
use domain::offer::{OfferTable, Purchase};

/// Less than this per cent is not worth a move.
const WORTH: i128 = 5;

pub(super) struct CheaperRegion;

impl Rule for CheaperRegion {
    fn name(&self) -> &'static str {
        "cheaper-region"
    }

    fn inputs(&self) -> &'static str {
        "compute lines at standard prices with resource type and region, and the catalog"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let Some(offers) = context.offers else {
            return Ok(Err("no catalog of prices is there".to_owned()));
        };
        let filters = vec![is("charge", &["Usage"])?, is("pricing", &["Standard"])?];
        let by = vec![Key::parse("resource-type")?, Key::parse("region")?];
        let answer = context.ledger.ask(&context.question(by, filters))?;
        let mut advice = Vec::new();
        let mut known = false;
        for group in &answer.groups {
            let (Some(machine), Some(region)) = (&group.keys[0], &group.keys[1]) else {
                continue;
            };
            let Some((here, there, price)) = cheapest(offers, machine, region) else {
                continue;
            };
            known = true;
            let share = (here - price).part(100, here.atoms()).atoms();
            if share < WORTH || there == *region {
                continue;
            }
            let saving = group.values[0].part((here - price).atoms(), here.atoms());
            advice.push(Advice {
                rule: "cheaper-region",
                subject: format!("{machine} in {region}"),
                change: format!("run it in `{there}`"),
                evidence: vec![
                    format!(
                        "{} {} in {} days",
                        group.values[0].for_people(),
                        group.currency,
                        context.days
                    ),
                    format!("{here} USD an hour here and {price} there, {share} % less"),
                ],
                saving_per_month: Some(context.per_month(saving)),
                currency: group.currency.clone(),
                confidence: Confidence::Low,
                risk:
                    "data must move and may not be allowed to; transfer and latency are not counted"
                        .to_owned(),
                undo: format!("run it in `{region}` again"),
                apply: Apply::Hand {
                    what: "`tradewind plan --explain` shows the places with transfer and residency"
                        .to_owned(),
                },
            });
        }
        if !known {
            let why = "no compute line names a machine type and region that the catalog knows";
            return Ok(Err(why.to_owned()));
        }
        Ok(Ok(advice))
    }
}

/// The price here, and the cheapest region of the same provider with its price.
fn cheapest(offers: &OfferTable, machine: &str, region: &str) -> Option<(Amount, String, Amount)> {
    let same = offers
        .iter()
        .filter(|offer| offer.machine().name.as_ref() == machine);
    let priced: Vec<(Amount, &str, &str)> = same
        .filter_map(|offer| {
            let price = Amount::from(offer.price(Purchase::OnDemand)?.per_hour);
            (price > Amount::ZERO).then_some((price, offer.provider(), offer.region()))
        })
        .collect();
    let here = priced.iter().filter(|(_, _, at)| *at == region).min()?;
    let there = priced
        .iter()
        .filter(|(_, provider, _)| *provider == here.1)
        .min()?;
    Some((here.0, there.2.to_owned(), there.0))
}
