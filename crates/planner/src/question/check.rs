//! Bad questions, told apart from questions that have no answer.

use std::collections::{BTreeMap, BTreeSet};

use domain::nearest::nearest_names;
use domain::region::Residency;

use super::accounts;
use super::{Link, Objective, Question, Reference, Workload};
use crate::Error;
use crate::error::{Thing, nearest};
use crate::search::problem::LARGEST;
use crate::search::together::topological;

/// Most workloads of one question.
pub(crate) const MOST_WORKLOADS: usize = 1_000;
/// Most links of one question.
const MOST_LINKS: usize = 5_000;

pub(super) fn check(question: &Question) -> Result<(), Error> {
    if question.workloads.is_empty() {
        return Err(Error::Empty);
    }
    let sizes = [
        ("workloads", question.workloads.len(), MOST_WORKLOADS),
        ("links", question.links.len(), MOST_LINKS),
    ];
    for (what, found, most) in sizes {
        if found > most {
            return Err(Error::TooMany { what, found, most });
        }
    }
    let mut names = BTreeSet::new();
    for workload in &question.workloads {
        if workload.name.is_empty() || !names.insert(workload.name.as_str()) {
            return Err(Error::Duplicate {
                name: workload.name.clone(),
            });
        }
    }
    for workload in &question.workloads {
        accelerators(question, workload)?;
        machine(question, workload)?;
        residency(workload)?;
        places(question, workload)?;
        times(workload)?;
    }
    accounts::check(question)?;
    if let Objective::CostWithin { deadline } = question.objective {
        positive("deadline", "the question", deadline.0)?;
    }
    links(&question.workloads, &question.links)
}

pub(super) fn unknown<'a>(
    what: Thing,
    name: &str,
    at: &str,
    known: impl Iterator<Item = &'a str>,
) -> Error {
    let nearest = nearest_names(name, known)
        .into_iter()
        .map(str::to_owned)
        .collect();
    Error::Unknown {
        what,
        name: name.chars().take(80).collect(),
        at: at.to_owned(),
        nearest,
    }
}

fn accelerators(question: &Question, workload: &Workload) -> Result<(), Error> {
    let known = question.market.accelerators();
    let wanted = workload.resources.accelerators.keys().map(String::as_str);
    let reference = match &workload.run_time.on {
        Reference::Accelerators { model, .. } => Some(model.as_str()),
        _ => None,
    };
    for model in wanted.chain(reference) {
        let canonical = question.market.canonical(model);
        if !known.iter().any(|it| it.eq_ignore_ascii_case(canonical)) {
            let known = known.iter().map(|it| &**it);
            return Err(unknown(Thing::Accelerator, model, &workload.name, known));
        }
    }
    Ok(())
}

fn machine(question: &Question, workload: &Workload) -> Result<(), Error> {
    if let Some(name) = &workload.resources.instance_type {
        let machines = question.market.machines();
        if !machines.iter().any(|it| *it.name == **name) {
            let known = machines.iter().map(|it| &*it.name);
            return Err(unknown(Thing::MachineType, name, &workload.name, known));
        }
    }
    let providers = question.market.providers();
    for provider in workload
        .policy
        .providers
        .iter()
        .chain(workload.services.keys())
    {
        if !providers.iter().any(|it| **it == **provider) {
            let known = providers.iter().map(|it| &**it);
            return Err(unknown(Thing::Provider, provider, &workload.name, known));
        }
    }
    for (provider, service) in &workload.services {
        let known = question.market.services(provider);
        if !known.iter().any(|it| **it == **service) {
            return Err(unknown(
                Thing::Service,
                service,
                &workload.name,
                known.iter().map(|it| &**it),
            ));
        }
    }
    Ok(())
}

fn residency(workload: &Workload) -> Result<(), Error> {
    let bounds = &workload.bounds;
    let rules = workload.policy.residency.iter();
    for rule in rules
        .chain(&bounds.data_residency)
        .chain(&bounds.egress_residency)
    {
        rule.parse::<Residency>()
            .map_err(|source| Error::Residency {
                workload: workload.name.clone(),
                source,
            })?;
    }
    Ok(())
}

