//! Hard budgets of the ledger, asked before a run or job is stored.

mod open;

use contracts::spending::{Proposal, Spending};
use contracts::store::Store;
use contracts::world::World;
use control::runs::KnownRuns;
use costs::budgets::{Budget, Estimate};
use costs::metering::Rates;
use costs::query::WORKSPACE_TAG;
use costs::{Amount, Ledger};
use domain::{Refusal, Span, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A job without a limit on its time counts as this long.
const UNLIMITED_JOB: Span = Span::hours(1);

/// How long a submission that was let through may take to be stored.
const STORING: Span = Span::seconds(10);

/// Budgets, and what is under way and not in the ledger yet.
pub(crate) struct Budgets {
    ledger: Ledger,
    world: World,
    store: Arc<dyn Store>,
    known: KnownRuns,
    /// What was let through and may not be stored yet; whoever asks holds it from reading the store to
    /// reserving, so that two submissions cannot both take what is left.
    let_through: Mutex<Vec<Reserved>>,
}

/// A submission that was let through.
struct Reserved {
    tags: BTreeMap<String, String>,
    cost: Amount,
    at: Timestamp,
}

impl Budgets {
    pub(crate) fn new(ledger: Ledger, world: World, store: Arc<dyn Store>) -> Self {
        Self {
            ledger,
            world,
            store,
            known: KnownRuns::default(),
            let_through: Mutex::default(),
        }
    }

    /// Whether nobody has to be asked, and the rates otherwise.
    async fn rates(&self) -> Result<Option<Rates>, Refusal> {
        let ledger = self.ledger.clone();
        let read = tokio::task::spawn_blocking(move || {
            let hard = ledger.budgets()?.values().any(|budget| budget.hard);
            hard.then(|| ledger.rates()).transpose()
        });
        Ok(read.await.map_err(failed)??)
    }
}

#[async_trait::async_trait]
impl Spending for Budgets {
    async fn allow(&self, proposal: &Proposal) -> Result<(), Refusal> {
        let Some(rates) = self.rates().await? else {
            return Ok(());
        };
        let mut let_through = self.let_through.lock().await;
        let now = self.world.now();
        let mut under_way = Vec::new();
        for (proposal, created) in open::submissions(self.store.as_ref(), &self.known).await? {
            under_way.push(Reserved {
                cost: estimate(&proposal, &rates),
                tags: tags(&proposal),
                at: created,
            });
        }
        let_through.retain(|one| {
            let stored = |other: &Reserved| {
                other.at >= one.at && other.cost == one.cost && other.tags == one.tags
            };
            now.since(one.at) < STORING && !under_way.iter().any(stored)
        });
        let run = Estimate {
            cost: estimate(proposal, &rates),
            tags: tags(proposal),
            currency: rates.currency,
        };
        let reserved = under_way.iter().chain(let_through.iter());
        let reserved: Vec<(BTreeMap<String, String>, Amount)> =
            reserved.map(|one| (one.tags.clone(), one.cost)).collect();
        let (ledger, asked) = (self.ledger.clone(), run.clone());
        let passed = tokio::task::spawn_blocking(move || {
            let held = |budget: &Budget| {
                let covered = reserved.iter().filter(|(tags, _)| budget.covers(tags));
                covered.map(|(_, cost)| *cost).sum()
            };
            ledger.would_pass(&asked, held, now)
        });
        if let Some(passed) = passed.await.map_err(failed)??.first() {
            return Err(Refusal::QuotaSpent {
                message: passed.to_string(),
            });
        }
        let_through.push(Reserved {
            tags: run.tags,
            cost: run.cost,
            at: now,
        });
        Ok(())
    }
}

fn failed(_: tokio::task::JoinError) -> Refusal {
    Refusal::internal("the budgets could not be asked")
}

fn tags(proposal: &Proposal) -> BTreeMap<String, String> {
    let mut tags = proposal.tags.clone();
    tags.insert(WORKSPACE_TAG.to_owned(), proposal.workspace.to_string());
    tags
}

/// What all jobs cost when each uses what it may for as long as it may.
fn estimate(proposal: &Proposal, rates: &Rates) -> Amount {
    let costs = proposal.demands.iter().map(|demand| {
        let wall = demand.wall_clock.unwrap_or(UNLIMITED_JOB);
        let milli_cpus = i64::from(demand.milli_cpus.unwrap_or(1_000));
        let cpu = Span(wall.0.saturating_mul(milli_cpus) / 1_000);
        let one = rates.cost(cpu, demand.memory.map_or(0, |memory| memory.0), wall);
        one.times(Amount::whole(i64::from(demand.times)))
    });
    costs.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::spending::{Demand, conformance};
    use contracts::store::Commit;
    use control::rows::Stored;
    use domain::job::{Entry, Job, JobSpec};
    use domain::{JobId, Workspace};
    use tempfile::TempDir;

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

    /// Half a dollar for an hour of a CPU.
    async fn place() -> (TempDir, Ledger, Arc<store::Store>) {
        let folder = TempDir::new().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger")).unwrap();
        let rates = Rates {
            cpu_hour: "0.5".parse().unwrap(),
            ..Rates::default()
        };
        ledger.set_rates(&rates).unwrap();
        let file = folder.path().join("tradewind.db");
        let world = crate::system_world();
        let store = store::Store::open_file(&file, &world).await.unwrap();
        (folder, ledger, store)
    }

    /// Ten dollars for a team.
    fn limit(ledger: &Ledger) {
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
    }

    #[tokio::test]
    async fn what_is_under_way_is_what_the_store_has_also_after_a_restart() {
        let (_folder, ledger, store) = place().await;
        limit(&ledger);
        let mut spec = JobSpec::new(Entry::Command {
            argv: vec!["true".to_owned()],
        });
        spec.tags.insert("team".to_owned(), "search".to_owned());
        spec.limits.milli_cpus = Some(2_000);
        spec.limits.wall_clock = Some(Span::hours(6));
        let id = JobId::new("long").unwrap();
        let world = crate::system_world();
        let job = Job::new(id, Workspace::default(), spec, world.now());
        let commit = Commit {
            put: vec![job.row(None).unwrap()],
            ..Commit::default()
        };
        store.commit(commit).await.unwrap();
        // A server that starts has let nothing through itself.
        let budgets = Budgets::new(ledger.clone(), world.clone(), store.clone());
        let refusal = budgets.allow(&proposal(6, 1)).await.unwrap_err();
        assert!(
            refusal.to_string().contains("6.00 is under way"),
            "{refusal}"
        );
        budgets.allow(&proposal(4, 1)).await.unwrap();
        // What is over is not under way, however long it might have been.
        let commit = Commit {
            delete: vec![job.key()],
            ..Commit::default()
        };
        store.commit(commit).await.unwrap();
        let budgets = Budgets::new(ledger, world, store);
        budgets.allow(&proposal(6, 1)).await.unwrap();
    }

    #[tokio::test]
    async fn a_hard_budget_refuses_what_would_pass_it_and_remembers_what_it_let_through() {
        let (_folder, ledger, store) = place().await;
        let budgets = Budgets::new(ledger.clone(), crate::system_world(), store);
        budgets.allow(&proposal(1_000, 10)).await.unwrap();
        limit(&ledger);
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
