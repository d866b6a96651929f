//! Figures of right-sizing, forecasts and anomalies.
//!
//! `cargo bench -p tradewind-costs --bench advice -- FILE`: FILE is a CSV of day, machine and CPU
//! samples, also gzipped. Each machine with two days or more is sized by the first half of its days
//! (the smaller half when they are odd) and judged on the rest: it is over capacity when more than one
//! sample in a hundred does not fit. The halves of the machines are by a hash of their names; they say
//! how much figures differ between machines, and the parameters are chosen anew without each tenth.
//!
//! `… --bench advice -- --series FILE`: FILE has JSON lines of `name` and `values`; each is answered by a
//! line with the anomalies that were found in it, for programs that know better what changed.

mod foretold;
mod sizing;

use foretold::{anomalies, forecasts, real_forecasts, series_of};
use sizing::{chosen_elsewhere, right_sizing};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use tradewind_costs::rules::utilization::{Machine, read};

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let mut out = std::io::stdout();
    let first = words.next();
    if first.as_deref() == Some("--series") {
        let file = words.next().ok_or("`--series` needs a file")?;
        return series_of(Path::new(&file), &mut out);
    }
    if let Some(file) = first {
        let all = machines(Path::new(&file))?;
        right_sizing(&all, &mut out)?;
        chosen_elsewhere(&all, &mut out)?;
        real_forecasts(&all, &mut out)?;
    }
    forecasts(&mut out)?;
    anomalies(&mut out)
}

fn machines(path: &Path) -> Result<Vec<Machine>, Failed> {
    let file = BufReader::new(File::open(path)?);
    let gzipped = path.extension().is_some_and(|end| end == "gz");
    let from: Box<dyn Read> = if gzipped {
        Box::new(flate2::read::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(read(path, from)?)
}

/// Lehmer's generator.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }
    fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.roll()).sum::<f64>() - 6.0
    }
}
