//! This machine behind the `Backend` seam.

use super::changes::{Changes, First};
use super::errors::{of_runtimes, of_system, of_thread};
use super::follow::Supervisor;
use super::spares::{self, Spares};
use super::{Config, launch, tickets};
use contracts::backend::{
    Advice, Backend, BackendError, Observation, Removal, Unsupported, Workload,
};
use domain::environment::Environment;
use domain::function::Network;
use domain::job::{JobSpec, Placement};
use domain::{Span, TicketId};
use runtimes::supervisor::Like;
use runtimes::{Layout, supervisor};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// For a killed supervisor to be gone, before the caller is asked to come again.
const REMOVAL: Duration = Duration::from_millis(500);
/// For another server's supervisor, which has the ticket, to tell that it has.
const OTHER: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);

/// This machine.
#[derive(Debug)]
pub struct LocalBackend {
    pub(super) config: Config,
    changes: Arc<Changes>,
    spares: Arc<Spares>,
}

impl LocalBackend {
    /// With its settings. Nothing is touched before the first call.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            changes: Arc::new(Changes::default()),
            spares: Arc::new(Spares::default()),
        }
    }

    pub(super) fn layout(&self, ticket: &TicketId) -> Result<Layout, BackendError> {
        let folder = tickets::folder(&self.config.tickets(), ticket).map_err(of_runtimes)?;
        Ok(Layout::new(folder))
    }

    /// Does something with the tickets' folder on a thread that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(PathBuf) -> Result<T, runtimes::Error> + Send + 'static,
    ) -> Result<T, BackendError> {
        let root = self.config.tickets();
        tokio::task::spawn_blocking(move || work(root))
            .await
            .map_err(of_thread)?
            .map_err(of_runtimes)
    }

    /// Starts the supervisor of a folder and waits until it has told that it has the ticket. Of
    /// two that are started at the same time one gets it and the other ends at once. Answers
    /// whether the job is like the one before.
    async fn start(
        &self,
        ticket: &TicketId,
        layout: &Layout,
        job: &Like,
    ) -> Result<bool, BackendError> {
        let path = layout.folder().join(supervisor::LOG);
        let (taken, is_alike) = self.spares.take(&self.config.supervisor, job).await;
        let supervisor = if let Some(supervisor) = taken {
            supervisor
        } else {
            let log = File::options().create(true).append(true).open(&path);
            let log = log.map_err(|error| of_system("open the supervisor's log", error))?;
            let child = spares::start_with(&self.config.supervisor, layout.folder(), log)?;
            Supervisor::Child(child)
        };
        let first = self.changes.follow(ticket, supervisor).await;
        if first == First::Works {
            return Ok(is_alike);
        }
        let begin = tokio::time::Instant::now();
        while first == First::Taken && tickets::is_fresh(layout) && begin.elapsed() < OTHER {
            tokio::time::sleep(PAUSE).await;
        }
        if tickets::is_fresh(layout) && layout.folder().exists() {
            let told = runtimes::files::read_text(&path, 2000).unwrap_or_default();
            return Err(BackendError {
                message: format!(
                    "the supervisor of `{ticket}` did not start: {}",
                    told.trim()
                ),
                advice: Advice::RetryHere {
                    after: Span::seconds(1),
                },
                source: None,
            });
        }
        Ok(is_alike)
    }
}

#[async_trait::async_trait]
impl Backend for LocalBackend {
    fn refuses(&self, spec: &JobSpec) -> Vec<Unsupported> {
        refusals(spec, &self.config)
    }

    async fn ensure(
        &self,
        ticket: &TicketId,
        workload: &Workload,
        _at: &Placement,
    ) -> Result<(), BackendError> {
        let (config, name, workload) = (self.config.clone(), ticket.clone(), workload.clone());
        let (layout, launch) = self
            .blocking(move |root| {
                let launch = launch::launch(&config, &name, &workload);
                Ok((tickets::create(&root, &name, &launch)?, launch))
            })
            .await?;
        if tickets::is_fresh(&layout) {
            let folder = layout.folder().to_owned();
            let job = Like { folder, launch };
            let is_alike = self.start(ticket, &layout, &job).await?;
            let spares = &self.spares;
            spares.fill(&self.config.supervisor, &job, is_alike).await;
        }
        Ok(())
    }

