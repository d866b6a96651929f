//! The segments of one manifest, all open, so that a change meanwhile takes none of them away.

use super::{Ledger, Part};
use crate::Error;
use crate::segment::Segment;

/// The ledger at one moment.
pub(crate) struct Snapshot {
    pub(crate) segments: Vec<(Part, Segment)>,
}

/// Manifests are tried until all their segments can be opened; each try after the first means that
/// the ledger changed twice in between.
const TRIES: usize = 5;

impl Snapshot {
    pub(crate) fn take(ledger: &Ledger) -> Result<Self, Error> {
        let mut last = None;
        for _ in 0..TRIES {
            match Self::try_take(ledger) {
                Err(Error::Io { path, source })
                    if source.kind() == std::io::ErrorKind::NotFound =>
                {
                    last = Some(Error::Io { path, source });
                }
                other => return other,
            }
        }
        Err(last.unwrap_or_else(|| Error::Invalid("the ledger cannot be read".to_owned())))
    }

    fn try_take(ledger: &Ledger) -> Result<Self, Error> {
        let manifest = ledger.manifest()?;
        let open = |part: Part| -> Result<(Part, Segment), Error> {
            let segment = Segment::open(&ledger.segment_path(&part.file))?;
            Ok((part, segment))
        };
        let segments: Result<Vec<_>, Error> = manifest.parts.into_iter().map(open).collect();
        Ok(Self {
            segments: segments?,
        })
    }
}
