//! `costs unit`: what one of something costs.

use super::{amount, failed, narrow};
use crate::arguments::UnitArguments;
use crate::failure::Failure;
use crate::output::Output;
use costs::query::{Key, Per, Question, unit_cost};
use costs::{Amount, Ledger};

pub(super) fn run(ledger: &Ledger, wanted: &UnitArguments, output: Output) -> Result<(), Failure> {
    let per = match (&wanted.per, &wanted.consumed, &wanted.units) {
        (_, Some(size), _) => match &wanted.unit {
            Some(unit) => Per::Measured {
                size: amount(size)?,
                unit: unit.clone(),
            },
            None => Per::Consumed(amount(size)?),
        },
        (_, _, Some(units)) => Per::Given(amount(units)?),
        (Some(key), None, None) => Per::Distinct(Key::parse(key).map_err(failed)?),
        (None, None, None) => return Err(Failure::usage("say per what")),
    };
    let question = Question {
        metrics: narrow::metrics(&wanted.metric)?,
        ..narrow::question(&wanted.narrowing)?
    };
    let costs = unit_cost(ledger, &question, &per).map_err(failed)?;
    output.table(&["cost", "units", "per unit", "currency"], &costs, |cost| {
        let per = cost
            .per_unit
            .map_or_else(|| "no units".to_owned(), Amount::for_people);
        vec![
            cost.cost.for_people(),
            cost.units.to_string(),
            per,
            cost.currency.clone(),
        ]
    });
    Ok(())
}
