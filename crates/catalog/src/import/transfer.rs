//! The list of transfer prices between regions of AWS.

use domain::Money;
use domain::day::Day;

use super::{List, scaled};
use crate::{Error, TransferPair};

/// Reads `src,dst,cost` in dollars a gigabyte.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<TransferPair>, Error> {
    let list = List::read(name, bytes)?;
    let [from, to, cost] = list.columns(["src", "dst", "cost"])?;
    let mut pairs = Vec::new();
    for line in list.lines() {
        let micros = line.parse(cost, |text| scaled(text, 1_000_000))?;
        pairs.push(TransferPair {
            provider: super::aws::PROVIDER.into(),
            from: line.cell(from).into(),
            to: line.cell(to).into(),
            per_gigabyte: Money::micros(micros as i64),
            source: "public transfer planner's matrix of AWS list prices".into(),
            as_of: Day::new(2024, 1, 1).unwrap_or(Day::from_days(0)),
        });
    }
    pairs.sort();
    Ok(pairs)
}
