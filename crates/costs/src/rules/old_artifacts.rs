//! Objects that nobody changed for three months and that are still kept: by Tradewind's own meter of
//! its buckets, which has old bytes apart.

use super::{Action, Advice, Apply, Confidence, Context, Rule, is};
use crate::Error;
use crate::amount::Amount;
use crate::focus::Column;
use crate::metering::services::{self, Meter, OLD_DAYS, Service};
use crate::query::Key;
use std::collections::BTreeMap;

/// After so many days an object may go.
const EXPIRE: u32 = 180;
/// Fewer old bytes than this on average are not worth a rule: a tenth of a GiB.
const LEAST: (i128, i128) = (1, 10);

pub(super) struct OldArtifacts;

impl Rule for OldArtifacts {
    fn name(&self) -> &'static str {
        "old-artifacts"
    }

    fn inputs(&self) -> &'static str {
        "metered lines of Tradewind's buckets, bytes older than 90 days apart"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let filters = vec![
            is("provider", &["Tradewind"])?,
            is("service", &[Service::Storage.name()])?,
        ];
        let by = vec![Key::parse("resource")?, Key::Column(Column::SkuMeter)];
        let answer = context.ledger.ask(&context.question(by, filters))?;
        if answer.groups.is_empty() {
            return Ok(Err(format!(
                "no bucket of Tradewind was metered in {} days",
                context.days
            )));
        }
        let mut buckets: BTreeMap<(String, String), [(Amount, Amount); 2]> = BTreeMap::new();
        for group in &answer.groups {
            let (Some(resource), Some(meter)) = (&group.keys[0], &group.keys[1]) else {
                continue;
            };
            let at = match Meter::named(meter) {
                Some(Meter::StorageRecent) => 0,
                Some(Meter::StorageOld) => 1,
                _ => continue,
            };
            let bucket = buckets
                .entry((resource.clone(), group.currency.clone()))
                .or_default();
            bucket[at].0 += group.values[0];
            bucket[at].1 += group.values[2];
        }
        let advice = buckets
            .into_iter()
            .filter_map(|((resource, currency), [recent, old])| {
                advise(context, resource, currency, recent, old)
            });
        Ok(Ok(advice.collect()))
    }
}

fn advise(
    context: &Context<'_>,
    subject: String,
    currency: String,
    (_, recent): (Amount, Amount),
    (cost, old): (Amount, Amount),
) -> Option<Advice> {
    // Parts of the hours that were metered: the average over them, not over the days asked for.
    let share = old.part(100, (old + recent).atoms().max(1)).atoms();
    let hours = Amount::whole(i64::from(context.days.max(1)) * 24);
    if old.over(hours).unwrap_or_default() < Amount::ratio(LEAST.0, LEAST.1) {
        return None;
    }
    let (workspace, bucket, _) = services::place(&subject)?;
    Some(Advice {
        rule: "old-artifacts",
        change: format!("delete objects that nobody changed for {EXPIRE} days"),
        evidence: vec![format!(
            "{} GiB-hours in {} days are of objects older than {OLD_DAYS} days, {share} % of the bucket",
            old.for_people(),
            context.days
        )],
        saving_per_month: Some(context.per_month(cost)),
        currency,
        confidence: Confidence::Low,
        risk: "models and data that are read but never changed are old too, and what the rule \
               deletes is gone in a bucket without versions; the saving is the most it can be"
            .to_owned(),
        undo: "`tradewind advice undo` takes the rule away again; deleted objects stay deleted"
            .to_owned(),
        apply: Apply::Tradewind {
            action: Action::ExpireObjects {
                workspace,
                bucket,
                days: EXPIRE,
            },
        },
        subject,
    })
}
