//! Prices of moving data between pairs of regions of one provider.

use domain::Money;
use domain::day::Day;

use super::{Reader, Writer};
use crate::{Error, TransferPair};

/// Writes all pairs in order.
pub(super) fn write(to: &mut Writer, pairs: &[TransferPair]) {
    to.unsigned(pairs.len() as u64);
    for pair in pairs {
        to.text(&pair.provider);
        to.text(&pair.from);
        to.text(&pair.to);
        to.signed(pair.per_gigabyte.micros);
        to.text(&pair.source);
        to.signed(pair.as_of.days().into());
    }
}

/// Reads them back.
pub(super) fn read(from: &mut Reader<'_>) -> Result<Vec<TransferPair>, Error> {
    let mut pairs = Vec::new();
    for _ in 0..from.length()? {
        let (provider, origin) = (from.text()?.into(), from.text()?.into());
        let (to, micros) = (from.text()?.into(), from.signed()?);
        if micros < 0 {
            return Err(from.damaged("a transfer price is negative"));
        }
        let source = from.text()?.into();
        let days = from.signed()?;
        let days = i32::try_from(days).map_err(|_| from.damaged("a day is out of range"))?;
        pairs.push(TransferPair {
            provider,
            from: origin,
            to,
            per_gigabyte: Money::micros(micros),
            source,
            as_of: Day::from_days(days),
        });
    }
    Ok(pairs)
}
