//! What the advice of idle and of wrongly sized machines is, as Cost Explorer recommends it. Machines
//! are those whose processors CloudWatch has samples of by `InstanceId`: what Tradewind started,
//! and what an agent put there; types and regions come from the instances and from bills.

mod target;

use super::reading::{page, reading};
use crate::ec2::instances;
use crate::fault::Fault;
use crate::monitoring::instances::utilisation;
use crate::operation::Call;
use costs::query::{Key, Metric, Question};
use costs::rules::utilization::{MEMORY, Machine, percentile};
use costs::rules::{Advice, Context, Policy, Size, advise, size_for};
use costs::{Amount, Ledger};
use domain::Span;
use domain::offer::{OfferTable, Purchase};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use target::{details, fitting, offer};

/// Days that are looked at.
const DAYS: i32 = 14;
/// Hours of a month.
const MONTH: i64 = 730;
/// Recommendations of one answer.
const PAGE: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    service: String,
    #[serde(default)]
    filter: Option<Value>,
    #[serde(default)]
    configuration: Option<Configuration>,
    #[serde(default)]
    page_size: Option<usize>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    recommendation_target: String,
    benefits_considered: bool,
}

/// A machine with what is known of it.
struct Known {
    machine: Machine,
    /// Of its memory, where an agent puts what it uses.
    memory: Option<Machine>,
    kind: Option<String>,
    region: Option<String>,
    tags: BTreeMap<String, String>,
}

pub(super) async fn answer(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
    if input.service != "AmazonEC2" {
        return Err(Fault::validation(
            "recommendations are made for the Service AmazonEC2",
        ));
    }
    let wanted = wanted_types(input.filter.as_ref())?;
    let configuration = input.configuration.unwrap_or(Configuration {
        recommendation_target: "SAME_INSTANCE_FAMILY".to_owned(),
        benefits_considered: false,
    });
    let same_family = configuration.recommendation_target == "SAME_INSTANCE_FAMILY";
    let offers = call.aws.offers.table();
    let known = known(call, offers.clone()).await?;
    let parts = known
        .iter()
        .flat_map(|one| [Some(&one.machine), one.memory.as_ref()]);
    let machines: Vec<Machine> = parts.flatten().cloned().collect();
    let (now, table) = (call.aws.control.world.now(), offers.clone());
    let findings = reading(call, move |ledger| {
        advise(&Context {
            ledger: &ledger,
            machines: &machines,
            offers: table.as_deref(),
            discounts: &[],
            policy: Policy::Percentile,
            now,
            days: DAYS,
        })
    });
    let mut shown = Vec::new();
    let (mut total, mut why) = (Amount::ZERO, Vec::new());
    for finding in findings.await? {
        if !matches!(finding.rule, "idle" | "right-size") {
            continue;
        }
        why.extend(
            finding
                .silent
                .map(|silent| format!("{}: {silent}", finding.rule)),
        );
        for advice in &finding.advice {
            let Some(one) = known.iter().find(|one| one.machine.name == advice.subject) else {
                continue;
            };
            let scope = (offers.as_deref(), same_family);
            let Some((kind, recommendation)) = recommendation(call, one, advice, scope) else {
                continue;
            };
            let again = shown.iter().any(|(id, _)| *id == advice.subject);
            if !again
                && wanted
                    .as_ref()
                    .is_none_or(|wanted| wanted.iter().any(|w| w == kind))
            {
                total += advice
                    .saving_per_month
                    .unwrap_or_default()
                    .max(Amount::ZERO);
                shown.push((advice.subject.clone(), recommendation));
            }
        }
    }
    let count = shown.len();
    let size = input.page_size.unwrap_or(PAGE).clamp(1, PAGE);
    let (part, next) = page(shown, input.next_page_token.as_deref(), size)?;
    let part: Vec<Value> = part.into_iter().map(|(_, one)| one).collect();
    let mut answer = json!({
        "Metadata": {
            "RecommendationId": call.request_id,
            "GenerationTimestamp": crate::time::iso(now),
            "AdditionalMetadata": format!("{DAYS} days; {}", why.join("; ")),
        },
        "Summary": {
            "TotalRecommendationCount": count.to_string(),
            "EstimatedTotalMonthlySavingsAmount": total.to_string(),
            "SavingsCurrencyCode": "USD",
        },
        "RightsizingRecommendations": part,
        "Configuration": {
            "RecommendationTarget": configuration.recommendation_target,
            "BenefitsConsidered": configuration.benefits_considered,
        },
    });
    if let Some(next) = next {
        answer["NextPageToken"] = json!(next);
    }
    Ok(answer)
}

