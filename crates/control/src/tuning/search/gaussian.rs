//! Regression by a Gaussian process with a Matérn 5/2 kernel
//! (Rasmussen and Williams, <https://gaussianprocess.org/gpml/>, algorithm 2.1).

/// Lengths over which points are alike, of which the likeliest is taken.
const LENGTHS: &[f64] = &[0.1, 0.2, 0.35, 0.6, 1.0, 1.8];
/// Variances of the noise, relative to the signal's.
const NOISES: &[f64] = &[1e-6, 1e-3, 3e-2];

/// A fitted process over normalised values.
#[derive(Debug, Clone)]
pub(super) struct Process {
    points: Vec<Vec<f64>>,
    /// Lower triangle of the covariance's Cholesky factor.
    factor: Vec<Vec<f64>>,
    weights: Vec<f64>,
    length: f64,
    mean: f64,
    deviation: f64,
}

impl Process {
    /// The likeliest process for points and their values; `None` without points.
    pub(super) fn fit(points: &[Vec<f64>], values: &[f64]) -> Option<Self> {
        let count = points.len() as f64;
        if points.is_empty() || points.len() != values.len() {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / count;
        let deviation = if variance > 1e-24 {
            variance.sqrt()
        } else {
            1.0
        };
        let normal: Vec<f64> = values
            .iter()
            .map(|value| (value - mean) / deviation)
            .collect();
        let mut best: Option<(f64, Self)> = None;
        for length in LENGTHS {
            for noise in NOISES {
                let Some(factor) = cholesky(points, *length, *noise) else {
                    continue;
                };
                let weights = backward(&factor, &forward(&factor, &normal));
                let fit: f64 = normal.iter().zip(&weights).map(|(a, b)| a * b).sum();
                let complexity: f64 = (0..points.len()).map(|n| factor[n][n].ln()).sum();
                let likelihood = -0.5 * fit - complexity;
                if best.as_ref().is_none_or(|(other, _)| likelihood > *other) {
                    let process = Self {
                        points: points.to_vec(),
                        factor,
                        weights,
                        length: *length,
                        mean,
                        deviation,
                    };
                    best = Some((likelihood, process));
                }
            }
        }
        best.map(|(_, process)| process)
    }

    /// Mean and deviation of what is to be expected at a point.
    pub(super) fn predict(&self, point: &[f64]) -> (f64, f64) {
        let near: Vec<f64> = self
            .points
            .iter()
            .map(|other| kernel(point, other, self.length))
            .collect();
        let mean: f64 = near.iter().zip(&self.weights).map(|(a, b)| a * b).sum();
        let part = forward(&self.factor, &near);
        let known: f64 = part.iter().map(|x| x * x).sum();
        let deviation = (1.0 - known).max(1e-12).sqrt();
        (
            self.mean + mean * self.deviation,
            deviation * self.deviation,
        )
    }

    /// How much better than `best` a point may be expected to be
    /// (Jones, Schonlau and Welch, <https://doi.org/10.1023/A:1008306431147>).
    pub(super) fn expected_improvement(&self, point: &[f64], best: f64) -> f64 {
        let (mean, deviation) = self.predict(point);
        let z = (mean - best) / deviation;
        let density = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
        deviation * (z * cumulative(z) + density)
    }
}

fn kernel(a: &[f64], b: &[f64], length: f64) -> f64 {
    let square: f64 = a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum();
    let r = (5.0 * square).sqrt() / length;
    (1.0 + r + r * r / 3.0) * (-r).exp()
}

fn cholesky(points: &[Vec<f64>], length: f64, noise: f64) -> Option<Vec<Vec<f64>>> {
    let size = points.len();
    let mut factor = vec![vec![0.0; size]; size];
    for row in 0..size {
        for column in 0..=row {
            let mut sum = kernel(&points[row], &points[column], length);
            if row == column {
                sum += noise;
            }
            let known = factor[row].iter().zip(&factor[column]).take(column);
            sum -= known.map(|(a, b)| a * b).sum::<f64>();
            if row == column {
                if sum <= 0.0 {
                    return None;
                }
                factor[row][row] = sum.sqrt();
            } else {
                factor[row][column] = sum / factor[column][column];
            }
        }
    }
    Some(factor)
}

fn forward(factor: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut solved: Vec<f64> = Vec::with_capacity(right.len());
    for (row, value) in right.iter().enumerate() {
        let known: f64 = solved.iter().zip(&factor[row]).map(|(x, f)| x * f).sum();
        solved.push((value - known) / factor[row][row]);
    }
    solved
}

fn backward(factor: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let size = right.len();
    let mut solved = vec![0.0; size];
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size)
            .map(|below| factor[below][row] * solved[below])
            .sum();
        solved[row] = (right[row] - known) / factor[row][row];
    }
    solved
}

/// The normal distribution's cumulative function, to about 1e-7
/// (Abramowitz and Stegun, 7.1.26).
fn cumulative(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ];
    let sum = series.iter().fold(0.0, |sum, factor| (sum + factor) * t);
    let error = 1.0 - sum * (-x * x).exp();
    if z < 0.0 {
        0.5 * (1.0 - error)
    } else {
        0.5 * (1.0 + error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_what_it_saw_and_doubts_the_rest() {
        let points: Vec<Vec<f64>> = (0..6).map(|n| vec![f64::from(n) / 10.0]).collect();
        let values: Vec<f64> = points
            .iter()
            .map(|p| (p[0] * 6.0).sin() * 3.0 + 10.0)
            .collect();
        let process = Process::fit(&points, &values).unwrap();
        for (point, value) in points.iter().zip(&values) {
            let (mean, deviation) = process.predict(point);
            assert!((mean - value).abs() < 0.2, "{mean} {value}");
            assert!(deviation < 0.3, "{deviation}");
        }
        let (near, far) = (process.predict(&[0.25]).1, process.predict(&[1.0]).1);
        assert!(far > near * 2.0, "{far} {near}");
    }

    #[test]
    fn the_normal_distribution_is_right() {
        for (z, value) in [
            (0.0, 0.5),
            (1.0, 0.841_344_75),
            (-1.96, 0.024_997_9),
            (3.0, 0.998_650_1),
        ] {
            assert!((cumulative(z) - value).abs() < 1e-6, "{z}");
        }
    }
}
