//! Stopping trials that fall behind the median of those before
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-early-stopping.html>).

use domain::tuning::Goal;

/// Trials that must have come so far before any is stopped.
const LEAST: usize = 3;

/// Whether a trial with these reports is worse at its last one than the median of the running
/// averages that the others had after as many reports.
pub fn falls_behind(goal: Goal, reports: &[f64], others: &[Vec<f64>]) -> bool {
    let Some(now) = reports.last() else {
        return false;
    };
    let count = reports.len();
    let mut averages: Vec<f64> = others
        .iter()
        .filter(|other| other.len() >= count)
        .map(|other| other[..count].iter().sum::<f64>() / count as f64)
        .collect();
    if averages.len() < LEAST {
        return false;
    }
    averages.sort_by(f64::total_cmp);
    let middle = averages.len() / 2;
    let median = if averages.len().is_multiple_of(2) {
        f64::midpoint(averages[middle - 1], averages[middle])
    } else {
        averages[middle]
    };
    goal.is_better(median, *now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_worse_than_the_median_falls_behind() {
        let others = vec![
            vec![0.5, 0.7, 0.9],
            vec![0.4, 0.6, 0.8],
            vec![0.6, 0.8, 0.9],
        ];
        let behind = |reports: &[f64]| falls_behind(Goal::Maximize, reports, &others);
        assert!(behind(&[0.5, 0.55]));
        assert!(!behind(&[0.5, 0.65]));
        assert!(!behind(&[]));
        assert!(!behind(&[0.1, 0.1, 0.1, 0.1]), "nobody came so far");
        assert!(
            !falls_behind(Goal::Maximize, &[0.0], &others[..2]),
            "too few"
        );
        assert!(falls_behind(Goal::Minimize, &[0.9], &others));
    }
}
