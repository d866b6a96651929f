//! Asking the ledger on behalf of Cost Explorer.

use super::expression::Expression;
use super::period::Interval;
use crate::fault::Fault;
use crate::operation::Call;
use costs::query::{Answer, Filter, Group, Key, Metric, Order, Question};
use costs::series::{Series, series};
use costs::{Ledger, instant};
use domain::Refusal;
use domain::day::Day;
use std::collections::HashMap;

/// Runs something on the ledger beside the threads that answer; only administrators may, because the
/// ledger holds the bills of the whole installation.
pub(crate) async fn reading<T: Send + 'static>(
    call: &Call<'_>,
    read: impl FnOnce(Ledger) -> Result<T, costs::Error> + Send + 'static,
) -> Result<T, Fault> {
    call.caller().may_administer().map_err(Fault::common)?;
    let ledger = call.aws.ledger.clone();
    let read = tokio::task::spawn_blocking(move || read(ledger)).await;
    let read = read.map_err(|_| Fault::common(Refusal::internal("the question was given up")))?;
    read.map_err(|error| Fault::common(error.into()))
}

/// The conditions of a filter; one empty set when there is none.
pub(super) async fn sets(
    call: &Call<'_>,
    filter: Option<&Expression>,
) -> Result<Vec<Vec<Filter>>, Fault> {
    match filter {
        None => Ok(vec![Vec::new()]),
        Some(filter) => filter.sets(call).await,
    }
}

/// A question about an interval, in the order of its keys, put for each of some sets of conditions;
/// the answers are one, with `more` conditions beside those of the filter.
pub(super) async fn ask(
    call: &Call<'_>,
    interval: &Interval,
    filter: Option<&Expression>,
    more: Vec<Filter>,
    (by, metrics): (Vec<Key>, Vec<Metric>),
) -> Result<Answer, Fault> {
    let (from, to) = interval.ends()?;
    let questions: Vec<Question> = sets(call, filter)
        .await?
        .into_iter()
        .map(|mut filters| {
            filters.extend(more.iter().cloned());
            Question {
                by: by.clone(),
                metrics: metrics.clone(),
                filters,
                from: Some(from),
                to: Some(to),
                order: Order::Keys,
                ..Question::default()
            }
        })
        .collect();
    let answers = reading(call, move |ledger| {
        questions
            .iter()
            .map(|question| ledger.ask(question))
            .collect::<Result<Vec<_>, _>>()
    });
    Ok(together(answers.await?))
}

/// One answer of several to questions that exclude each other.
fn together(answers: Vec<Answer>) -> Answer {
    let mut answers = answers.into_iter();
    let mut whole = answers.next().unwrap_or_else(|| Answer {
        by: Vec::new(),
        metrics: Vec::new(),
        groups: Vec::new(),
        left_out: 0,
        totals: Vec::new(),
    });
    let mut several = false;
    for answer in answers {
        add(&mut whole.groups, answer.groups);
        add(&mut whole.totals, answer.totals);
        several = true;
    }
    if several {
        whole
            .groups
            .sort_by(|a, b| (&a.keys, &a.currency).cmp(&(&b.keys, &b.currency)));
    }
    whole
}

fn add(all: &mut Vec<Group>, more: Vec<Group>) {
    let known = all.iter().enumerate();
    let mut places: HashMap<(Vec<Option<String>>, String), usize> = known
        .map(|(at, group)| ((group.keys.clone(), group.currency.clone()), at))
        .collect();
    for group in more {
        let key = (group.keys.clone(), group.currency.clone());
        if let Some(at) = places.get(&key) {
            let own = &mut all[*at];
            own.lines += group.lines;
            for (sum, value) in own.values.iter_mut().zip(group.values) {
                *sum += value;
            }
        } else {
            places.insert(key, all.len());
            all.push(group);
        }
    }
}

