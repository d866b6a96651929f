//! Hard budgets of the ledger, asked before a run or job is stored.

use contracts::spending::{Proposal, Spending};
use contracts::world::World;
use costs::budgets::{Budget, Estimate};
use costs::metering::Rates;
use costs::{Amount, Ledger};
use domain::{Refusal, Span, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A job without a limit on its time counts as this long.
const UNLIMITED_JOB: Span = Span::hours(1);

/// Budgets and what was let through and is not in the ledger yet.
pub(crate) struct Budgets {
    ledger: Ledger,
    world: World,
    under_way: Arc<Mutex<Vec<Reserved>>>,
}

/// A submission that was let through.
struct Reserved {
    tags: BTreeMap<String, String>,
    cost: Amount,
    until: Timestamp,
}

impl Budgets {
    pub(crate) fn new(ledger: Ledger, world: World) -> Self {
        Self {
            ledger,
            world,
            under_way: Arc::default(),
        }
    }
}

#[async_trait::async_trait]
impl Spending for Budgets {
    async fn allow(&self, proposal: &Proposal) -> Result<(), Refusal> {
        let (ledger, under_way) = (self.ledger.clone(), self.under_way.clone());
        let (proposal, now) = (proposal.clone(), self.world.now());
        let asked = tokio::task::spawn_blocking(move || ask(&ledger, &under_way, &proposal, now));
        let failed = |_| Refusal::internal("the budgets could not be asked");
        asked.await.map_err(failed)?
    }
}

/// Asks and reserves in one step, so that two submissions cannot both take what is left.
fn ask(
    ledger: &Ledger,
    under_way: &Mutex<Vec<Reserved>>,
    proposal: &Proposal,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !ledger.budgets()?.values().any(|budget| budget.hard) {
        return Ok(());
    }
    let rates = ledger.rates()?;
    let mut tags = proposal.tags.clone();
    tags.insert(
        "tradewind:workspace".to_owned(),
        proposal.workspace.to_string(),
    );
    let (cost, longest) = estimate(proposal, &rates);
    let mut reserved = under_way.lock().unwrap_or_else(PoisonError::into_inner);
    reserved.retain(|one| one.until > now);
    let run = Estimate {
        cost,
        currency: rates.currency,
        tags,
    };
    let held = |budget: &Budget| {
        let covered = reserved.iter().filter(|one| budget.covers(&one.tags));
        covered.map(|one| one.cost).sum()
    };
    if let Some(passed) = ledger.would_pass(&run, held, now)?.first() {
        return Err(Refusal::QuotaSpent {
            message: passed.to_string(),
        });
    }
    reserved.push(Reserved {
        tags: run.tags,
        cost,
        until: now + longest,
    });
    Ok(())
}

/// What all jobs cost when each uses what it may for as long as it may, and the longest of them.
fn estimate(proposal: &Proposal, rates: &Rates) -> (Amount, Span) {
    let mut longest = Span::ZERO;
    let costs = proposal.demands.iter().map(|demand| {
        let wall = demand.wall_clock.unwrap_or(UNLIMITED_JOB);
        longest = longest.max(wall);
        let milli_cpus = i64::from(demand.milli_cpus.unwrap_or(1_000));
        let cpu = Span(wall.0.saturating_mul(milli_cpus) / 1_000);
        let one = rates.cost(cpu, demand.memory.map_or(0, |memory| memory.0), wall);
        one.times(Amount::whole(i64::from(demand.times)))
    });
    let cost = costs.sum();
    (cost, longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::spending::{Demand, conformance};
    use domain::Workspace;

    fn proposal(hours: i64, times: u32) -> Proposal {
        Proposal {
            workspace: Workspace::default(),
            tags: BTreeMap::from([("team".to_owned(), "search".to_owned())]),
            demands: vec![Demand {
                milli_cpus: Some(2_000),
                memory: None,
                wall_clock: Some(Span::hours(hours)),
                times,
            }],
        }
    }

    #[tokio::test]
    async fn a_hard_budget_refuses_what_would_pass_it_and_remembers_what_it_let_through() {
        let folder = tempfile::TempDir::new().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        let rates = Rates {
            cpu_hour: "0.5".parse().unwrap(),
            ..Rates::default()
        };
        ledger.set_rates(&rates).unwrap();
        let budgets = Budgets::new(ledger.clone(), crate::system_world());
        budgets.allow(&proposal(1_000, 10)).await.unwrap();
        let team = costs::query::Filter {
            key: costs::query::Key::parse("tag:team").unwrap(),
            test: costs::query::Test::Is(vec!["search".to_owned()]),
        };
        let budget = Budget {
            name: "search".to_owned(),
            amount: "10".parse().unwrap(),
            currency: "USD".to_owned(),
            metric: costs::query::Metric::Effective,
            filters: vec![team],
            thresholds: vec![80],
            hard: true,
        };
        ledger.set_budget(budget).unwrap();
        // Two CPUs for six hours at half a dollar are six dollars; a second six pass ten.
        conformance(&budgets, &proposal(6, 1), &proposal(2, 3))
            .await
            .unwrap();
        let refusal = budgets
            .allow(&proposal(6, 1))
            .await
            .unwrap_err()
            .to_string();
        for figure in ["6.00", "`search`", "10.00", "by 2.00", "0.00 is spent"] {
            assert!(refusal.contains(figure), "{refusal}");
        }
        budgets.allow(&proposal(4, 1)).await.unwrap();
        let other = Proposal {
            tags: BTreeMap::new(),
            ..proposal(600, 1)
        };
        budgets.allow(&other).await.unwrap();
    }
}
