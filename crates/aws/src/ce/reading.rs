//! Asking the ledger on behalf of Cost Explorer.

use super::expression::Expression;
use super::period::Interval;
use crate::fault::Fault;
use crate::operation::Call;
use costs::query::{Answer, Key, Metric, Order, Question};
use costs::{Ledger, instant};
use domain::Refusal;

/// Runs something on the ledger beside the threads that answer; only administrators may, because the
/// ledger holds the bills of the whole installation.
pub(super) async fn reading<T: Send + 'static>(
    call: &Call<'_>,
    read: impl FnOnce(Ledger) -> Result<T, costs::Error> + Send + 'static,
) -> Result<T, Fault> {
    call.caller().may_administer().map_err(Fault::common)?;
    let ledger = call.aws.ledger.clone();
    let read = tokio::task::spawn_blocking(move || read(ledger)).await;
    let read = read.map_err(|_| Fault::common(Refusal::internal("the question was given up")))?;
    read.map_err(|error| Fault::common(error.into()))
}

/// A question about an interval and a filter, in the order of its keys.
pub(super) fn question(
    interval: &Interval,
    filter: Option<&Expression>,
    by: Vec<Key>,
    metrics: Vec<Metric>,
) -> Result<Question, Fault> {
    let (from, to) = interval.ends()?;
    Ok(Question {
        by,
        metrics,
        filters: filter.map_or_else(|| Ok(Vec::new()), Expression::filters)?,
        from: Some(from),
        to: Some(to),
        order: Order::Keys,
        ..Question::default()
    })
}

/// The currency of an answer; Cost Explorer has one unit, so several are refused.
pub(super) fn unit(answer: &Answer) -> Result<String, Fault> {
    let one = answer
        .one_currency()
        .map_err(|error| Fault::new("DataUnavailableException", error.to_string()))?;
    Ok(one.unwrap_or("USD").to_owned())
}

/// The ledger's metric of one of Cost Explorer's, which are written in either way.
pub(super) fn metric(name: &str) -> Result<Metric, Fault> {
    match name.replace('_', "").to_ascii_uppercase().as_str() {
        // Blended rates average over an organisation's accounts; the ledger has what each paid.
        "BLENDEDCOST" | "UNBLENDEDCOST" | "NETUNBLENDEDCOST" | "BILLEDCOST" => Ok(Metric::Billed),
        "AMORTIZEDCOST" | "NETAMORTIZEDCOST" => Ok(Metric::Effective),
        "LISTCOST" | "PUBLICONDEMANDCOST" => Ok(Metric::List),
        "CONTRACTEDCOST" => Ok(Metric::Contracted),
        "USAGEQUANTITY" => Ok(Metric::Quantity),
        _ => Err(Fault::validation(format!(
            "the ledger has no metric `{name}`"
        ))),
    }
}

/// Distinct values of a key in an interval, those that hold `search` when it is given.
pub(super) async fn distinct(
    call: &Call<'_>,
    interval: &Interval,
    filter: Option<&Expression>,
    key: Key,
    search: Option<String>,
) -> Result<Vec<String>, Fault> {
    let question = question(interval, filter, vec![key], vec![Metric::Billed])?;
    let answer = reading(call, move |ledger| ledger.ask(&question)).await?;
    let values = answer
        .groups
        .into_iter()
        .filter_map(|mut group| group.keys.swap_remove(0));
    let wanted = |value: &String| search.as_ref().is_none_or(|search| value.contains(search));
    let mut values: Vec<String> = values.filter(wanted).collect();
    values.sort();
    values.dedup();
    Ok(values)
}

/// A page of a list, and the token of the next one: the place where it begins.
pub(super) fn page<T>(
    mut all: Vec<T>,
    token: Option<&str>,
    size: usize,
) -> Result<(Vec<T>, Option<String>), Fault> {
    let start = match token {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .ok()
            .filter(|at| *at <= all.len())
            .ok_or_else(|| {
                Fault::new(
                    "InvalidNextTokenException",
                    "The pagination token is invalid.",
                )
            })?,
    };
    let mut rest = all.split_off(start);
    let next = (rest.len() > size).then(|| (start + size).to_string());
    rest.truncate(size);
    Ok((rest, next))
}

/// Whether a period reaches into the month of `now`, whose bill is not closed.
pub(super) fn estimated(end: domain::Timestamp, now: domain::Timestamp) -> bool {
    end > instant::month_start(now, 0)
}
