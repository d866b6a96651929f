//! The only place that wires: settings, the store, the providers, the data plane, the dialects
//! and the listener become one server here.

mod alerts;
mod announce;
mod assemble;
mod dispatch;
mod door;
mod error;
mod functions;
mod jobs;
mod leftover;
mod listen;
mod maintain;
pub mod market;
mod meter;
mod otlp;
mod schedules;
mod services;
mod settings;
mod spending;
mod staging;
mod stalled;
mod streams;
mod world;

pub use announce::{Announcement, Credentials, announced, credentials};
pub use error::Error;
pub use settings::Settings;
pub use world::system_world;

use control::driver;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::watch;

/// How long the database may take to be closed.
const CLOSING: Duration = Duration::from_secs(10);

/// Runs a server until it is told to stop by SIGTERM or SIGINT, or `stop` turns true. Says where
/// it listens by `ready`.
///
/// # Errors
/// Everything that keeps a server from starting: a data folder that cannot be written or is in
/// use, a database that cannot be opened, an address that is taken.
pub async fn serve(
    settings: Settings,
    mut stop: watch::Receiver<bool>,
    ready: impl FnOnce(&Announcement),
) -> Result<(), Error> {
    let settings = settings.checked()?;
    let listener = listen::bind(&settings).await?;
    let assembled = assemble::assemble(&settings).await?;
    let announcement = announce::announce(&settings, &listener, &assembled.aws).await?;
    jobs::lend(&settings, &announcement, &assembled.aws, &assembled.control).await?;
    functions::listens(
        &assembled.functions,
        &assembled.walls,
        &announcement.address,
    );
    functions::lend(&assembled.functions, &announcement.address, &assembled.aws);
    ready(&announcement);
    tracing::info!(address = %announcement.address, data = %settings.data.display(), "serving");
    let (halt, halted) = watch::channel(false);
    let reconcilers = tokio::spawn(driver::run(assembled.control.clone(), halted.clone()));
    let following = tokio::spawn(functions::follow_objects(
        assembled.control.clone(),
        assembled.objects.clone(),
        halted.clone(),
    ));
    let tidying = tokio::spawn(maintain::keep_tidy(assembled.tidy.clone(), halted.clone()));
    let keeping = tokio::spawn(aws::keep(assembled.aws.clone(), halted.clone()));
    let metering = tokio::spawn(meter::keep_metering(
        assembled.control.clone(),
        assembled.ledger.clone(),
        halted.clone(),
    ));
    let waking = tokio::spawn(schedules::follow(assembled.control.clone(), halted.clone()));
    let watching = tokio::spawn(services::keep_metering(
        services::Watched {
            control: assembled.control.clone(),
            endpoints: assembled.endpoints.clone(),
            objects: assembled.objects.clone(),
            ledger: assembled.ledger.clone(),
        },
        halted.clone(),
    ));
    let mut serving = pin!(listen::serve(listener, assembled.door, halted));
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = listen::told_to_stop(&mut stop) => {
            tracing::info!("stopping; jobs go on under their supervisors");
            let _ = halt.send(true);
            serving.await
        }
    };
    let _ = halt.send(true);
    announce::withdraw(&settings, &announcement);
    let _ = reconcilers.await;
    let _ = tidying.await;
    let _ = keeping.await;
    let _ = following.await;
    let _ = metering.await;
    let _ = watching.await;
    let _ = waking.await;
    assembled.endpoints.shut_down().await;
    assembled.functions.shut_down();
    // Nobody has the folder yet who could read the database while its log is folded in.
    if tokio::time::timeout(CLOSING, assembled.store.close())
        .await
        .is_err()
    {
        tracing::warn!("the database was not closed in time; its log stays beside it");
    }
    drop(assembled.lock);
    served
}
