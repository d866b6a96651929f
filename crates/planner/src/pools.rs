//! Quotas and commitments as pools that workloads share while they run.

use crate::ask::{Ask, Candidate, Taking};
use crate::filters::{Standing, standing};
use crate::question::{Question, matches};

/// The pools of a question.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pools {
    /// Units each pool holds.
    pub limits: Vec<i64>,
    /// For each quota, the pool of what is free now and that of the whole.
    quotas: Vec<(u16, u16)>,
    /// For each commitment its pool.
    commitments: Vec<u16>,
}

impl Pools {
    /// One pool for each commitment, two for each quota.
    pub(crate) fn new(question: &Question) -> Self {
        let mut pools = Self::default();
        for quota in &question.quotas {
            let now = pools.add(quota.limit.saturating_sub(quota.used).max(0));
            let whole = pools.add(quota.limit.max(0));
            pools.quotas.push((now, whole));
        }
        for commitment in &question.commitments {
            let pool = pools.add(i64::from(commitment.machines));
            pools.commitments.push(pool);
        }
        pools
    }

    fn add(&mut self, limit: i64) -> u16 {
        self.limits.push(limit);
        (self.limits.len() - 1) as u16
    }

    /// What an offer takes from the pools. What waits for a quota to be freed no longer finds it
    /// in use, so it only counts against the whole.
    pub(crate) fn uses(
        &self,
        ask: &Ask<'_>,
        candidate: Candidate,
        free_of_quotas: bool,
    ) -> Vec<(u16, i64)> {
        let mut uses = Vec::new();
        for (quota, &(now, whole)) in ask.question.quotas.iter().zip(&self.quotas) {
            if free_of_quotas {
                break;
            }
            match standing(ask, quota, candidate) {
                Standing::Fits(units) => {
                    uses.push((now, units));
                    uses.push((whole, units));
                }
                Standing::Waits(units, _) | Standing::TooLarge(units) => uses.push((whole, units)),
                Standing::Uncounted => {}
            }
        }
        if let Taking::Committed(index) = candidate.taking {
            let pool = self.commitments[usize::from(index)];
            uses.push((pool, i64::from(ask.workload.nodes())));
        }
        uses
    }
}

/// Ways to take a row from the question's commitments.
pub(crate) fn committed(ask: &Ask<'_>, machine: usize) -> Vec<u16> {
    let machine = &ask.market.machines[machine];
    let mut found = Vec::new();
    for (index, commitment) in ask.question.commitments.iter().enumerate() {
        let fits = *commitment.provider == *machine.provider
            && matches(&commitment.machine, &machine.name)
            && commitment.machines >= ask.workload.nodes();
        if fits {
            found.push(index as u16);
        }
    }
    found
}
