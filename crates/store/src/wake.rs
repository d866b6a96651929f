//! Waking those who wait for changes: in this process through a watch channel that the writer
//! feeds, between servers through PostgreSQL's LISTEN and NOTIFY. Neither is relied upon: waiters
//! look for themselves once a second.

use crate::fault::Place;
use sqlx::AnyConnection;
use sqlx::Error;
use sqlx::postgres::{PgListener, PgPoolOptions};
use std::time::Duration;
use tokio::sync::watch;

/// The channel of NOTIFY; its messages are the number of the last event.
const CHANNEL: &str = "tradewind_changes";

/// How long to wait before a lost listener is replaced.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells other servers, once the transaction is kept.
pub(crate) async fn tell(
    on: &mut AnyConnection,
    place: &Place,
    sequence: i64,
) -> Result<(), Error> {
    if matches!(place, Place::Postgres { .. }) {
        sqlx::query("SELECT CAST(pg_notify($1, $2) AS TEXT)")
            .bind(CHANNEL)
            .bind(sequence.to_string())
            .execute(on)
            .await?;
    }
    Ok(())
}

/// Hears what other servers tell, until nobody is left who could wait for it.
pub(crate) async fn listen(url: String, sequence: watch::Sender<i64>) {
    loop {
        let lost = tokio::select! {
            () = sequence.closed() => return,
            lost = hear(&url, &sequence) => lost,
        };
        if let Err(error) = lost {
            tracing::warn!(%error, "lost the listener for changes of other servers");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear(url: &str, sequence: &watch::Sender<i64>) -> Result<(), Error> {
    let pool = PgPoolOptions::new().max_connections(1).connect(url).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    // `None` is a connection that was lost and will be replaced by the loop above.
    while let Some(notice) = listener.try_recv().await? {
        if let Ok(told) = notice.payload().parse::<i64>() {
            sequence.send_if_modified(|last| {
                let newer = told > *last;
                *last = told.max(*last);
                newer
            });
        }
    }
    Ok(())
}
