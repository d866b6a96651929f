//! Sets of days, as a month of a bill has them.

use domain::day::Day;
use serde::{Deserialize, Serialize};

/// Days, as runs of days that follow one another, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Days(Vec<(i32, i32)>);

impl Days {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a day.
    pub fn add(&mut self, day: Day) {
        let day = day.days();
        let at = self.0.partition_point(|(first, _)| *first <= day);
        let before = at.checked_sub(1);
        if before.is_some_and(|before| day <= self.0[before].1) {
            return;
        }
        let before = before.filter(|before| self.0[*before].1 + 1 == day);
        let follows = self.0.get(at).is_some_and(|(first, _)| *first == day + 1);
        match before {
            Some(before) if follows => self.0[before].1 = self.0.remove(at).1,
            Some(before) => self.0[before].1 = day,
            None if follows => self.0[at].0 = day,
            None => self.0.insert(at, (day, day)),
        }
    }

    /// The days in order.
    pub fn iter(&self) -> impl Iterator<Item = Day> {
        let runs = self.0.iter();
        runs.flat_map(|(first, last)| (*first..=*last).map(Day::from_days))
    }

    /// Whether a day is one of them.
    pub fn contains(&self, day: Day) -> bool {
        let day = day.days();
        let at = self.0.partition_point(|(first, _)| *first <= day);
        at.checked_sub(1).is_some_and(|run| day <= self.0[run].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set_in_order(days in prop::collection::vec(-9_i32..30, 0..60)) {
            let mut runs = Days::default();
            for day in &days {
                runs.add(Day::from_days(*day));
            }
            let set: BTreeSet<i32> = days.into_iter().collect();
            let listed: Vec<i32> = runs.iter().map(Day::days).collect();
            prop_assert_eq!(listed, set.iter().copied().collect::<Vec<_>>());
            for day in -10..31 {
                prop_assert_eq!(runs.contains(Day::from_days(day)), set.contains(&day));
            }
            // No two runs could be one.
            prop_assert!(runs.0.windows(2).all(|two| two[0].1 + 1 < two[1].0));
        }
    }
}
