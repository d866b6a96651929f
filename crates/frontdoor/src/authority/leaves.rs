//! Certificates of single hosts, made when first asked for and kept while they are good. Their key
//! lives in memory only.

use super::files::Kept;
use super::sign::{self, days};
use crate::Error;
use crate::names::normalized;
use contracts::world::World;
use domain::Timestamp;
use rcgen::{Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Hosts whose certificates are kept; a program that makes up names must not fill the memory.
const MOST: usize = 512;

/// The certificates of hosts.
pub(super) struct Leaves {
    issuer: Issuer<'static, KeyPair>,
    /// Until when the authority is good.
    last: Timestamp,
    key: KeyPair,
    world: World,
    kept: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    hosts: HashMap<String, Leaf>,
    /// Counts uses, so that the one used longest ago is known.
    uses: u64,
}

struct Leaf {
    tls: Arc<ServerConfig>,
    expires: Timestamp,
    used: u64,
}

/// Answers for one host. A client that asks for another name (SNI, RFC 6066 §3) than the one it
/// dialled is turned away with an alert.
#[derive(Debug)]
struct OnlyAs {
    host: String,
    certified: Arc<CertifiedKey>,
}

impl ResolvesServerCert for OnlyAs {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_meant = match hello.server_name() {
            Some(asked) => normalized(asked).as_deref() == Some(self.host.as_str()),
            None => true,
        };
        is_meant.then(|| self.certified.clone())
    }
}

impl Leaves {
    pub(super) fn new(authority: Kept, world: World) -> Result<Self, Error> {
        let params = sign::authority_params(&authority.facts.subject);
        Ok(Self {
            last: authority.facts.expires,
            issuer: Issuer::new(params, authority.key),
            key: KeyPair::generate()?,
            world,
            kept: Mutex::default(),
        })
    }

    /// How TLS is spoken under a name of the table.
    pub(super) fn tls(&self, host: &str) -> Result<Arc<ServerConfig>, Error> {
        let mut cache = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        cache.uses += 1;
        let uses = cache.uses;
        let now = self.world.now();
        if let Some(leaf) = cache.hosts.get_mut(host)
            && leaf.expires.0 > now.0 + days(sign::RENEWAL_DAYS)
        {
            leaf.used = uses;
            return Ok(leaf.tls.clone());
        }
        let made = sign::leaf(host, &self.key, &self.issuer, self.last, &self.world)?;
        let tls = self.config(host, made.certificate)?;
        if cache.hosts.len() >= MOST {
            let oldest = cache.hosts.iter().min_by_key(|(_, leaf)| leaf.used);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                cache.hosts.remove(&oldest);
            }
        }
        let leaf = Leaf {
            tls: tls.clone(),
            expires: made.expires,
            used: uses,
        };
        cache.hosts.insert(host.to_owned(), leaf);
        Ok(tls)
    }

    fn config(&self, host: &str, certificate: Vec<u8>) -> Result<Arc<ServerConfig>, Error> {
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        let provider = Arc::new(ring::default_provider());
        let chain = vec![CertificateDer::from(certificate)];
        let certified = CertifiedKey::from_der(chain, PrivateKeyDer::from(key), &provider)?;
        let resolver = OnlyAs {
            host: host.to_owned(),
            certified: Arc::new(certified),
        };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A handshake costs two signatures on this machine; tickets for each host would cost more.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }

    #[cfg(test)]
    fn count(&self) -> usize {
        self.kept.lock().unwrap().hosts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;
    use contracts::world::{Clock, Entropy};

    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp(1_800_000_000_000)
        }
    }

    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let world = World {
            clock: Arc::new(Fixed),
            entropy: Arc::new(Fixed),
        };
        let kept = files::open(folder.path(), &world).unwrap();
        let leaves = Leaves::new(kept, world).unwrap();
        let first = leaves.tls("s3.amazonaws.com").unwrap();
        for number in 0..MOST + 20 {
            leaves.tls(&format!("b{number}.s3.amazonaws.com")).unwrap();
            let again = leaves.tls("s3.amazonaws.com").unwrap();
            assert!(Arc::ptr_eq(&first, &again), "made again at {number}");
        }
        assert_eq!(leaves.count(), MOST);
    }
}