/// Daily costs or use of what a filter selects, one series a currency, and the day that follows the
/// last.
pub(super) async fn daily(
    call: &Call<'_>,
    filter: Option<&Expression>,
    metric: Metric,
    today: Day,
) -> Result<(Day, Vec<Series>), Fault> {
    let sets = sets(call, filter).await?;
    reading(call, move |ledger| {
        let known = ledger.known_until(today)?;
        let mut all: Vec<Series> = Vec::new();
        for filters in &sets {
            for one in series(&ledger, None, metric, filters, known)? {
                match all.iter_mut().find(|own| own.currency == one.currency) {
                    None => all.push(one),
                    Some(own) => *own = sum(own, &one),
                }
            }
        }
        Ok((known, all))
    })
    .await
}

/// The sum of two series that end on the same day.
fn sum(a: &Series, b: &Series) -> Series {
    let (early, late) = if a.first <= b.first { (a, b) } else { (b, a) };
    let mut whole = early.clone();
    let skip = late.first.days_since(early.first).max(0) as usize;
    for (own, more) in whole.days.iter_mut().skip(skip).zip(&late.days) {
        *own += *more;
    }
    whole
}

/// The currency of an answer; Cost Explorer has one unit, so several are refused.
pub(super) fn unit(answer: &Answer) -> Result<String, Fault> {
    let one = answer
        .one_currency()
        .map_err(|error| Fault::new("DataUnavailableException", error.to_string()))?;
    Ok(one.unwrap_or("USD").to_owned())
}

/// The ledger's metric of one of Cost Explorer's, which are written in either way.
pub(crate) fn metric(name: &str) -> Result<Metric, Fault> {
    match name.replace('_', "").to_ascii_uppercase().as_str() {
        // Blended rates average over an organisation's accounts; the ledger has what each paid.
        "BLENDEDCOST" | "UNBLENDEDCOST" | "NETUNBLENDEDCOST" | "BILLEDCOST" => Ok(Metric::Billed),
        "AMORTIZEDCOST" | "NETAMORTIZEDCOST" => Ok(Metric::Effective),
        "LISTCOST" | "PUBLICONDEMANDCOST" => Ok(Metric::List),
        "CONTRACTEDCOST" => Ok(Metric::Contracted),
        "USAGEQUANTITY" => Ok(Metric::Quantity),
        "NORMALIZEDUSAGEAMOUNT" => Err(Fault::validation(
            "NormalizedUsageAmount: bills do not say the sizes that usage is normalised by; ask for \
             UsageQuantity",
        )),
        _ => {
            let name: String = name.chars().take(60).collect();
            Err(Fault::validation(format!(
                "the ledger has no metric `{name}`"
            )))
        }
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
    let wanted = (vec![key], vec![Metric::Billed]);
    let answer = ask(call, interval, filter, Vec::new(), wanted).await?;
    let wanted = |value: &String| search.as_ref().is_none_or(|search| value.contains(search));
    Ok(values(answer).into_iter().filter(wanted).collect())
}

/// All values that a key has in the ledger.
pub(super) async fn values_of(call: &Call<'_>, key: Key) -> Result<Vec<String>, Fault> {
    let question = Question {
        by: vec![key],
        metrics: vec![Metric::Billed],
        order: Order::Keys,
        ..Question::default()
    };
    reading(call, move |ledger| ledger.ask(&question))
        .await
        .map(values)
}

fn values(answer: Answer) -> Vec<String> {
    let groups = answer.groups.into_iter();
    let mut values: Vec<String> = groups
        .filter_map(|mut group| group.keys.swap_remove(0))
        .collect();
    values.sort();
    values.dedup();
    values
}

/// A page of a list, and the token of the next one: the place where it begins.
pub(super) fn page<T>(
    mut all: Vec<T>,
    token: Option<&str>,
    size: usize,
) -> Result<(Vec<T>, Option<String>), Fault> {
    let start = match token {
        None => 0,
        Some(token) => {
            let start = token.parse::<usize>().ok().filter(|at| *at <= all.len());
            start.ok_or_else(|| {
                Fault::new(
                    "InvalidNextTokenException",
                    "The pagination token is invalid.",
                )
            })?
        }
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
