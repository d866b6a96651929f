//! Reaching another host: directly, looked up once, every address judged and the judged one dialled;
//! or through the next proxy, which does the looking up.

use super::{Asker, Policy, Refused, Target, Upstream};
use std::io::{Error, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// By which way other hosts are reached.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) policy: Policy,
    pub(crate) upstream: Option<Upstream>,
    /// For each step.
    pub(crate) patience: Duration,
}

/// A stream to another host, whatever is between.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Way {
    /// The next proxy, when a target is reached through it. Callers from elsewhere are not: what is
    /// at the end of that way cannot be judged here.
    pub(super) fn through(&self, asker: Asker, target: &Target) -> Option<&Upstream> {
        let upstream = self.upstream.as_ref()?;
        (asker == Asker::Here && upstream.leads_to(target)).then_some(upstream)
    }

    /// Opens a stream to a target for someone.
    ///
    /// # Errors
    /// That the target may not be reached or cannot be.
    pub(crate) async fn stream(
        &self,
        asker: Asker,
        target: &Target,
    ) -> Result<Box<dyn Stream>, Refused> {
        let Some(upstream) = self.through(asker, target) else {
            return Ok(Box::new(self.dial(asker, target).await?));
        };
        let stream = self.dial_upstream(upstream, asker, target).await?;
        let opened = timeout(self.patience, upstream.tunnel(stream, target)).await;
        let opened = opened.map_err(|_| Refused::Slow(target.clone()))??;
        Ok(Box::new(hyper_util::rt::TokioIo::new(opened)))
    }

    /// Opens a connection to the next proxy for a target that may be reached.
    pub(super) async fn dial_upstream(
        &self,
        upstream: &Upstream,
        asker: Asker,
        target: &Target,
    ) -> Result<TcpStream, Refused> {
        self.policy.allows(asker, target)?;
        if let Ok(address) = target.host.parse::<IpAddr>() {
            self.policy.allows_address(asker, target, address)?;
        }
        // It was named by whoever set this server up, so where it is needs no judging.
        let dialled = TcpStream::connect((upstream.target.host.as_str(), upstream.target.port));
        let dialled = timeout(self.patience, dialled).await;
        let dialled = dialled.map_err(|_| Refused::Slow(upstream.target.clone()))?;
        dialled
            .map(keep_alive)
            .map_err(|source| Refused::Unreachable {
                target: upstream.target.clone(),
                source,
            })
    }

    /// Opens a connection to a target itself.
    pub(super) async fn dial(&self, asker: Asker, target: &Target) -> Result<TcpStream, Refused> {
        self.policy.allows(asker, target)?;
        let reached = timeout(self.patience, reach(self.policy, asker, target)).await;
        let reached = reached.map_err(|_| Refused::Slow(target.clone()))?;
        reached.map(keep_alive)
    }
}

/// A connection whose small messages do not wait for each other, and whose dead end is noticed.
fn keep_alive(stream: TcpStream) -> TcpStream {
    let _ = stream.set_nodelay(true);
    let _ = nix::sys::socket::setsockopt(&stream, nix::sys::socket::sockopt::KeepAlive, &true);
    stream
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
