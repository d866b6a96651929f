//! Plans on the screen.

use super::{Answer, Outcome};
use crate::arguments::PlanArguments;
use crate::output::Output;
use domain::Timestamp;
use domain::day::Day;
use domain::environment::Environment;
use domain::pipeline::{StepAction, StepSpec};
use planner::pipeline::LOCAL;
use planner::{Chosen, Constrained, Front, Payment, Placed, Plan, Proof};
use workload::Loaded;

/// Prices older than this many days are warned of.
const OLD: i32 = 90;

/// What would be done, step by step.
pub(super) fn steps(loaded: &Loaded, answer: &Answer, output: Output) {
    if output.json {
        return;
    }
    let spec = &loaded.spec;
    output.say(format!(
        "plan for `{}` ({})",
        spec.name,
        loaded.file.display()
    ));
    let heads = ["step", "does", "after", "where", "cost", "in"];
    output.table(&heads, &spec.steps, |step| {
        let before: Vec<String> = spec.predecessors(step).map(ToString::to_string).collect();
        let [place, cost, environment] = match &step.action {
            StepAction::Job { job } => {
                let (place, cost) = place(answer, step);
                [place, cost, environment_text(&job.environment)]
            }
            StepAction::Deploy { .. } => {
                let here = "this machine, $0.00/h".to_owned();
                [here, String::new(), String::new()]
            }
            _ => Default::default(),
        };
        let name = step.name.to_string();
        vec![
            name,
            what(step),
            before.join(", "),
            place,
            cost,
            environment,
        ]
    });
}

/// Where a job step goes and what it costs, all its items together.
fn place(answer: &Answer, step: &StepSpec) -> (String, String) {
    let plan = match &answer.outcome {
        Outcome::Placed(plan) => plan,
        Outcome::Nowhere(_) => return ("nowhere".to_owned(), String::new()),
        Outcome::Nothing => return Default::default(),
    };
    let names = answer.steps.get(step.name.as_str());
    let placed: Vec<&Placed> = names
        .into_iter()
        .flatten()
        .filter_map(|name| plan.placement(name))
        .collect();
    let mut places: Vec<(String, usize)> = Vec::new();
    let mut cost = domain::Money::ZERO;
    for one in &placed {
        cost = cost + one.offer.estimate.compute + one.offer.estimate.disk;
        let words = in_words(&one.offer);
        match places.iter_mut().find(|(known, _)| *known == words) {
            Some((_, times)) => *times += 1,
            None => places.push((words, 1)),
        }
    }
    let places: Vec<String> = places
        .into_iter()
        .map(|(words, times)| match times {
            1 => words,
            _ => format!("{times} × {words}"),
        })
        .collect();
    (places.join("; "), cost.to_string())
}

/// An offer in one line; a provider that no backend is configured for says so.
fn in_words(offer: &Chosen) -> String {
    let hourly = offer.estimate.hourly;
    if *offer.site.provider == *LOCAL {
        return format!("this machine, {hourly}/h");
    }
    let bought = match &offer.payment {
        Payment::OnDemand => "",
        Payment::Spot => " spot",
        Payment::Committed { .. } => " committed",
    };
    let nodes = match offer.nodes {
        1 => String::new(),
        nodes => format!("{nodes} × "),
    };
    format!(
        "{}, {nodes}{}{bought}, {hourly}/h (not connected)",
        offer.site, offer.machine
    )
}

/// The sum of a plan and what was asked for besides.
pub(super) fn sum(plan: &Plan, wanted: &PlanArguments, output: Output) {
    if output.json {
        return;
    }
    for moved in plan.transfers.iter().filter(|it| it.cost.micros > 0) {
        let size = domain::ByteSize(moved.bytes);
        let (from, to) = (&moved.from, &moved.to);
        output.say(format!("{size} from {from} to {to}: {}", moved.cost));
    }
    let proof = match &plan.proof {
        Proof::Optimal => "proved to be the best".to_owned(),
        Proof::Bounded {
            gap_basis_points: gap,
            ..
        } => format!("at most {}.{:02} % above the best", gap / 100, gap % 100),
    };
    output.say(format!("total {} in {}, {proof}", plan.cost, plan.time));
    let hash = plan.hash.get(..16).unwrap_or(&plan.hash);
    output.say(format!(
        "plan {hash} on prices {}",
        plan.edition.get(..16).unwrap_or_default()
    ));
    if wanted.dag {
        output.say(plan.picture());
    }
    if wanted.explain {
        output.say(plan.table().trim_end());
    } else {
        for note in plan.notes_together() {
            output.say(format!("note: {note}"));
        }
    }
    if let Some(front) = &plan.front {
        front_of(front, output);
    }
}

fn front_of(front: &Front, output: Output) {
    output.say("cost against time:");
    let heads = ["cost", "time", "proved", "places"];
    output.table(&heads, &front.points, |point| {
        let proved = if point.proved { "yes" } else { "no" };
        vec![
            point.cost.to_string(),
            point.time.to_string(),
            proved.to_owned(),
            point.places.join("; "),
        ]
    });
    if front.complete {
        output.say("proved: no plan is better than these in both cost and time");
        return;
    }
    let gap = front.gap_basis_points;
    output.say(format!(
        "the front may lack points: for each of them one that is shown is at most {}.{:02} % dearer \
         and slower; of what is marked as proved, nothing as fast is cheaper",
        gap / 100,
        gap % 100
    ));
}

/// Why there is no plan: the smallest sets of demands to relax and, when asked for, the rules.
pub(super) fn nowhere(why: &Constrained, explain: bool, output: Output) {
    for way in &why.ways_out {
        let parts: Vec<String> = way.relax.iter().map(ToString::to_string).collect();
        output.say(format!(
            "relax {}: {} in {} ({})",
            parts.join(" and "),
            way.cost,
            way.time,
            way.places.join("; ")
        ));
    }
    for blocked in why.workloads.iter().filter(|_| explain) {
        output.say(format!(
            "{}: {} offers considered",
            blocked.workload, blocked.considered
        ));
        for group in &blocked.rejected {
            output.say(format!(
                "  {} rejected by {} ({} by nothing else), such as {}: {}",
                group.offers, group.rule, group.alone, group.example, group.why
            ));
        }
    }
}

/// A warning when a plan rests on old prices.
pub(super) fn age(plan: &Plan, now: Timestamp) -> Option<String> {
    let bought = plan.placed.iter().map(|it| &it.offer);
    let oldest = bought
        .filter(|it| *it.site.provider != *LOCAL)
        .map(|it| it.price.as_of)
        .min()?;
    let days = Day::from_unix_millis(now.0).days_since(oldest);
    (days > OLD).then(|| {
        format!("the oldest price is of {oldest}, {days} days ago; `tradewind catalog refresh` renews it")
    })
}

fn what(step: &StepSpec) -> String {
    let word = step.action.word();
    match &step.for_each {
        None => word.to_owned(),
        Some(each) if each.parallelism > 0 => {
            format!("{word} for each item, {} at once", each.parallelism)
        }
        Some(_) => format!("{word} for each item"),
    }
}

fn environment_text(environment: &Environment) -> String {
    match environment {
        Environment::Python {
            version,
            requirements,
            ..
        } => {
            let version = version.as_deref().unwrap_or("");
            match requirements.len() {
                0 => format!("python {version}").trim().to_owned(),
                _ => format!("python {version} + {}", requirements.join(", ")).replace("  ", " "),
            }
        }
        Environment::Framework { name, version, .. } => {
            format!("{name} {}", version.as_deref().unwrap_or("newest"))
        }
        Environment::Image { uri } => uri.clone(),
    }
}
