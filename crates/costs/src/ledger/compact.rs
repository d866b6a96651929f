//! Many small segments of one issuer and month become one, so that what is metered every minute
//! does not slow questions down.

use super::{Ledger, Lock, Manifest, Part};
use crate::Error;
use crate::lines::each_row;
use crate::parts::Parts;
use crate::segment::Segment;

/// So many segments of one issuer and month are left apart.
const LEFT_APART: usize = 16;

impl Ledger {
    /// Joins the segments of every issuer and month that has too many; returns how many are gone.
    ///
    /// # Errors
    /// When the ledger is being changed, or a segment cannot be read or written.
    pub fn compact(&self) -> Result<usize, Error> {
        let lock = self.lock()?;
        let manifest = self.manifest()?;
        let mut heaps: Vec<(String, domain::Timestamp, Vec<Part>)> = Vec::new();
        for part in &manifest.parts {
            let heap = heaps
                .iter_mut()
                .find(|(i, m, _)| *i == part.issuer && *m == part.month);
            match heap {
                Some((_, _, parts)) => parts.push(part.clone()),
                None => heaps.push((part.issuer.clone(), part.month, vec![part.clone()])),
            }
        }
        heaps.retain(|(_, _, parts)| parts.len() > LEFT_APART);
        if heaps.is_empty() {
            return Ok(0);
        }
        self.join(&lock, manifest, heaps)
    }

    fn join(
        &self,
        lock: &Lock,
        mut manifest: Manifest,
        heaps: Vec<(String, domain::Timestamp, Vec<Part>)>,
    ) -> Result<usize, Error> {
        let before = manifest.parts.len();
        let mut written = Parts::new(self, &manifest);
        for (issuer, _, heap) in &heaps {
            for part in heap {
                let segment = Segment::open(&self.segment_path(&part.file))?;
                each_row(&segment, |row| written.push(issuer, row).map(drop))?;
                written.came_from(issuer, part.month, &part.from);
            }
        }
        let joined = written.finish()?;
        let gone = |part: &Part| heaps.iter().any(|(_, _, heap)| heap.contains(part));
        manifest.parts.retain(|part| !gone(part));
        manifest.parts.extend(joined);
        manifest.generation += 1;
        self.commit(lock, &manifest)?;
        Ok(before - manifest.parts.len())
    }
}
