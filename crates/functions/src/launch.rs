//! Starts an instance of either kind, in a control group of its own.

use crate::instance::Instance;
use crate::log::InstanceLog;
use crate::plane::Inner;
use crate::pool::{Pool, Slot};
use crate::preparation::{self, Ready};
use crate::runtime_api;
use crate::worker::Worker;
use runtimes::control_group::ControlGroup;
use serving::replica::Birth;
use serving::{LaunchError, LaunchOrder, ReplicaLauncher};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::{Instant, timeout};

impl Inner {
    /// Starts an instance within a time; an error comes with whether memory was the reason.
    pub(crate) async fn launch(
        &self,
        pool: &Arc<Pool>,
        within: Duration,
    ) -> Result<Slot, (LaunchError, bool)> {
        let ready = &pool.ready;
        let number = self.numbers.fetch_add(1, Relaxed);
        let key = (ready.target.workspace.clone(), ready.target.name.clone());
        let stream = preparation::stream(&self.config, &ready.target);
        let log = self.logs.instance(key, stream, number);
        let name = self.group_name(number);
        let marker = self.mark(&name);
        let begun = timeout(within, self.begin(ready, number, &log)).await;
        let limit = preparation::start_limit(&ready.target.spec);
        let begun = begun.unwrap_or(Err(LaunchError::TimedOut(limit)));
        let (instance, birth) = match begun {
            Ok(made) => made,
            Err(error) => {
                let _ = std::fs::remove_file(&marker);
                log.write(&format!("INIT_REPORT Status: error: {error}"));
                return Err((error, ready.group.is_out_of_memory()));
            }
        };
        let counter = match birth {
            Birth::Forked => &pool.counts.forked,
            Birth::Fresh | Birth::FreshBecause(_) => &pool.counts.fresh,
        };
        counter.fetch_add(1, Relaxed);
        let group = instance.process().and_then(|process| {
            let group = ControlGroup::create(&name, preparation::quota(&ready.target));
            group.adopt(process).then_some(group)
        });
        Ok(Slot {
            instance,
            log,
            birth,
            group,
            marker,
            ready: Arc::clone(ready),
            since: Instant::now(),
        })
    }

    async fn begin(
        &self,
        ready: &Ready,
        number: u64,
        log: &Arc<InstanceLog>,
    ) -> Result<(Box<dyn Instance>, Birth), LaunchError> {
        if let Some(line) = &ready.command {
            let instance = runtime_api::start(ready, line, log).await?;
            return Ok((Box::new(instance), Birth::Fresh));
        }
        let order = LaunchOrder {
            endpoint: ready.endpoint.clone(),
            deployment: Arc::clone(&ready.deployment),
            number,
            limits: ready.limits,
            engine: serving::replica::Engine::Python(None),
        };
        let replica = self.launcher.launch(&order).await?;
        let birth = replica.facts().birth.clone();
        Ok((Box::new(Worker::new(replica, ready.most_answer)), birth))
    }
}
