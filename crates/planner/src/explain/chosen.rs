//! An offer with everything a reader wants to know of it.

use std::sync::Arc;

use domain::day::Day;
use domain::offer::{Exactness, Purchase};
use domain::{ByteSize, Money, Span};

use crate::ask::{Ask, Candidate, Taking};
use crate::estimate;
use crate::plan::{Chosen, Estimate, Payment, PriceUsed};

/// The offer in words; `None` when it is not sold, which a candidate of a shortlist always is.
pub(crate) fn chosen(ask: &Ask<'_>, candidate: Candidate) -> Option<Chosen> {
    let market = ask.market;
    let row = candidate.row as usize;
    let machine = &market.machines[market.machine[row] as usize];
    let terms = estimate::terms(ask, candidate)?;
    let payment = match candidate.taking {
        Taking::Bought(_) if candidate.is_spot() => Payment::Spot,
        Taking::Bought(_) => Payment::OnDemand,
        Taking::Committed(index) => Payment::Committed {
            commitment: ask.question.commitments[usize::from(index)].name.clone(),
        },
    };
    let percent = market.interruption[row];
    let service = ask.workload.services.get(&*machine.provider).cloned();
    Some(Chosen {
        site: market.sites[usize::from(market.site[row])].clone(),
        machine: machine.name.to_string(),
        milli_cpus: machine.vcpus_milli,
        memory: ByteSize(machine.memory_bytes),
        architecture: machine.architecture,
        accelerator: machine.accelerator.clone(),
        nodes: ask.workload.nodes(),
        price: price(ask, candidate),
        interruption_percent: (candidate.is_spot() && percent <= 100).then_some(percent),
        service: if matches!(payment, Payment::Committed { .. }) {
            None
        } else {
            service
        },
        payment,
        estimate: Estimate {
            compute: Money::micros(terms.compute),
            disk: Money::micros(terms.disk),
            hourly: Money::micros(terms.hourly),
            wait: Span(terms.wait),
            set_up: Span(terms.set_up),
            run: (
                Span(terms.run.early),
                Span(terms.run.likely),
                Span(terms.run.late),
            ),
            basis: terms.run.basis,
            interruptions: Span(terms.likely - terms.run.likely),
            billed: Span(terms.billed),
        },
    })
}

fn price(ask: &Ask<'_>, candidate: Candidate) -> PriceUsed {
    let (table, row) = ask.market.origin[candidate.row as usize];
    let table = &ask.market.tables[usize::from(table)];
    let quote = candidate
        .purchase()
        .or(Some(Purchase::OnDemand))
        .and_then(|purchase| table.price(row as usize, purchase));
    let source = quote.and_then(|quote| table.source(quote.source));
    PriceUsed {
        per_hour: quote.map_or(Money::ZERO, |quote| quote.per_hour),
        exactness: quote.map_or(Exactness::Exact, |quote| quote.exactness),
        source: source.map_or_else(String::new, |it| Arc::clone(&it.name).to_string()),
        as_of: source.map_or(Day::from_days(0), |it| it.as_of),
    }
}