fn places(question: &Question, workload: &Workload) -> Result<(), Error> {
    let market = &question.market;
    let near = workload
        .bounds
        .near
        .iter()
        .map(|near| (&near.provider, &near.region));
    let data = workload.inputs.iter().chain(&workload.outputs);
    for (provider, region) in near.chain(data.map(|data| (&data.provider, &data.region))) {
        let mut regions = market.regions().iter();
        if !regions.any(|it| *it.provider == **provider) {
            let known = market.providers();
            let known = known.iter().map(|it| &**it);
            return Err(unknown(Thing::Provider, provider, &workload.name, known));
        }
        market
            .regions()
            .find(provider, region)
            .map_err(|source| Error::Region {
                workload: workload.name.clone(),
                nearest: nearest(&source.nearest),
                source,
            })?;
    }
    for wanted in &workload.bounds.certifications {
        let regions = market.regions().iter();
        let mut known: Vec<&str> = regions
            .flat_map(|region| region.certifications.iter().map(|it| &**it))
            .collect();
        if !known.iter().any(|it| it.eq_ignore_ascii_case(wanted)) {
            known.sort_unstable();
            known.dedup();
            let known = known.into_iter();
            return Err(unknown(Thing::Certification, wanted, &workload.name, known));
        }
    }
    for wanted in &workload.bounds.regions {
        let known = market.sites().iter();
        if !known.clone().any(|site| site.is(wanted)) {
            let codes = known.map(|site| &*site.region);
            return Err(unknown(Thing::Region, wanted, &workload.name, codes));
        }
    }
    Ok(())
}

pub(super) fn positive(what: &'static str, at: &str, amount: i64) -> Result<(), Error> {
    if (1..=LARGEST).contains(&amount) {
        return Ok(());
    }
    Err(Error::Amount {
        what,
        at: at.to_owned(),
        amount,
    })
}

fn times(workload: &Workload) -> Result<(), Error> {
    let at = &workload.name;
    positive("run time", at, workload.run_time.declared.0)?;
    positive("set-up time", at, workload.set_up.0.saturating_add(1))?;
    if let Some(deadline) = workload.policy.deadline {
        positive("deadline", at, deadline.0)?;
    }
    if let Some(checkpoint) = workload.checkpoint {
        positive("checkpoint interval", at, checkpoint.every.0)?;
        positive(
            "checkpoint writing time",
            at,
            checkpoint.writing.0.saturating_add(1),
        )?;
        positive(
            "checkpoint restoring time",
            at,
            checkpoint.restoring.0.saturating_add(1),
        )?;
    }
    match workload.run_time.on {
        Reference::Cpus {
            milli_cpus,
            parallel,
        } => {
            positive("reference processors", at, i64::from(milli_cpus))?;
            positive(
                "parallel share",
                at,
                i64::from(1001_i32 - i32::from(parallel)),
            )
        }
        Reference::Accelerators { count, .. } => {
            positive("reference accelerators", at, i64::from(count))
        }
        Reference::Anywhere => Ok(()),
    }
}

fn links(workloads: &[Workload], links: &[Link]) -> Result<(), Error> {
    let positions = workloads.iter().enumerate();
    let positions: BTreeMap<&str, usize> =
        positions.map(|(at, it)| (it.name.as_str(), at)).collect();
    let index = |name: &str| {
        positions.get(name).copied().ok_or_else(|| {
            let known = workloads.iter().map(|it| it.name.as_str());
            unknown(Thing::Workload, name, "a link", known)
        })
    };
    let mut edges = Vec::with_capacity(links.len());
    for link in links {
        edges.push((index(&link.from)?, index(&link.to)?));
    }
    topological(workloads.len(), &edges)
        .map(|_| ())
        .map_err(|cycle| Error::Cycle {
            names: cycle
                .iter()
                .map(|&task| workloads[task].name.clone())
                .collect(),
        })
}
