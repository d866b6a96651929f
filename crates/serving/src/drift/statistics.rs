//! The statistics of two samples.

/// Bins of numbers.
const BINS: usize = 10;
/// The standard normal quantile of 95 %.
const NORMAL_95: f64 = 1.644_853_626_951_472_2;

/// The population stability index of two samples over the same bins:
/// Σ (q − p) ln(q / p). Shares are smoothed by half a count, so that an empty bin is finite.
///
/// Source: Siddiqi, "Credit Risk Scorecards" (Wiley, 2006), chapter 9.
pub(super) fn psi(before: &[usize], now: &[usize]) -> f64 {
    let shares = |counts: &[usize]| -> Vec<f64> {
        let sum = counts.iter().sum::<usize>() as f64 + counts.len() as f64 / 2.0;
        counts
            .iter()
            .map(|count| (*count as f64 + 0.5) / sum)
            .collect()
    };
    let pairs = shares(before).into_iter().zip(shares(now));
    pairs.map(|(p, q)| (q - p) * (q / p).ln()).sum()
}

/// What the index stays under in 95 of 100 cases when nothing changed: the chi-squared quantile by
/// (1/n + 1/m). Sources: Yurdakul, "Statistical properties of population stability index" (2018);
/// the quantile by Wilson and Hilferty, "The distribution of chi-square" (PNAS, 1931).
pub(super) fn psi_of_chance(bins: usize, before: usize, now: usize) -> f64 {
    let freedom = bins.saturating_sub(1).max(1) as f64;
    let part = 2.0 / (9.0 * freedom);
    let quantile = freedom * (1.0 - part + NORMAL_95 * part.sqrt()).powi(3);
    quantile * (1.0 / before as f64 + 1.0 / now as f64)
}

/// Upper bounds of bins that hold a tenth of the sorted sample each; equal ones are one.
pub(super) fn edges(sorted: &[f64]) -> Vec<f64> {
    let mut edges: Vec<f64> = (1..BINS)
        .filter_map(|part| sorted.get(sorted.len() * part / BINS).copied())
        .collect();
    edges.dedup();
    edges
}

/// How many of a sample fall into each bin; one more bin than edges.
pub(super) fn counts(edges: &[f64], sample: &[f64]) -> Vec<usize> {
    let mut counts = vec![0; edges.len() + 1];
    for value in sample {
        counts[edges.partition_point(|edge| edge < value)] += 1;
    }
    counts
}

/// The two-sample Kolmogorov–Smirnov statistic of sorted samples: the largest distance of their
/// distribution functions.
pub(super) fn kolmogorov_smirnov(before: &[f64], now: &[f64]) -> f64 {
    let (mut i, mut j, mut largest) = (0, 0, 0.0_f64);
    while i < before.len() && j < now.len() {
        let value = before[i].min(now[j]);
        while i < before.len() && before[i] <= value {
            i += 1;
        }
        while j < now.len() && now[j] <= value {
            j += 1;
        }
        let distance = i as f64 / before.len() as f64 - j as f64 / now.len() as f64;
        largest = largest.max(distance.abs());
    }
    largest
}

/// The probability of a statistic at least as large when nothing changed, by Kolmogorov's limit
/// with the correction of Stephens, "Use of the Kolmogorov–Smirnov, Cramér–Von Mises and related
/// statistics without extensive tables" (JRSS B, 1970).
pub(super) fn chance(statistic: f64, before: usize, now: usize) -> f64 {
    let size = before as f64 * now as f64 / (before + now) as f64;
    let root = size.sqrt();
    let lambda = (root + 0.12 + 0.11 / root) * statistic;
    if lambda < 0.2 {
        return 1.0;
    }
    let mut sum = 0.0;
    for step in 1..=100 {
        let k = f64::from(step);
        let term = (-2.0 * k * k * lambda * lambda).exp();
        sum += if step % 2 == 1 { term } else { -term };
        if term < 1e-12 {
            break;
        }
    }
    (2.0 * sum).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(ours: f64, theirs: f64) -> bool {
        (ours - theirs).abs() < 1e-3 * theirs.abs().max(1e-3)
    }

    #[test]
    fn kolmogorov_smirnov_is_that_of_scipy() {
        // scipy.stats.ks_2samp(a, b, method="asymp") for a = i/200, b = (i/200)**1.5.
        let before: Vec<f64> = (0..200).map(|i| f64::from(i) / 200.0).collect();
        let now: Vec<f64> = before.iter().map(|x| x.powf(1.5)).collect();
        assert!(near(kolmogorov_smirnov(&before, &now), 0.15));
        assert!(near(kolmogorov_smirnov(&before, &before), 0.0));
        let thirds = kolmogorov_smirnov(&[1.0, 1.0, 2.0], &[1.0, 2.0, 2.0]);
        assert!(near(thirds, 1.0 / 3.0));
        assert!(near(kolmogorov_smirnov(&[1.0], &[2.0]), 1.0));
        // The limit itself: Q(1.2238) = 0.10, Q(1.3581) = 0.05.
        let huge = 100_000_000_usize;
        let root = (huge as f64 / 2.0).sqrt();
        assert!(near(chance(1.223_848 / root, huge, huge), 0.1));
        assert!(near(chance(1.358_099 / root, huge, huge), 0.05));
        assert!(near(chance(0.0, 10, 10), 1.0));
    }

    #[test]
    fn the_index_is_nought_for_equals_and_grows() {
        let even = [100, 100, 100, 100];
        assert!(psi(&even, &even).abs() < 1e-12);
        let shifted = psi(&even, &[50, 100, 100, 150]);
        assert!((0.13..0.15).contains(&shifted), "{shifted}");
        assert!(psi(&even, &[0, 0, 0, 400]) > 1.0);
        // Of chi-squared with 9 degrees of freedom 16.919; the approximation is 16.902.
        assert!(near(psi_of_chance(10, 1_000, 1_000), 0.016_902 * 2.0));
    }

    #[test]
    fn bins_hold_a_tenth_each_and_equals_are_one() {
        let sorted: Vec<f64> = (0..1_000).map(f64::from).collect();
        let bins = counts(&edges(&sorted), &sorted);
        assert_eq!(bins.len(), 10);
        assert!(
            bins.iter().all(|count| (99..=101).contains(count)),
            "{bins:?}"
        );
        assert_eq!(counts(&edges(&[0.0; 50]), &[0.0, 1.0]), [1, 1]);
        assert_eq!(counts(&edges(&[]), &[1.0]), [1]);
    }
}