    async fn observe(&self, tickets: &[TicketId]) -> Result<Vec<Observation>, BackendError> {
        let all = tickets.to_vec();
        let observations: Vec<Observation> = self
            .blocking(move |root| all.iter().map(|one| tickets::observe(&root, one)).collect())
            .await?;
        for (ticket, observation) in tickets.iter().zip(&observations) {
            match observation {
                Observation::Preparing { .. } | Observation::Running { .. } => {
                    self.changes.is_alive(ticket);
                }
                _ => self.changes.is_over(ticket),
            }
        }
        Ok(observations)
    }

    async fn stop(&self, ticket: &TicketId) -> Result<(), BackendError> {
        let layout = self.layout(ticket)?;
        self.blocking(move |_| supervisor::request_stop(&layout))
            .await
    }

    async fn remove(&self, ticket: &TicketId) -> Result<Removal, BackendError> {
        let begin = tokio::time::Instant::now();
        loop {
            let name = ticket.clone();
            if self
                .blocking(move |root| tickets::remove(&root, &name))
                .await?
            {
                self.changes.is_over(ticket);
                return Ok(Removal::Gone);
            }
            if begin.elapsed() > REMOVAL {
                return Ok(Removal::Pending);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn inventory(&self) -> Result<Vec<TicketId>, BackendError> {
        self.blocking(|root| tickets::inventory(&root)).await
    }

    async fn changed(&self) {
        self.changes.wait().await;
    }
}

fn refusals(spec: &JobSpec, config: &Config) -> Vec<Unsupported> {
    let machine = config.machine;
    let mut refusals = Vec::new();
    let mut refuse = |demand: &str, reason: String| {
        refusals.push(Unsupported {
            demand: demand.to_owned(),
            reason,
        });
    };
    if let Environment::Image { uri } = &spec.environment {
        refuse(
            "image",
            format!(
                "the image `{uri}` needs a container engine, which this machine does not have; \
                 give Python requirements or a framework instead"
            ),
        );
    }
    let resources = &spec.resources;
    let accelerators: u32 = resources.accelerators.values().sum();
    if accelerators > machine.accelerators {
        refuse(
            "accelerators",
            format!(
                "{accelerators} are wanted and this machine has {}",
                machine.accelerators
            ),
        );
    }
    let cpus = resources.milli_cpus.map_or(0, |amount| amount.least());
    if cpus > machine.cpus * 1000 {
        let wanted = f64::from(cpus) / 1000.0;
        refuse(
            "cpus",
            format!("{wanted} are wanted and this machine has {}", machine.cpus),
        );
    }
    let memory = resources
        .memory
        .map(|amount| amount.least())
        .unwrap_or_default();
    if memory > machine.memory {
        refuse(
            "memory",
            format!("{memory} is wanted and this machine has {}", machine.memory),
        );
    }
    if resources.nodes > 1 && spec.network != Network::Open {
        refuse(
            "network",
            "hosts of a gang that may not reach the network could not reach each other here; \
             take one machine"
                .to_owned(),
        );
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::MachineFacts;
    use domain::ByteSize;
    use domain::job::Entry;
    use domain::resources::Amount;

    #[test]
    fn what_this_machine_lacks_is_refused_with_reasons() {
        let machine = MachineFacts {
            cpus: 2,
            memory: ByteSize::gibibytes(8),
            accelerators: 0,
        };
        let config = Config::new("/data", vec!["tradewind".into()], machine);
        let mut spec = JobSpec::new(Entry::Command {
            argv: vec!["true".into()],
        });
        assert!(refusals(&spec, &config).is_empty());
        spec.environment = Environment::Image { uri: "x:1".into() };
        spec.resources.accelerators.insert("A100".into(), 8);
        spec.resources.milli_cpus = Some(Amount::AtLeast(4500));
        spec.resources.memory = Some(Amount::Exactly(ByteSize::gibibytes(16)));
        spec.resources.nodes = 2;
        spec.network = Network::Loopback;
        let demands: Vec<String> = refusals(&spec, &config)
            .into_iter()
            .map(|refusal| refusal.demand)
            .collect();
        assert_eq!(
            demands,
            ["image", "accelerators", "cpus", "memory", "network"]
        );
    }
}
