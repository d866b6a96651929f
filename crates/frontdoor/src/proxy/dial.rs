//! Reaching another host: looked up once, every address judged, and the judged one dialled.

use super::{Asker, Policy, Refused, Target};
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// Opens a connection to a target for someone.
///
/// # Errors
/// That the target may not be reached or cannot be.
pub(crate) async fn dial(
    policy: Policy,
    asker: Asker,
    target: &Target,
    patience: Duration,
) -> Result<TcpStream, Refused> {
    policy.allows(asker, target)?;
    let reached = timeout(patience, reach(policy, asker, target)).await;
    let stream = reached.map_err(|_| Refused::Slow(target.clone()))??;
    // Small messages of a handshake must not wait for each other; not vital when refused.
    let _ = stream.set_nodelay(true);
    let _ = nix::sys::socket::setsockopt(&stream, nix::sys::socket::sockopt::KeepAlive, &true);
    Ok(stream)
}

async fn reach(policy: Policy, asker: Asker, target: &Target) -> Result<TcpStream, Refused> {
    let unreachable = |source: Error| Refused::Unreachable {
        target: target.clone(),
        source,
    };
    let found = lookup_host((target.host.as_str(), target.port)).await;
    let found: Vec<SocketAddr> = found.map_err(unreachable)?.collect();
    // One bad address makes the name bad: whoever mixes them wants the judge to see the good one.
    for address in &found {
        policy.allows_address(asker, target, address.ip())?;
    }
    let mut last = Error::new(ErrorKind::NotFound, "the name has no address");
    for address in found {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(unreachable(last))
}