/// The kinds of recommendation that a filter leaves.
fn wanted_types(filter: Option<&Value>) -> Result<Option<Vec<String>>, Fault> {
    let Some(filter) = filter else {
        return Ok(None);
    };
    let dimension = filter.get("Dimensions").filter(|dimension| {
        dimension.get("Key").and_then(Value::as_str) == Some("RIGHTSIZING_TYPE")
    });
    let values = dimension.and_then(|dimension| dimension.get("Values")?.as_array());
    let values = values.ok_or_else(|| {
        Fault::validation("recommendations are filtered by the dimension RIGHTSIZING_TYPE")
    })?;
    Ok(Some(
        values
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    ))
}

/// The machines that CloudWatch has samples of.
async fn known(call: &Call<'_>, offers: Option<Arc<OfferTable>>) -> Result<Vec<Known>, Fault> {
    let now = call.aws.control.world.now();
    let since = now - Span::hours(24 * i64::from(DAYS));
    let started = instances::all(call).await?;
    let billed = reading(call, move |ledger| billed(&ledger, since, now)).await?;
    let mut all = Vec::new();
    let mut used = utilisation(call, since, now).await?;
    let ids: Vec<String> = used
        .keys()
        .filter(|id| !id.ends_with(MEMORY))
        .cloned()
        .collect();
    for id in ids {
        let days = used.remove(&id).unwrap_or_default();
        let name = format!("{id}{MEMORY}");
        let memory = used.remove(&name).map(|days| Machine {
            name,
            hourly: None,
            days,
        });
        let own = started.iter().find(|instance| instance.id == id);
        let bill = billed.get(&id);
        let kind = own.map(|one| one.kind.clone()).or_else(|| bill?.0.clone());
        let region = match own {
            Some(_) => Some(call.region.to_owned()),
            None => bill.and_then(|bill| bill.1.clone()),
        };
        let listed = offers.as_deref().and_then(|offers| {
            let price = offer(offers, kind.as_deref()?, region.as_deref()?)?;
            Some((
                Amount::from(price.price(Purchase::OnDemand)?.per_hour),
                "USD".to_owned(),
            ))
        });
        // What a local machine costs is no list price: without one there is no saving to tell.
        let hourly = bill.and_then(|bill| bill.2.clone()).or(listed);
        all.push(Known {
            machine: Machine {
                name: id,
                hourly,
                days,
            },
            memory,
            kind,
            region,
            tags: own.map(|one| one.tags.clone()).unwrap_or_default(),
        });
    }
    Ok(all)
}

type Billed = (Option<String>, Option<String>, Option<(Amount, String)>);

/// The type, region and price of an hour of the machines in bills, by id.
fn billed(
    ledger: &Ledger,
    from: domain::Timestamp,
    to: domain::Timestamp,
) -> Result<BTreeMap<String, Billed>, costs::Error> {
    let answer = ledger.ask(&Question {
        by: ["resource", "resource-type", "region", "unit"]
            .into_iter()
            .map(Key::parse)
            .collect::<Result<_, _>>()?,
        metrics: vec![Metric::Effective, Metric::Quantity],
        from: Some(from),
        to: Some(to),
        ..Question::default()
    })?;
    let mut machines = BTreeMap::new();
    for group in answer.groups {
        let [Some(resource), kind, region, unit] = group.keys.as_slice() else {
            continue;
        };
        let id = resource.rsplit('/').next().unwrap_or(resource);
        if !id.starts_with("i-") {
            continue;
        }
        let hours = unit
            .as_deref()
            .is_some_and(|unit| unit.to_ascii_lowercase().starts_with('h'));
        let price = hours
            .then(|| group.values[0].over(group.values[1]))
            .flatten();
        let price = price.map(|price| (price, group.currency.clone()));
        machines
            .entry(id.to_owned())
            .or_insert((kind.clone(), region.clone(), price));
    }
    Ok(machines)
}

