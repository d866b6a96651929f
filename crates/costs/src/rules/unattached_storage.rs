//! Disks and addresses that are paid and used by nothing.
//!
//! A bill does not say what a volume is attached to. Three things on it do show that nothing is:
//! the meter of an idle address; a tag in which an inventory wrote the state; and volumes in a zone
//! in which the account ran no machine for weeks, because a block volume can only be attached to a
//! machine of its own zone (docs.aws.amazon.com/ebs, "Attach an Amazon EBS volume"; the other
//! clouds' zonal disks are alike).

use super::{Advice, Apply, Confidence, Context, Rule, is, quoted};
use crate::Error;
use crate::amount::Amount;
use crate::focus::Column;
use crate::query::Key;
use std::collections::{BTreeMap, BTreeSet};

/// A zone without machines says something after so many days with volumes.
const LEAST_DAYS: usize = 14;
/// Tags in which inventories keep whether a volume is attached, and what they write then.
const STATES: [(&str, &[&str]); 4] = [
    ("tag:state", &["available", "unattached", "detached"]),
    ("tag:attached", &["false", "no"]),
    ("tag:disk-state", &["Unattached", "unattached"]),
    ("tag:orphaned", &["true", "yes"]),
];

pub(super) struct UnattachedStorage;

impl Rule for UnattachedStorage {
    fn name(&self) -> &'static str {
        "unattached-storage"
    }

    fn inputs(&self) -> &'static str {
        "lines of volumes and addresses by resource, meter, zone and day, compute lines by zone, and \
         the tags `state`, `attached`, `disk-state`, `orphaned`"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let mut found: BTreeMap<(String, String), Advice> = BTreeMap::new();
        let meters = by_meter(context, &mut found)?;
        by_tag(context, &mut found)?;
        let zones = by_zone(context, &mut found)?;
        if meters == 0 && zones == 0 {
            let why = "no line is of a volume or an address by resource and meter";
            return Ok(Err(why.to_owned()));
        }
        Ok(Ok(found.into_values().collect()))
    }
}

/// Addresses whose meter says that they are idle; how many lines of volumes or addresses there are.
fn by_meter(
    context: &Context<'_>,
    found: &mut BTreeMap<(String, String), Advice>,
) -> Result<usize, Error> {
    let by = vec![Key::parse("resource")?, Key::Column(Column::SkuMeter)];
    let answer = context
        .ledger
        .ask(&context.question(by, vec![is("charge", &["Usage"])?]))?;
    let mut known = 0;
    for group in &answer.groups {
        let (Some(resource), Some(meter)) = (&group.keys[0], &group.keys[1]) else {
            continue;
        };
        let idle = is_idle_address(meter);
        known += usize::from(idle || is_volume(meter));
        if idle && group.values[0] > Amount::ZERO {
            let evidence = format!(
                "{} {} of the meter `{meter}` in {} days, which only runs while nothing uses it",
                group.values[0].for_people(),
                group.currency,
                context.days
            );
            put(
                context,
                found,
                (resource, &group.currency),
                group.values[0],
                evidence,
                Confidence::High,
            );
        }
    }
    Ok(known)
}

fn by_tag(
    context: &Context<'_>,
    found: &mut BTreeMap<(String, String), Advice>,
) -> Result<(), Error> {
    for (tag, values) in STATES {
        let filters = vec![is("category", &["Storage", "Compute"])?, is(tag, values)?];
        let by = vec![Key::parse("resource")?, Key::Column(Column::SkuMeter)];
        let answer = context.ledger.ask(&context.question(by, filters))?;
        for group in &answer.groups {
            let (Some(resource), Some(meter)) = (&group.keys[0], &group.keys[1]) else {
                continue;
            };
            if is_volume(meter) && group.values[0] > Amount::ZERO {
                let evidence = format!("`{tag}` says that it is attached to nothing");
                put(
                    context,
                    found,
                    (resource, &group.currency),
                    group.values[0],
                    evidence,
                    Confidence::High,
                );
            }
        }
    }
    Ok(())
}

