//! A repeated job elsewhere: what its attempts paid for an hour of their machine, and the cheapest
//! machine of any provider that has as many processors, as much memory and the same accelerators.

use super::{Advice, Apply, Confidence, Context, Rule, is};
use crate::Error;
use crate::amount::Amount;
use crate::query::Key;
use domain::offer::{Machine, OfferTable, Purchase};

/// So many attempts are a repeated job.
const REPEATED: u64 = 5;
/// Less than this per cent is not worth a move.
const WORTH: i128 = 10;

pub(super) struct CheaperProvider;

impl Rule for CheaperProvider {
    fn name(&self) -> &'static str {
        "cheaper-provider"
    }

    fn inputs(&self) -> &'static str {
        "metered attempts of jobs by workload, type of machine and region, and the catalog of all \
         providers"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let Some(offers) = context.offers else {
            return Ok(Err("no catalog of prices is there".to_owned()));
        };
        let filters = vec![is("provider", &["Tradewind"])?, is("service", &["Jobs"])?];
        let by = vec![
            Key::parse("workload")?,
            Key::parse("resource-type")?,
            Key::parse("region")?,
        ];
        let answer = context.ledger.ask(&context.question(by, filters))?;
        let (mut advice, mut known) = (Vec::new(), false);
        for group in &answer.groups {
            let [Some(workload), Some(machine), Some(region)] = group.keys.as_slice() else {
                continue;
            };
            let Some((here, there)) = cheapest(offers, machine, region) else {
                continue;
            };
            known = true;
            let share = (here.price - there.price)
                .part(100, here.price.atoms())
                .atoms();
            if group.lines < REPEATED || share < WORTH || there.provider == here.provider {
                continue;
            }
            let saving =
                group.values[0].part((here.price - there.price).atoms(), here.price.atoms());
            advice.push(Advice {
                rule: "cheaper-provider",
                subject: workload.clone(),
                change: format!("run it on `{}` in `{}` of {}", there.machine, there.region, there.provider),
                evidence: vec![
                    format!(
                        "{} attempts on `{machine}` in `{region}` cost {} {}",
                        group.lines,
                        group.values[0].for_people(),
                        group.currency
                    ),
                    format!("an hour costs {} USD here and {} there, {share} % less", here.price, there.price),
                ],
                saving_per_month: Some(context.per_month(saving)),
                currency: group.currency.clone(),
                confidence: Confidence::Low,
                risk: "transfer of inputs and outputs, residency and the other machine's speed are \
                       not counted here; the planner counts them"
                    .to_owned(),
                undo: "pin the present provider in the workload's policy".to_owned(),
                apply: Apply::Hand {
                    what: "`tradewind plan --explain` weighs both with transfer and residency; allow the \
                           provider in the workload's policy"
                        .to_owned(),
                },
            });
        }
        if !known {
            let why = "no metered attempt ran on a machine that the catalog knows";
            return Ok(Err(why.to_owned()));
        }
        Ok(Ok(advice))
    }
}

struct Place {
    price: Amount,
    provider: String,
    region: String,
    machine: String,
}

/// The machine's own price, and the cheapest that can do its work.
fn cheapest(offers: &OfferTable, machine: &str, region: &str) -> Option<(Place, Place)> {
    let place = |offer: domain::offer::OfferRef<'_>| {
        let price = Amount::from(offer.price(Purchase::OnDemand)?.per_hour);
        (price > Amount::ZERO).then(|| Place {
            price,
            provider: offer.provider().to_owned(),
            region: offer.region().to_owned(),
            machine: offer.machine().name.to_string(),
        })
    };
    let own = offers
        .iter()
        .filter(|o| o.machine().name.as_ref() == machine && o.region() == region);
    let (present, kind) = own
        .filter_map(|offer| Some((place(offer)?, offer.machine().clone())))
        .min_by(|a, b| a.0.price.cmp(&b.0.price))?;
    let fits = offers
        .iter()
        .filter(|offer| does_as_much(offer.machine(), &kind));
    let there = fits
        .filter_map(place)
        .min_by(|a, b| (a.price, &a.provider, &a.region).cmp(&(b.price, &b.provider, &b.region)))?;
    Some((present, there))
}

fn does_as_much(other: &Machine, kind: &Machine) -> bool {
    let accelerators = match (&other.accelerator, &kind.accelerator) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(other), Some(kind)) => {
            other.model == kind.model && other.count_milli >= kind.count_milli
        }
    };
    accelerators
        && other.architecture == kind.architecture
        && other.vcpus_milli >= kind.vcpus_milli
        && other.memory_bytes >= kind.memory_bytes
}