fn recommendation(
    call: &Call<'_>,
    known: &Known,
    advice: &Advice,
    (offers, same_family): (Option<&OfferTable>, bool),
) -> Option<(&'static str, Value)> {
    let Machine { name, hourly, days } = &known.machine;
    let samples = known.machine.sorted();
    let currency = hourly.as_ref().map_or("USD", |(_, code)| code);
    let month = |hour: Amount| hour.times(Amount::whole(MONTH)).rounded(2);
    let present =
        offers.and_then(|offers| offer(offers, known.kind.as_deref()?, known.region.as_deref()?));
    let mut current = json!({
        "ResourceId": name,
        "InstanceName": known.tags.get("Name").cloned().unwrap_or_default(),
        "Tags": known.tags.iter().map(|(key, value)| json!({"Key": key, "Values": [value]}))
            .collect::<Vec<_>>(),
        "ResourceDetails": {"EC2ResourceDetails": details(known.kind.as_deref(), known.region.as_deref(), present)},
        "ResourceUtilization": {"EC2ResourceUtilization": {
            "MaxCpuUtilizationPercentage": format!("{:.2}", percentile(&samples, 1_000)),
        }},
        "TotalRunningHoursInLookbackPeriod": (days.len() * 24).to_string(),
        "CurrencyCode": currency,
    });
    if let Some(memory) = &known.memory {
        let peak = percentile(&memory.sorted(), 1_000);
        current["ResourceUtilization"]["EC2ResourceUtilization"]["MaxMemoryUtilizationPercentage"] =
            json!(format!("{peak:.2}"));
    }
    if let Some((price, _)) = hourly {
        current["MonthlyCost"] = json!(month(*price).to_string());
    }
    let saving = advice.saving_per_month.unwrap_or_default();
    let mut shown = json!({"AccountId": call.aws.account.id, "CurrentInstance": current});
    if advice.rule == "idle" {
        shown["RightsizingType"] = json!("TERMINATE");
        shown["TerminateRecommendationDetail"] =
            json!({"EstimatedMonthlySavings": saving.to_string(), "CurrencyCode": currency});
        shown["FindingReasonCodes"] = json!(["CPU_OVER_PROVISIONED"]);
        return Some(("TERMINATE", shown));
    }
    let size = size_for(Policy::Percentile, days);
    let target = offers.zip(present).and_then(|(offers, present)| {
        // Memory that nobody measured shrinks with the machine, as AWS lets it.
        let memory = known.memory.as_ref();
        let memory = memory.map_or(size, |memory| size_for(Policy::Percentile, &memory.days));
        fitting(offers, present, (size, memory), same_family)
    })?;
    let price = Amount::from(target.price(Purchase::OnDemand)?.per_hour);
    let saved = hourly
        .as_ref()
        .map_or(saving, |(now, _)| month(*now) - month(price));
    let peak = percentile(&samples, 1_000) * 100.0 / size.percent();
    shown["RightsizingType"] = json!("MODIFY");
    shown["ModifyRecommendationDetail"] = json!({"TargetInstances": [{
        "EstimatedMonthlyCost": month(price).to_string(),
        "EstimatedMonthlySavings": saved.to_string(),
        "CurrencyCode": currency,
        "DefaultTargetInstance": true,
        "ResourceDetails": {"EC2ResourceDetails":
            details(Some(&target.machine().name), Some(target.region()), Some(target))},
        "ExpectedResourceUtilization": {"EC2ResourceUtilization": {
            "MaxCpuUtilizationPercentage": format!("{peak:.2}"),
        }},
        "PlatformDifferences": [],
    }]});
    let why = if size < Size::SAME {
        "CPU_OVER_PROVISIONED"
    } else {
        "CPU_UNDER_PROVISIONED"
    };
    shown["FindingReasonCodes"] = json!([why]);
    Some(("MODIFY", shown))
}
