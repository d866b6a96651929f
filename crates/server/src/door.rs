//! The front door with what it has to know of this server: its API keys, its settings, and how this
//! machine reaches others.

use crate::{Error, Settings};
use async_trait::async_trait;
use axum::Router;
use control::Control;
use frontdoor::environment::next_proxy;
use frontdoor::listener::{Gate, Patience};
use frontdoor::proxy::Upstream;
use frontdoor::{Authority, FrontDoor};
use runtimes::Surroundings;
use std::net::SocketAddr;
use std::sync::Arc;

/// A front door before a router.
pub(crate) fn made(
    settings: &Settings,
    router: Router,
    authority: Authority,
    surroundings: &Surroundings,
    control: Arc<Control>,
) -> Result<FrontDoor, Error> {
    Ok(FrontDoor {
        router,
        authority: Arc::new(authority),
        proxy: settings.proxy.clone(),
        upstream: upstream(settings, surroundings)?,
        gate: Arc::new(Keys(control)),
        patience: Patience::default(),
    })
}

/// API keys and connections of confined processes, as the front door asks for them.
struct Keys(Arc<Control>);

#[async_trait]
impl Gate for Keys {
    async fn admits(&self, secret: &str) -> bool {
        self.0.authenticate(secret).await.is_ok()
    }

    fn confines(&self, peer: SocketAddr) -> bool {
        functions::is_confined(peer)
    }
}

/// The proxy through which this machine reaches others, by the settings, else by its variables.
fn upstream(settings: &Settings, surroundings: &Surroundings) -> Result<Option<Upstream>, Error> {
    if let Some(url) = &settings.proxy.upstream {
        if url.is_empty() {
            return Ok(None);
        }
        let read = Upstream::parse(url, "").map(Some);
        return read.map_err(|error| Error::Upstream(error.to_string()));
    }
    let Some((url, direct)) = next_proxy(&surroundings.variables) else {
        return Ok(None);
    };
    let read = Upstream::parse(url, direct);
    if let Err(error) = &read {
        tracing::warn!(%error, "the variable HTTPS_PROXY is left out of account");
    }
    Ok(read.ok())
}