/// Volumes of zones that ran no machine; how many zones have volumes.
fn by_zone(
    context: &Context<'_>,
    found: &mut BTreeMap<(String, String), Advice>,
) -> Result<usize, Error> {
    let usage = is("charge", &["Usage"])?;
    let place = [Key::parse("account")?, Key::parse("zone")?];
    let ran = vec![
        usage.clone(),
        is("category", &["Compute", "AI and Machine Learning"])?,
    ];
    let meter = Key::Column(Column::SkuMeter);
    let by = place.iter().cloned().chain([meter.clone()]).collect();
    let machines = context.ledger.ask(&context.question(by, ran))?;
    // Volumes are compute to some providers; they are no machines.
    let busy: BTreeSet<_> = machines
        .groups
        .iter()
        .filter(|group| !group.keys[2].as_deref().is_some_and(is_volume))
        .map(|group| group.keys[..2].to_vec())
        .collect();
    let by = place
        .iter()
        .cloned()
        .chain([meter.clone(), Key::Day])
        .collect();
    let days = context
        .ledger
        .ask(&context.question(by, vec![usage.clone()]))?;
    let mut seen: BTreeMap<Vec<Option<String>>, BTreeSet<String>> = BTreeMap::new();
    for group in &days.groups {
        let (Some(_), Some(meter), Some(day)) = (&group.keys[1], &group.keys[2], &group.keys[3])
        else {
            continue;
        };
        if is_volume(meter) {
            let days = seen.entry(group.keys[..2].to_vec()).or_default();
            days.insert(day.clone());
        }
    }
    let zones = seen.len();
    seen.retain(|place, days| days.len() >= LEAST_DAYS && !busy.contains(place));
    if seen.is_empty() {
        return Ok(zones);
    }
    let by = place
        .iter()
        .cloned()
        .chain([meter, Key::parse("resource")?])
        .collect();
    let volumes = context.ledger.ask(&context.question(by, vec![usage]))?;
    for group in &volumes.groups {
        let (Some(meter), Some(resource)) = (&group.keys[2], &group.keys[3]) else {
            continue;
        };
        let Some(days) = seen.get(&group.keys[..2]) else {
            continue;
        };
        if is_volume(meter) && group.values[0] > Amount::ZERO {
            let zone = group.keys[1].as_deref().unwrap_or("");
            let evidence = format!(
                "on {} days with it, no machine of the account ran in `{zone}`, and a volume cannot \
                 be attached to one elsewhere",
                days.len()
            );
            put(
                context,
                found,
                (resource, &group.currency),
                group.values[0],
                evidence,
                Confidence::Medium,
            );
        }
    }
    Ok(zones)
}

/// Adds a finding, or another sight of one that is there.
fn put(
    context: &Context<'_>,
    found: &mut BTreeMap<(String, String), Advice>,
    (resource, currency): (&str, &str),
    cost: Amount,
    evidence: String,
    confidence: Confidence,
) {
    let key = (resource.to_owned(), currency.to_owned());
    if let Some(advice) = found.get_mut(&key) {
        if !advice.evidence.contains(&evidence) {
            advice.evidence.push(evidence);
        }
        advice.confidence = advice.confidence.max(confidence);
        return;
    }
    let short = quoted(resource.rsplit(['/', ':']).next().unwrap_or(resource));
    let command = if short.starts_with("vol-") {
        format!(
            "aws ec2 create-snapshot --volume-id {short} && aws ec2 delete-volume --volume-id {short}"
        )
    } else if short.starts_with("eipalloc-") {
        format!("aws ec2 release-address --allocation-id {short}")
    } else {
        format!("take a snapshot of `{resource}`, then delete it with its provider's own command")
    };
    found.insert(
        key,
        Advice {
            rule: "unattached-storage",
            subject: resource.to_owned(),
            change: "keep a snapshot and delete it".to_owned(),
            evidence: vec![
                evidence,
                format!("{} {currency} in {} days", cost.for_people(), context.days),
            ],
            saving_per_month: Some(context.per_month(cost)),
            currency: currency.to_owned(),
            confidence,
            risk: "somebody may keep it to attach it again; the snapshot costs a part of it"
                .to_owned(),
            undo: "make a new one from the snapshot; an address is gone for good".to_owned(),
            apply: Apply::Owner { command },
        },
    );
}

/// Meters of block volumes at AWS, Azure and Google Cloud.
fn is_volume(meter: &str) -> bool {
    [
        "EBS:VolumeUsage",
        "VolumeUsage.",
        "Managed Disk",
        "Disks",
        "PD Capacity",
        "Storage PD",
    ]
    .iter()
    .any(|word| meter.contains(word))
}

/// Meters of public addresses that nothing uses.
fn is_idle_address(meter: &str) -> bool {
    [
        "ElasticIP:IdleAddress",
        "PublicIPv4:IdleAddress",
        "Static Ip Charge",
        "Idle External IP",
    ]
    .iter()
    .any(|word| meter.contains(word))
}
