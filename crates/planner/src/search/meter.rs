//! Prices that depend on the volume of all flows together.
//!
//! Providers let a volume leave for nothing each month over all regions, and ask less for each
//! byte beyond large volumes. Which bytes are the free ones is for the bill to say; a plan counts
//! them where they are worth the least, so that it never promises too much.

use std::sync::Arc;

use domain::transfer::{BILLED_GIGABYTE, Tariff};

use super::problem::NEVER;

/// One tariff of a meter.
#[derive(Debug, Clone)]
pub(crate) struct Metered {
    /// What bytes cost by volume.
    pub tariff: Arc<Tariff>,
    /// Bytes from which on it is paid: those that are free and those already used.
    pub from: u64,
}

/// Tariffs of one provider that share a free volume.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    /// Bytes that are still free.
    pub free: u64,
    /// The tariffs.
    pub tariffs: Vec<Metered>,
}

impl Metered {
    /// Micros for bytes when none of them is free.
    fn paid(&self, bytes: u64) -> i64 {
        self.tariff.cost(bytes, self.from).micros.clamp(0, NEVER)
    }

    /// Whether every byte of so large a volume is paid at one rate.
    pub(crate) fn is_flat(&self, whole: u64) -> bool {
        self.tariff.tiers().iter().all(|&(edge, _)| {
            edge.is_none_or(|edge| {
                let edge = edge.saturating_mul(BILLED_GIGABYTE);
                edge <= self.from || edge >= self.from.saturating_add(whole)
            })
        })
    }

    /// Micros for the first billed gigabyte.
    fn rate(&self) -> i64 {
        self.paid(BILLED_GIGABYTE)
    }
}

impl Meter {
    /// Micros for volumes by tariff.
    pub(crate) fn price(&self, volumes: &[u64]) -> i64 {
        let mut order: Vec<usize> = (0..volumes.len()).filter(|&at| volumes[at] > 0).collect();
        order.sort_by_key(|&at| (self.tariffs[at].rate(), at));
        let mut free = self.free;
        let mut total = 0_i64;
        for at in order {
            let given = free.min(volumes[at]);
            free -= given;
            total = total
                .saturating_add(self.tariffs[at].paid(volumes[at] - given))
                .min(NEVER);
        }
        total
    }

    /// The least that bytes under a tariff can come to beside others when none of them is free:
    /// their part at the average rate of the largest volume, which is the lowest.
    pub(crate) fn paid_share(&self, tariff: usize, bytes: u64, whole: u64) -> i64 {
        let metered = &self.tariffs[tariff];
        let (alone, all) = (metered.paid(bytes), metered.paid(whole));
        let flat = metered.is_flat(whole);
        // One micro less, so that rounding of the parts cannot pass the rounded whole.
        let flat_share = if bytes == whole { alone } else { alone - 1 };
        if flat || bytes >= whole {
            return flat_share.max(0);
        }
        let share = i128::from(all) * i128::from(bytes) / i128::from(whole.max(1)) - 1;
        i64::try_from(share.max(0)).unwrap_or(NEVER).min(alone)
    }

    /// The least that bytes can come to when they may have the whole free volume.
    pub(crate) fn least_share(&self, tariff: usize, bytes: u64, whole: u64) -> i64 {
        let beyond = bytes.saturating_sub(self.free);
        if beyond == 0 {
            0
        } else {
            self.paid_share(tariff, beyond, whole)
        }
    }

    /// The dearest rate of a billed gigabyte.
    pub(crate) fn dearest(&self) -> i64 {
        self.tariffs.iter().map(Metered::rate).max().unwrap_or(0)
    }

    /// Micros for bytes at a part (in units of 2^-20) of the dearest rate, rounded down.
    pub(crate) fn worth(&self, part: i64, bytes: u64) -> i64 {
        let gigabytes =
            i128::from(bytes) * i128::from(self.dearest()) / i128::from(BILLED_GIGABYTE);
        i64::try_from((gigabytes * i128::from(part)) >> 20)
            .unwrap_or(NEVER)
            .min(NEVER)
    }
}
