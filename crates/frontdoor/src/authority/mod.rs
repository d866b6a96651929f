//! The local certificate authority: made at first start, kept in the data folder, and bound by its
//! own certificate to the clouds' names, so that a stolen key is of no use for any other host.

mod files;
mod leaves;
mod sign;

pub use files::{Facts, describe, remove};

use crate::{Error, names};
use contracts::world::World;
use leaves::Leaves;
use rustls::ServerConfig;
use std::path::Path;
use std::sync::Arc;

/// What a subject of every authority of ours begins with; bundles are cleaned of former ones by it.
pub(crate) const SUBJECT: &str = "Tradewind local authority";

/// The authority of a data folder, ready to answer for the clouds' names.
pub struct Authority {
    facts: Facts,
    certificate: Vec<u8>,
    leaves: Leaves,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority")
            .field("facts", &self.facts)
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// Opens the authority of a data folder. It is made when there is none, when it is about to
    /// expire, or when the table of names has changed since. Several processes may do this at once:
    /// they get the same one.
    ///
    /// # Errors
    /// [`Error::File`] when the folder cannot be read or written; [`Error::Authority`] when there
    /// is one that is damaged or that others can read.
    pub fn open(data: &Path, world: &World) -> Result<Self, Error> {
        let kept = files::open(data, world)?;
        let facts = kept.facts.clone();
        let certificate = kept.certificate.clone();
        let leaves = Leaves::new(kept, world.clone())?;
        Ok(Self {
            facts,
            certificate,
            leaves,
        })
    }

    /// What `doctor` shows.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The certificate that programs must trust, in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// How TLS is spoken under a host name, with a certificate of that name alone, from the cache
    /// or made now; HTTP/2 and HTTP/1.1 are offered.
    ///
    /// # Errors
    /// [`Error::NotACloud`] for every name that is not one of [`names::DOMAINS`].
    pub fn tls(&self, host: &str) -> Result<Arc<ServerConfig>, Error> {
        let Some(name) = names::normalized(host) else {
            return Err(Error::NotACloud(host.to_owned()));
        };
        match names::classify(&name) {
            names::Host::Other => Err(Error::NotACloud(host.to_owned())),
            names::Host::Served(_) | names::Host::Unserved(_) => self.leaves.tls(&name),
        }
    }
}
