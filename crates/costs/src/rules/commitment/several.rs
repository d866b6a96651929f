//! Several commitments at once, each for a part of the spend.
//!
//! What plans cover in an hour is a flow from plans to kinds of spend, and the largest flow is the
//! smallest cut (Ford and Fulkerson, 1956): over every set of plans, what they can pay for plus all
//! that the others may cover. So the linear program of 720 hours has one unknown a plan and no
//! other, its value is concave in each, and what is best of the rest is concave in the first: a
//! search by halves within a search by halves ends at the optimum, in whole units, exactly.

/// Most plans that are weighed at once: every one multiplies the work by sixty.
pub(super) const MOST_PLANS: usize = 3;

/// A plan on offer.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Discount in per cent.
    pub(super) percent: u32,
    /// Which kinds of spend it covers.
    pub(super) covers: Vec<bool>,
}

/// The hours' spend by set of plans.
struct Hours {
    /// By set of plans, then hour: spend that at least one of the set may cover.
    reach: Vec<Vec<i64>>,
    rates: Vec<i64>,
    hours: i64,
    most: Vec<i64>,
}

/// How much of standard prices each plan should cover in every hour, and what all of them save over
/// the hours, times 100. `spend` is hours of amounts by kind, none of them negative.
pub(super) fn best(spend: &[Vec<i64>], plans: &[Plan]) -> (Vec<i64>, i128) {
    let plans = &plans[..plans.len().min(MOST_PLANS)];
    let sets = 1_usize << plans.len();
    let reach: Vec<Vec<i64>> = (0..sets)
        .map(|set| {
            let covered = |kind: usize| {
                (0..plans.len()).any(|plan| set & (1 << plan) != 0 && plans[plan].covers[kind])
            };
            let hour = |kinds: &Vec<i64>| {
                let kinds = kinds.iter().enumerate();
                kinds
                    .filter(|(kind, _)| covered(*kind))
                    .map(|(_, spend)| *spend)
                    .sum()
            };
            spend.iter().map(hour).collect()
        })
        .collect();
    let most = (0..plans.len())
        .map(|plan| reach[1 << plan].iter().copied().max().unwrap_or(0))
        .collect();
    let hours = Hours {
        reach,
        rates: plans
            .iter()
            .map(|plan| i64::from(100 - plan.percent.min(100)))
            .collect(),
        hours: spend.len() as i64,
        most,
    };
    let mut caps = vec![0; plans.len()];
    let saving = hours.search(0, &mut caps);
    (caps, saving)
}

impl Hours {
    /// What is saved with these amounts covered, times 100.
    fn saving(&self, caps: &[i64]) -> i128 {
        let sets = self.reach.len();
        let paid: Vec<i64> = (0..sets)
            .map(|set| {
                let caps = caps.iter().enumerate();
                caps.filter(|(plan, _)| set & (1 << plan) != 0)
                    .map(|(_, cap)| *cap)
                    .sum()
            })
            .collect();
        let mut covered = 0_i128;
        for hour in 0..self.hours as usize {
            let cut = (0..sets)
                .map(|set| paid[set] + self.reach[sets - 1 - set][hour])
                .min();
            covered += i128::from(cut.unwrap_or(0));
        }
        let cost = caps.iter().zip(&self.rates);
        let cost: i128 = cost
            .map(|(cap, rate)| i128::from(*cap) * i128::from(*rate))
            .sum();
        covered * 100 - cost * i128::from(self.hours)
    }

    /// The best of this plan and those after it; `caps` are then theirs.
    fn search(&self, plan: usize, caps: &mut [i64]) -> i128 {
        if plan == caps.len() {
            return self.saving(caps);
        }
        let (mut low, mut high) = (0, self.most[plan]);
        while low < high {
            let middle = low + (high - low) / 2;
            caps[plan] = middle;
            let here = self.search(plan + 1, caps);
            caps[plan] = middle + 1;
            if self.search(plan + 1, caps) > here {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        caps[plan] = low;
        self.search(plan + 1, caps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plan(percent: u32, covers: &[bool]) -> Plan {
        Plan {
            percent,
            covers: covers.to_vec(),
        }
    }

    #[test]
    fn one_plan_is_the_quantile_and_a_narrow_one_takes_what_it_saves_more_on() {
        let hours: Vec<Vec<i64>> = (0..100).map(|hour| vec![hour]).collect();
        let (caps, _) = best(&hours, &[plan(30, &[true])]);
        // From 29 to 30 neither saves nor costs: seventy hours reach it and seventy per cent are paid.
        assert!((29..=30).contains(&caps[0]), "{caps:?}");
        // Two kinds, always 10 each: the narrow plan covers its own, the broad one the rest.
        let level = vec![vec![10, 10]; 24];
        let plans = [plan(20, &[true, true]), plan(40, &[true, false])];
        let (caps, saving) = best(&level, &plans);
        assert_eq!(caps, [10, 10]);
        assert_eq!(saving, 24 * (10 * 20 + 10 * 40));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn nothing_on_the_grid_saves_more(
            hours in prop::collection::vec(prop::collection::vec(0_i64..9, 3), 1..12),
            percents in prop::collection::vec(5_u32..70, 2),
            covers in prop::collection::vec(prop::collection::vec(any::<bool>(), 3), 2),
        ) {
            let plans: Vec<Plan> = percents.iter().zip(&covers).map(|(p, c)| plan(*p, c)).collect();
            let (_, saving) = best(&hours, &plans);
            let mut most = 0;
            for first in 0..28 {
                for second in 0..28 {
                    most = most.max(by_flow(&hours, &plans, &[first, second]));
                }
            }
            prop_assert_eq!(saving, most);
        }
    }

    /// The same value by filling plans up, without the cut: the first takes what only it may cover
    /// first, then as much of the common kinds as leaves the second no worse.
    fn by_flow(hours: &[Vec<i64>], plans: &[Plan], caps: &[i64]) -> i128 {
        let mut covered = 0;
        for hour in hours {
            let of = |wanted: (bool, bool)| -> i64 {
                let fits =
                    |kind: &usize| (plans[0].covers[*kind], plans[1].covers[*kind]) == wanted;
                (0..hour.len()).filter(fits).map(|kind| hour[kind]).sum()
            };
            let (first, second, both) = (of((true, false)), of((false, true)), of((true, true)));
            let (a, b) = (caps[0].min(first), caps[1].min(second));
            covered += a + b + both.min(caps[0] - a + caps[1] - b);
        }
        let cost: i64 = plans
            .iter()
            .zip(caps)
            .map(|(p, c)| i64::from(100 - p.percent) * c)
            .sum();
        i128::from(covered) * 100 - i128::from(cost) * hours.len() as i128
    }
}
