//! Whether what is said of accounts is about something that there is.

use super::check::{positive, unknown};
use super::{Question, matches};
use crate::{Error, Thing};

/// What is known of the accounts must be about something that there is: a quota of a misspelt
/// provider would limit nothing.
pub(super) fn check(question: &Question) -> Result<(), Error> {
    for quota in &question.quotas {
        let at = format!("quota {}", quota.name);
        place(question, &at, (&quota.provider, quota.region.as_deref()))?;
        positive("limit", &at, quota.limit.saturating_add(1))?;
        positive("use", &at, quota.used.saturating_add(1))?;
    }
    for contract in &question.commitments {
        let at = format!("commitment {}", contract.name);
        place(
            question,
            &at,
            (&contract.provider, contract.region.as_deref()),
        )?;
        sold(question, &at, (&contract.provider, &contract.machine))?;
    }
    for known in &question.waits {
        let at = format!("queue of {}", known.provider);
        place(question, &at, (&known.provider, known.region.as_deref()))?;
        if let Some(machine) = &known.machine {
            sold(question, &at, (&known.provider, machine))?;
        }
        positive("wait", &at, known.wait.0.saturating_add(1))?;
    }
    Ok(())
}

/// Whether a provider, and a region of it, are in the market.
fn place(
    question: &Question,
    at: &str,
    (provider, region): (&str, Option<&str>),
) -> Result<(), Error> {
    let providers = question.market.providers();
    if !providers.iter().any(|it| **it == *provider) {
        let known = providers.iter().map(|it| &**it);
        return Err(unknown(Thing::Provider, provider, at, known));
    }
    let Some(region) = region else { return Ok(()) };
    let sites = question.market.sites().iter();
    let here = sites.filter(|site| *site.provider == *provider);
    if here.clone().any(|site| *site.region == *region) {
        return Ok(());
    }
    let known = here.map(|site| &*site.region);
    Err(unknown(Thing::Region, region, at, known))
}

/// Whether a machine type, or one that begins so, is sold by a provider.
fn sold(question: &Question, at: &str, (provider, machine): (&str, &str)) -> Result<(), Error> {
    let machines = question.market.machines().iter();
    let theirs = machines.filter(|it| *it.provider == *provider);
    if theirs.clone().any(|it| matches(machine, &it.name)) {
        return Ok(());
    }
    let known = theirs.map(|it| &*it.name);
    Err(unknown(Thing::MachineType, machine, at, known))
}
