//! A deployment on probation, and what its figures say of it beside the others'.

use crate::figures::Figures;
use crate::histogram::HistogramSnapshot;
use crate::split::Split;
use contracts::data_plane::CanaryVerdict;
use domain::traffic::Canary;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// Fewer failures than these are no evidence.
const LEAST_FAILURES: u64 = 3;
/// Fewer answers than these have no 99th percentile worth the name.
const LEAST_ANSWERS: u64 = 50;
/// Differences of latency below this one are the machine's.
const NOISE: Duration = Duration::from_millis(1);
/// The standard normal quantile of 99 %.
const CONFIDENCE: f64 = 2.326;

/// A canary in one generation of its endpoint.
pub(crate) struct Probation {
    pub(crate) rule: Canary,
    pub(crate) place: usize,
    weights_of_others: Vec<u16>,
    others: Split,
    tripped: AtomicBool,
}

impl Probation {
    pub(super) fn new(rule: Canary, place: usize, weights_of_others: Vec<u16>) -> Self {
        Self {
            rule,
            place,
            others: Split::new(weights_of_others.clone()),
            weights_of_others,
            tripped: AtomicBool::new(false),
        }
    }

    /// Whether it has lost its share.
    pub(crate) fn is_tripped(&self) -> bool {
        self.tripped.load(Relaxed)
    }

    /// From now on no request is divided to it.
    pub(crate) fn trip(&self) {
        self.tripped.store(true, Relaxed);
    }

    pub(super) fn others(&self) -> &Vec<u16> {
        &self.weights_of_others
    }

    pub(super) fn next_other(&self) -> usize {
        self.others.next()
    }
}

/// What was seen of one or several deployments since some moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    requests: u64,
    failures: u64,
    latency: HistogramSnapshot,
}

impl Evidence {
    /// Adds what happened to a deployment between two looks.
    pub(crate) fn add(&mut self, before: &Figures, now: &Figures) {
        let failures = |figures: &Figures| {
            figures.faults
                + figures.busy
                + figures.unavailable
                + figures.late
                + figures.hung
                + figures.crashed
        };
        let answered = now.answered - before.answered;
        let failed = failures(now) - failures(before);
        self.requests += answered + failed;
        self.failures += failed + (now.failed_answers - before.failed_answers);
        self.latency.add(&now.latency.since(&before.latency));
    }

    fn good(&self) -> u64 {
        self.requests.saturating_sub(self.failures)
    }

    fn failure_share(&self) -> f64 {
        if self.requests == 0 {
            return 0.0;
        }
        self.failures as f64 / self.requests as f64
    }

    fn p99(&self) -> Option<Duration> {
        (self.latency.count >= LEAST_ANSWERS)
            .then(|| self.latency.quantile(0.99))
            .flatten()
    }
}

/// What shall become of a canary, and by which figures; none while they say too little.
///
/// It goes back when its share of failures is above what it may have beyond the others', even at the
/// lower end of Wilson's interval (Wilson, "Probable inference, the law of succession, and
/// statistical inference", 1927), so that a single failure among few requests does not count; or
/// when its 99th percentile is above its limit.
pub(crate) fn judge(
    rule: &Canary,
    canary: &Evidence,
    others: &Evidence,
    watched: Duration,
) -> Option<(CanaryVerdict, String)> {
    let allowed = f64::from(rule.most_errors.basis_points()) / 1e4 + others.failure_share();
    let surely = wilson_low(canary.failures, canary.requests);
    if canary.failures >= LEAST_FAILURES && surely > allowed {
        let text = format!(
            "{} of {} requests failed, {:.2} % allowed",
            canary.failures,
            canary.requests,
            allowed * 100.0
        );
        return Some((CanaryVerdict::RollBack, text));
    }
    if let (Some(most), Some(ours), Some(theirs)) =
        (rule.most_latency_percent, canary.p99(), others.p99())
    {
        let limit = theirs.mul_f64(f64::from(most) / 100.0).max(theirs + NOISE);
        if ours > limit {
            let text = format!(
                "p99 is {:.1} ms, {:.1} ms allowed beside {:.1} ms of the others",
                ours.as_secs_f64() * 1e3,
                limit.as_secs_f64() * 1e3,
                theirs.as_secs_f64() * 1e3
            );
            return Some((CanaryVerdict::RollBack, text));
        }
    }
    let long_enough = watched >= Duration::from_secs(rule.step_seconds.into());
    if long_enough && canary.good() >= u64::from(rule.answers) {
        let text = format!(
            "{} of {} requests failed in {} s",
            canary.failures,
            canary.requests,
            watched.as_secs()
        );
        return Some((CanaryVerdict::Advance, text));
    }
    None
}

