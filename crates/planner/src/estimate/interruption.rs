//! Spot machines are taken away: what that is expected to cost in time.
//!
//! Interruptions are taken as a Poisson process. A published band of "interrupted within a month"
//! of p gives the rate -ln(1 - p) / 730 h; a gang is interrupted when any of its machines is. For
//! work T saved every t (writing takes d, coming back r) under the rate l, the expected time is
//! T/t · (e^(l(t + d)) - 1) · (1/l + r): Daly, "A higher order estimate of the optimum checkpoint
//! interval for restart dumps", Future Generation Computer Systems 22 (2006), equation 13 with the
//! restart charged for each interruption. Without checkpoints t is all of T.

use crate::ask::Ask;
use crate::question::Workload;
use crate::search::problem::LARGEST;

/// Rates for 0 to 100 per cent a month, in interruptions per 10^12 hours; 100 counts as 99.
const RATES: [u64; 101] = [
    0,
    13_767_583,
    27_674_942,
    41_724_942,
    55_920_540,
    70_264_787,
    84_760_827,
    99_411_908,
    114_221_382,
    129_192_712,
    144_329_474,
    159_635_365,
    175_114_208,
    190_769_955,
    206_606_698,
    222_628_671,
    238_840_256,
    255_245_998,
    271_850_601,
    288_658_947,
    305_676_098,
    322_907_306,
    340_358_026,
    358_033_923,
    375_940_885,
    394_085_031,
    412_472_730,
    431_110_609,
    450_005_571,
    469_164_807,
    488_595_814,
    508_306_413,
    528_304_768,
    548_599_406,
    569_199_238,
    590_113_584,
    611_352_195,
    632_925_287,
    654_843_563,
    677_118_249,
    699_761_128,
    722_784_578,
    746_201_610,
    770_025_915,
    794_271_911,
    818_954_796,
    844_090_602,
    869_696_264,
    895_789_681,
    922_389_799,
    949_516_686,
    977_191_627,
    1_005_437_226,
    1_034_277_513,
    1_063_738_068,
    1_093_846_159,
    1_124_630_893,
    1_156_123_384,
    1_188_356_942,
    1_221_367_287,
    1_255_192_783,
    1_289_874_712,
    1_325_457_570,
    1_361_989_416,
    1_399_522_257,
    1_438_112_499,
    1_477_821_454,
    1_518_715_924,
    1_560_868_881,
    1_604_360_249,
    1_649_277_814,
    1_695_718_296,
    1_743_788_597,
    1_793_607_288,
    1_845_306_367,
    1_899_033_371,
    1_954_953_912,
    2_013_254_754,
    2_074_147_579,
    2_137_873_628,
    2_204_709_469,
    2_274_974_256,
    2_349_038_943,
    2_427_338_140,
    2_510_385_567,
    2_598_794_500,
    2_693_305_283,
    2_794_823_053,
    2_904_470_598,
    3_023_664_265,
    3_154_226_155,
    3_298_555_628,
    3_459_902_252,
    3_642_821_968,
    3_853_987_283,
    4_103_742_840,
    4_409_418_938,
    4_803_503_969,
    5_358_935_624,
    6_308_452_310,
    6_308_452_310,
];

/// The band that is assumed where none is published: the highest that AWS's Spot Instance Advisor
/// shows as a number, "15-20 %" (read 2025-07).
pub(crate) const ASSUMED_PERCENT: u8 = 20;

/// How often a gang of machines is interrupted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hazard {
    /// Interruptions a millisecond.
    rate: f64,
}

impl Hazard {
    /// For all nodes of a workload on a row.
    pub(crate) fn of(ask: &Ask<'_>, row: usize) -> Self {
        Self::new(ask.market.interruption[row], ask.workload.nodes())
    }

    /// For a monthly band (255 when not known) and a number of machines.
    pub(crate) fn new(percent: u8, nodes: u32) -> Self {
        let percent = if percent > 100 {
            ASSUMED_PERCENT
        } else {
            percent
        };
        let each = RATES[usize::from(percent)] as f64 / 1e12 / 3_600_000.0;
        Self {
            rate: each * f64::from(nodes),
        }
    }

    /// Expected milliseconds for `run` of work; `None` when it would hardly ever end.
    pub(crate) fn expected(self, workload: &Workload, run: i64) -> Option<i64> {
        if self.rate <= 0.0 {
            return Some(with_checkpoints(workload, run));
        }
        let saved = workload.checkpoint.filter(|it| it.every.0 < run);
        let (every, writing, restoring) =
            saved.map_or((run, 0, 0), |it| (it.every.0, it.writing.0, it.restoring.0));
        let back = (workload.set_up.0.saturating_add(restoring)) as f64;
        let pieces = run as f64 / every as f64;
        let each = growth(self.rate * (every as f64 + writing as f64)) * (1.0 / self.rate + back);
        let expected = pieces * each;
        // Also false for what is not a number.
        (expected < LARGEST as f64).then(|| expected as i64 + 1)
    }
}

/// Milliseconds of work and saving without interruptions.
pub(crate) fn with_checkpoints(workload: &Workload, run: i64) -> i64 {
    let Some(checkpoint) = workload.checkpoint else {
        return run;
    };
    let saves = run.saturating_sub(1) / checkpoint.every.0.max(1);
    run.saturating_add(saves.saturating_mul(checkpoint.writing.0))
}

/// e^x - 1 for x of at least zero by its series, halving the argument first: (e^x - 1) for twice
/// the argument is y(y + 2). Only the four operations, so that all machines agree.
fn growth(x: f64) -> f64 {
    let mut halvings = 0;
    let mut small = x;
    while small > 0.125 && halvings < 64 {
        small /= 2.0;
        halvings += 1;
    }
    let (mut term, mut sum) = (small, small);
    for n in 2..12 {
        term *= small / f64::from(n);
        sum += term;
    }
    for _ in 0..halvings {
        sum *= sum + 2.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use domain::Span;

    use super::*;
    use crate::question::Checkpoint;

    fn workload() -> Workload {
        let mut workload = Workload::new("w", Default::default(), Default::default());
        workload.set_up = Span::ZERO;
        workload
    }

    #[test]
    fn growth_is_the_exponential_less_one() {
        for x in [0.0, 1e-9, 0.1, 1.0, 7.5, 40.0] {
            let (is, should) = (growth(x), f64::exp_m1(x));
            assert!(
                (is - should).abs() <= should * 1e-12,
                "{x}: {is} against {should}"
            );
        }
    }

    #[test]
    fn checkpoints_save_time_and_gangs_cost_it() {
        let hazard = Hazard::new(20, 1);
        let day = 24 * 3_600_000;
        let bare = hazard.expected(&workload(), 10 * day).unwrap();
        assert!(
            bare > 10 * day + 3_600_000,
            "a long run is interrupted: {bare}"
        );
        let mut saved = workload();
        saved.checkpoint = Some(Checkpoint {
            every: Span::hours(1),
            writing: Span::seconds(30),
            restoring: Span::minutes(1),
        });
        let with = hazard.expected(&saved, 10 * day).unwrap();
        assert!(with < bare, "{with} against {bare}");
        assert!(Hazard::new(20, 64).expected(&saved, 10 * day).unwrap() > with);
        assert_eq!(
            Hazard::new(100, 4096).expected(&workload(), 300 * day),
            None
        );
        assert_eq!(Hazard::new(0, 4).expected(&workload(), day), Some(day));
    }

    #[test]
    fn an_unknown_band_is_the_highest_published_number() {
        assert_eq!(Hazard::new(255, 1), Hazard::new(20, 1));
    }
}
