//! Rule `family`: inside a family and region, a larger machine costs more than a smaller one.
//!
//! A machine with at least four times of everything that costs at most five per cent more, or one
//! with twice of everything that costs less than three quarters, breaks the scaling. Which of the two is wrong cannot be told here (the rule `regions` has already
//! removed what it could), so both are set aside.

use std::collections::{BTreeMap, BTreeSet};

use domain::offer::{Machine, Purchase};

use super::{Case, Verdict};

struct Member<'a> {
    case: usize,
    machine: &'a Machine,
    price: i64,
}

/// Judges the on-demand prices of every family in every place.
pub(super) fn judge(cases: &[Case]) -> Vec<Verdict> {
    let mut families: BTreeMap<(String, &str, &str), Vec<Member<'_>>> = BTreeMap::new();
    for (index, case) in cases.iter().enumerate() {
        let Some(price) = case.prices[Purchase::OnDemand.index()] else {
            continue;
        };
        let machine = &case.row.machine;
        let key = (family(machine), &*case.row.region, &*case.row.zone);
        families.entry(key).or_default().push(Member {
            case: index,
            machine,
            price: price.micros,
        });
    }
    let mut verdicts = Vec::new();
    for members in families.values() {
        let mut suspects: BTreeSet<usize> = BTreeSet::new();
        let pairs = members
            .iter()
            .flat_map(|small| members.iter().map(move |large| (small, large)));
        for (small, large) in pairs.filter(|(small, large)| breaks_scaling(small, large)) {
            if suspects.insert(large.case) {
                verdicts.push(verdict(large, small, "smaller"));
            }
            if suspects.insert(small.case) {
                verdicts.push(verdict(small, large, "larger"));
            }
        }
    }
    verdicts
}

fn verdict(judged: &Member<'_>, other: &Member<'_>, size: &str) -> Verdict {
    Verdict {
        case: judged.case,
        purchase: Purchase::OnDemand,
        rule: "family",
        reason: format!(
            "it does not scale with the {size} `{}` of its family, which costs {} here",
            other.machine.name,
            domain::Money::micros(other.price),
        ),
    }
}

fn breaks_scaling(small: &Member<'_>, large: &Member<'_>) -> bool {
    let count = |member: &Member<'_>| {
        member
            .machine
            .accelerator
            .as_ref()
            .map_or(0, |accelerator| accelerator.count_milli)
    };
    let (a, b) = (small.machine, large.machine);
    let times = |factor: u64| {
        u64::from(b.vcpus_milli) >= factor * u64::from(a.vcpus_milli)
            && b.memory_bytes >= factor * a.memory_bytes
            && u64::from(count(large)) >= factor * u64::from(count(small))
    };
    (times(4) && large.price * 100 <= small.price * 105)
        || (times(2) && large.price * 4 < small.price * 3)
}

/// Provider, name without its size, and accelerator model.
///
/// `m5.xlarge` is of `m5`; `n2-standard-4` of `n2-standard`; `Standard_D16ads_v5` of
/// `Standard_D#ads_v5`.
pub(super) fn family(machine: &Machine) -> String {
    let name = &*machine.name;
    let stem = if let Some((stem, _)) = name.split_once('.') {
        stem.to_owned()
    } else if let Some(size) = name
        .strip_prefix("Standard_")
        .or(name.strip_prefix("Basic_"))
    {
        let letters = size
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(size.len());
        let rest = size[letters..].trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{}#{rest}", &size[..letters])
    } else {
        match name.rsplit_once('-') {
            Some((stem, size)) if size.bytes().all(|byte| byte.is_ascii_digit()) => stem.to_owned(),
            _ => name.to_owned(),
        }
    };
    let model = machine
        .accelerator
        .as_ref()
        .map_or("", |accelerator| &*accelerator.model);
    format!("{} {stem} {model}", machine.provider)
}