/// The lower end of Wilson's interval.
fn wilson_low(failures: u64, requests: u64) -> f64 {
    if requests == 0 {
        return 0.0;
    }
    let (n, z2) = (requests as f64, CONFIDENCE * CONFIDENCE);
    let share = failures as f64 / n;
    let middle = share + z2 / (2.0 * n);
    let half = CONFIDENCE * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    (middle - half) / (1.0 + z2 / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::Histogram;
    use domain::{Name, Share};

    fn evidence(requests: u64, failures: u64, milliseconds: u64) -> Evidence {
        let histogram = Histogram::default();
        for _ in 0..requests - failures {
            histogram.record(Duration::from_millis(milliseconds));
        }
        Evidence {
            requests,
            failures,
            latency: histogram.snapshot(),
        }
    }

    fn rule() -> Canary {
        Canary {
            step_seconds: 10,
            most_errors: Share::percent(1).unwrap(),
            most_latency_percent: Some(150),
            ..Canary::new(Name::new("green").unwrap())
        }
    }

    fn verdict(canary: &Evidence, others: &Evidence, seconds: u64) -> Option<CanaryVerdict> {
        let judged = judge(&rule(), canary, others, Duration::from_secs(seconds));
        judged.map(|(verdict, _)| verdict)
    }

    #[test]
    fn errors_send_it_back_once_they_are_sure() {
        let others = evidence(1_000, 0, 5);
        let back = Some(CanaryVerdict::RollBack);
        assert_eq!(verdict(&evidence(2, 2, 5), &others, 1), None, "too few");
        assert_eq!(verdict(&evidence(3, 3, 5), &others, 1), back);
        assert_eq!(
            verdict(&evidence(200, 3, 5), &others, 1),
            None,
            "1.5 % may be 1 %"
        );
        assert_eq!(verdict(&evidence(10_000, 150, 5), &others, 1), back);
        // What the others suffer as well is not its fault.
        assert_eq!(
            verdict(&evidence(100, 10, 5), &evidence(1_000, 100, 5), 1),
            None
        );
    }

    #[test]
    fn latency_sends_it_back_when_it_was_asked_to_be_judged() {
        let others = evidence(1_000, 0, 10);
        let back = Some(CanaryVerdict::RollBack);
        assert_eq!(verdict(&evidence(100, 0, 20), &others, 1), back);
        assert_eq!(verdict(&evidence(100, 0, 13), &others, 1), None);
        assert_eq!(verdict(&evidence(20, 0, 900), &others, 1), None, "too few");
        let unasked = Canary {
            most_latency_percent: None,
            ..rule()
        };
        let slow = evidence(100, 0, 900);
        assert_eq!(
            judge(&unasked, &slow, &others, Duration::from_secs(1)),
            None
        );
    }

    #[test]
    fn it_goes_on_after_time_and_answers_enough() {
        let others = evidence(1_000, 0, 5);
        let good = evidence(100, 0, 5);
        assert_eq!(verdict(&good, &others, 9), None);
        assert_eq!(verdict(&good, &others, 10), Some(CanaryVerdict::Advance));
        assert_eq!(verdict(&evidence(99, 0, 5), &others, 60), None);
        assert_eq!(verdict(&Evidence::default(), &others, 60), None);
    }
}
