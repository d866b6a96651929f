//! Work that may be interrupted and pays on-demand prices: lines whose workload says that it keeps
//! checkpoints, on machine types that the catalog knows a spot price of.

use super::{Advice, Apply, Confidence, Context, Rule, is};
use crate::Error;
use crate::amount::Amount;
use crate::query::Key;
use domain::offer::{OfferTable, Purchase};

/// Machines that are taken away more often than this (per cent in a month) are not advised.
const MOST_INTERRUPTED: u8 = 20;

pub(super) struct Spot;

impl Rule for Spot {
    fn name(&self) -> &'static str {
        "spot"
    }

    fn inputs(&self) -> &'static str {
        "lines tagged `checkpoint=true` with resource type and region, and the catalog's spot prices"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let Some(offers) = context.offers else {
            return Ok(Err("no catalog of prices is there".to_owned()));
        };
        let filters = vec![
            is("tag:checkpoint", &["true", "yes"])?,
            is("pricing", &["Standard"])?,
            is("charge", &["Usage"])?,
        ];
        let by = vec![
            Key::parse("workload")?,
            Key::parse("resource-type")?,
            Key::parse("region")?,
        ];
        let answer = context.ledger.ask(&context.question(by, filters))?;
        if answer.groups.is_empty() {
            let why = "no line at standard prices is tagged `checkpoint=true`";
            return Ok(Err(why.to_owned()));
        }
        let mut advice = Vec::new();
        for group in &answer.groups {
            let (Some(machine), Some(region)) = (&group.keys[1], &group.keys[2]) else {
                continue;
            };
            let Some((cheaper, interrupted)) = spot(offers, machine, region) else {
                continue;
            };
            let saving = group.values[0].part(cheaper, 10_000);
            let subject = group.keys[0].clone().unwrap_or_else(|| machine.clone());
            advice.push(Advice {
                rule: "spot",
                change: format!("run it on spot machines of type `{machine}` in `{region}`"),
                evidence: vec![
                    format!(
                        "{} {} at standard prices",
                        group.values[0].for_people(),
                        group.currency
                    ),
                    format!("spot is {} % cheaper there", cheaper / 100),
                    format!("interrupted in less than {interrupted} % of months"),
                ],
                saving_per_month: Some(context.per_month(saving)),
                currency: group.currency.clone(),
                confidence: Confidence::Low,
                risk: "work since the last checkpoint is done again; spot prices move".to_owned(),
                undo: "ask for on-demand machines again".to_owned(),
                apply: Apply::Hand {
                    what: "set `policy: {purchase: [spot]}` in the workload's `tradewind.yaml`"
                        .to_owned(),
                },
                subject,
            });
        }
        Ok(Ok(advice))
    }
}

/// How much cheaper spot is, in hundredths of a per cent, with the interruption band.
fn spot(offers: &OfferTable, machine: &str, region: &str) -> Option<(i128, u8)> {
    let here = offers
        .iter()
        .filter(|o| o.machine().name.as_ref() == machine && o.region() == region);
    let cheaper = here.filter_map(|offer| {
        let interrupted = offer
            .interruption_percent()
            .filter(|p| *p <= MOST_INTERRUPTED)?;
        let standard = Amount::from(offer.price(Purchase::OnDemand)?.per_hour);
        let spot = Amount::from(offer.price(Purchase::Spot)?.per_hour);
        let share = (standard - spot).part(10_000, standard.atoms()).atoms();
        (share > 0).then_some((share, interrupted))
    });
    cheaper.max()
}
