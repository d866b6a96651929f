//! What a server does now and then besides answering: files of deleted objects are removed,
//! lifecycle rules are carried out, and what is old is forgotten.

use crate::Settings;
use contracts::world::World;
use domain::Span;
use objects::ObjectStore;
use runtimes::environments::Environments;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::sync::watch;

/// Pause between two rounds.
const PAUSE: Duration = Duration::from_hours(1);

/// What is kept tidy.
#[derive(Clone)]
pub(crate) struct Tidy {
    pub(crate) objects: ObjectStore,
    pub(crate) store: Arc<Store>,
    pub(crate) environments: Environments,
    pub(crate) world: World,
    /// For how long events are kept; unset means for ever.
    events: Option<Span>,
    /// For how long an unused environment is kept; unset means for ever.
    unused: Option<Span>,
}

impl Tidy {
    pub(crate) fn new(
        settings: &Settings,
        objects: ObjectStore,
        store: Arc<Store>,
        environments: Environments,
        world: World,
    ) -> Self {
        let days = |days: u32| (days > 0).then(|| Span::hours(24 * i64::from(days)));
        Self {
            objects,
            store,
            environments,
            world,
            events: days(settings.keep_events_days),
            unused: days(settings.keep_environments_days),
        }
    }

    async fn forget(&self) {
        if let Some(keep) = self.events {
            let before = self.world.now() - keep;
            match self.store.forget_events(before).await {
                Ok(0) => {}
                Ok(forgotten) => tracing::info!(forgotten, "old events were forgotten"),
                Err(error) => tracing::warn!(%error, "old events could not be forgotten"),
            }
        }
        let Some(keep) = self.unused else { return };
        let environments = self.environments.clone();
        let pruned = tokio::task::spawn_blocking(move || environments.prune(keep)).await;
        match pruned {
            Ok(Ok(removed)) => {
                for one in removed {
                    tracing::info!(environment = one.hash, "an unused environment was removed");
                }
            }
            Ok(Err(error)) => tracing::warn!(%error, "unused environments could not be removed"),
            Err(error) => tracing::warn!(%error, "the removal of environments broke off"),
        }
    }
}

/// Keeps everything tidy until `halted` turns true.
pub(crate) async fn keep_tidy(tidy: Tidy, mut halted: watch::Receiver<bool>) {
    while !*halted.borrow() {
        match tidy.objects.expire().await {
            Ok(expired) => tracing::debug!(?expired, "lifecycle rules were carried out"),
            Err(error) => tracing::warn!(%error, "lifecycle rules could not be carried out"),
        }
        match tidy.objects.sweep().await {
            Ok(swept) => tracing::debug!(?swept, "the object store was swept"),
            Err(error) => tracing::warn!(%error, "the object store could not be swept"),
        }
        tidy.forget().await;
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = halted.changed() => {}
        }
    }
}
