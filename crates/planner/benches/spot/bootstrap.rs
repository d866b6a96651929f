//! Percentile intervals by the bootstrap, with a fixed seed so that a run can be repeated.

/// Resamples behind each interval.
const RESAMPLES: usize = 2000;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap_or(0)
    }
}

/// The 2.5 % and 97.5 % points of `statistic` over resamples of `groups` (traces) of windows.
/// Windows overlap, so they are drawn in circular blocks; with several groups, groups are drawn
/// too, so the interval covers the choice of traces.
pub fn interval<T: Clone>(
    groups: &[Vec<T>],
    block: usize,
    statistic: impl Fn(&[Vec<T>]) -> f64,
) -> (f64, f64) {
    let mut random = Random(20_240_416);
    let mut values = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        let mut drawn = Vec::with_capacity(groups.len());
        for index in 0..groups.len() {
            let group = &groups[if groups.len() > 1 {
                random.below(groups.len())
            } else {
                index
            }];
            let mut windows = Vec::with_capacity(group.len());
            while windows.len() < group.len() {
                let start = random.below(group.len());
                let block = (0..block).map(|i| group[(start + i) % group.len()].clone());
                windows.extend(block.take(group.len() - windows.len()));
            }
            drawn.push(windows);
        }
        values.push(statistic(&drawn));
    }
    values.sort_by(f64::total_cmp);
    (
        values[RESAMPLES / 40],
        values[RESAMPLES - 1 - RESAMPLES / 40],
    )
}
