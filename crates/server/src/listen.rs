//! The port: taken at start, answered by the front door until told to stop.

use crate::{Error, Settings, leftover, stalled, streams};
use frontdoor::FrontDoor;
use std::io::ErrorKind;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;

/// Takes the address.
pub(crate) async fn bind(settings: &Settings) -> Result<TcpListener, Error> {
    let wanted = TcpListener::bind(&settings.listen).await;
    let bound = match wanted {
        Err(error) if settings.any_port && error.kind() == ErrorKind::AddrInUse => {
            let host = settings
                .listen
                .rsplit_once(':')
                .map_or("127.0.0.1", |(host, _)| host);
            TcpListener::bind(format!("{host}:0")).await
        }
        bound => bound,
    };
    bound.map_err(|source| Error::Listen {
        address: settings.listen.clone(),
        source,
    })
}

/// Answers requests until `halted` turns true; requests under way then are answered first.
pub(crate) async fn serve(
    listener: TcpListener,
    mut door: FrontDoor,
    halted: watch::Receiver<bool>,
) -> Result<(), Error> {
    door.router = door
        .router
        .layer(CatchPanicLayer::new())
        .layer(axum::middleware::from_fn_with_state(
            halted.clone(),
            streams::ended,
        ))
        .layer(axum::middleware::from_fn(leftover::seen_to))
        .layer(axum::middleware::from_fn(stalled::given_up))
        .layer(TraceLayer::new_for_http());
    let address = listener
        .local_addr()
        .map(|a| a.to_string())
        .unwrap_or_default();
    let served = door.serve(listener, halted).await;
    served.map_err(|source| Error::Listen { address, source })
}

/// Waits for SIGTERM, SIGINT or the channel.
pub(crate) async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let asked = async {
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    match (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = asked => {}
            }
        }
        _ => asked.await,
    }
}
