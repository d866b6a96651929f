//! Callers from other machines prove themselves before they are carried through to a host: an open
//! proxy would be found and used within the hour.

use super::Open;
use crate::proxy::{Asker, Refused, Target};
use async_trait::async_trait;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::net::SocketAddr;

/// Knows API keys and who is confined.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Whether a secret is a key that is good here.
    async fn admits(&self, secret: &str) -> bool;

    /// Whether a connection comes from a process that may reach this server and nothing else.
    fn confines(&self, peer: SocketAddr) -> bool;
}

impl Open {
    /// Who is at the other end of a connection.
    pub(super) fn asker(&self, peer: SocketAddr) -> Asker {
        if self.gate.confines(peer) {
            return Asker::Confined;
        }
        Asker::at(peer.ip())
    }

    /// Whether the caller may be carried through: whoever is on this machine, and others with a
    /// key, where the setting lets them at all.
    pub(super) async fn proven(
        &self,
        asker: Asker,
        target: &Target,
        headers: &HeaderMap,
    ) -> Result<(), Refused> {
        self.way.policy.allows(asker, target)?;
        if asker == Asker::Here {
            return Ok(());
        }
        match password(headers) {
            Some(secret) if self.gate.admits(&secret).await => Ok(()),
            _ => Err(Refused::Unproven),
        }
    }
}

/// The password that a client sends to its proxy (RFC 7617), whatever the user is called.
fn password(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::PROXY_AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (_, password) = text.split_once(':')?;
    Some(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_read_and_nothing_else() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::PROXY_AUTHORIZATION, value.parse().unwrap());
            password(&headers)
        };
        let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        assert_eq!(read(&basic("me:a:b")).as_deref(), Some("a:b"));
        assert_eq!(read("Bearer a:b"), None);
        assert_eq!(read(&basic("nothing")), None);
        assert_eq!(read("Basic ???"), None);
        assert_eq!(password(&HeaderMap::new()), None);
    }
}
