//! Divides traffic by shares: smooth weighted round robin, as nginx does it (its upstream module,
//! 2012). Deterministic, and exact over every run of as many requests as the shares add up to.

use std::sync::{Mutex, PoisonError};

/// The state of one division.
#[derive(Debug)]
pub(crate) struct Split {
    weights: Vec<i64>,
    total: i64,
    credit: Mutex<Vec<i64>>,
}

impl Split {
    /// Over weights of which at least one is positive.
    pub(crate) fn new(weights: Vec<u16>) -> Self {
        let weights: Vec<i64> = weights.into_iter().map(i64::from).collect();
        let total = weights.iter().sum();
        let credit = Mutex::new(vec![0; weights.len()]);
        Self {
            weights,
            total,
            credit,
        }
    }

    /// The place of the next one.
    pub(crate) fn next(&self) -> usize {
        if self.weights.len() == 1 {
            return 0;
        }
        let mut credit = self.credit.lock().unwrap_or_else(PoisonError::into_inner);
        let mut best: Option<usize> = None;
        for (place, weight) in self.weights.iter().enumerate() {
            credit[place] += weight;
            if *weight > 0 && best.is_none_or(|best| credit[place] > credit[best]) {
                best = Some(place);
            }
        }
        let best = best.unwrap_or(0);
        if let Some(chosen) = credit.get_mut(best) {
            *chosen -= self.total;
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_of_the_total_is_exact_and_smooth() {
        let split = Split::new(vec![9000, 1000, 0]);
        let picks: Vec<usize> = (0..1000).map(|_| split.next()).collect();
        for run in picks.chunks(10) {
            assert_eq!(run.iter().filter(|pick| **pick == 0).count(), 9);
            assert_eq!(run.iter().filter(|pick| **pick == 1).count(), 1);
        }
    }

    #[test]
    fn uneven_shares_are_exact_over_ten_thousand() {
        let split = Split::new(vec![3333, 3334, 3333]);
        let mut counts = [0; 3];
        for _ in 0..10_000 {
            counts[split.next()] += 1;
        }
        assert_eq!(counts, [3333, 3334, 3333]);
    }
}
