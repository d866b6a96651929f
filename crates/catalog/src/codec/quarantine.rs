//! Figures that were set aside, kept so that they can be asked for.

use domain::offer::Purchase;

use super::{Reader, Writer};
use crate::Error;
use crate::plausibility::Quarantined;

/// Writes all of them in order.
pub(super) fn write(to: &mut Writer, quarantined: &[Quarantined]) {
    to.unsigned(quarantined.len() as u64);
    for figure in quarantined {
        for text in [
            &figure.provider,
            &figure.machine,
            &figure.accelerator,
            &figure.region,
            &figure.zone,
            &figure.figure,
            &figure.source,
            &figure.rule,
            &figure.reason,
        ] {
            to.text(text);
        }
        to.unsigned(figure.purchase.index() as u64);
    }
}

/// Reads them back.
pub(super) fn read(from: &mut Reader<'_>) -> Result<Vec<Quarantined>, Error> {
    let mut quarantined = Vec::new();
    for _ in 0..from.length()? {
        let mut text = || from.text().map(str::to_owned);
        let (provider, machine, accelerator) = (text()?, text()?, text()?);
        let (region, zone, figure) = (text()?, text()?, text()?);
        let (source, rule, reason) = (text()?, text()?, text()?);
        let index: usize = from.narrow()?;
        let purchase = *Purchase::ALL
            .get(index)
            .ok_or_else(|| from.damaged(format!("there is no purchase kind {index}")))?;
        quarantined.push(Quarantined {
            provider,
            machine,
            accelerator,
            region,
            zone,
            purchase,
            figure,
            source,
            rule,
            reason,
        });
    }
    Ok(quarantined)
}
