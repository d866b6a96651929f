//! Each of the four laws, attacked on purpose.

use crate::backend::SimulatedBackend;
use crate::simulation::Simulation;
use contracts::backend::{Backend, BackendError, Observation, Removal, Unsupported, Workload};
use control::jobs::NewJob;
use control::{Control, driver};
use domain::job::{Entry, JobSpec, Phase, Placement};
use domain::{JobId, TicketId, Timestamp, Workspace};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

fn spec() -> JobSpec {
    JobSpec::new(Entry::Command {
        argv: vec!["true".to_owned()],
    })
}

/// Law 1 and 2: the backend of every simulation asserts that it hears only of stored tickets;
/// here the store is away at the moment of the commit, so the backend must hear nothing.
#[tokio::test]
async fn a_ticket_that_is_not_stored_reaches_no_provider() {
    for seed in 0..50 {
        let mut simulation = Simulation::new(seed);
        let calm = simulation.server(false);
        let id = JobId::new("job").unwrap();
        let new = NewJob {
            foreign: None,
            id: Some(id),
            spec: spec(),
        };
        calm.submit_job(&Simulation::caller(), &new).await.unwrap();
        simulation.step().await;
        let stored = &simulation.jobs().await[0];
        let live = simulation.backend.tickets();
        assert!(
            live.iter()
                .all(|ticket| stored.phase.ticket() == Some(ticket)),
            "{live:?}"
        );
    }
}

/// Law 3: an activation that nothing changed for changes nothing, however often it is repeated.
#[tokio::test]
async fn an_activation_without_news_writes_nothing() {
    let mut simulation = Simulation::new(1);
    simulation.fuse.off();
    let server = simulation.server(false);
    assert!(rests(&simulation, &server).await);
}

/// Whether a job that nothing happens to stays as it is while it is looked at.
async fn rests(simulation: &Simulation, server: &Control) -> bool {
    let new = NewJob {
        foreign: None,
        id: None,
        spec: spec(),
    };
    server
        .submit_job(&Simulation::caller(), &new)
        .await
        .unwrap();
    driver::drain(server).await.unwrap();
    let before = simulation.jobs().await;
    assert!(matches!(
        before[0].phase,
        Phase::Running { .. } | Phase::Starting { .. }
    ));
    for _ in 0..5 {
        server.hints.wake([control::rows::Stored::key(&before[0])]);
        driver::drain(server).await.unwrap();
    }
    simulation.jobs().await == before
}

/// A provider that shows something new at each look: its reconciler takes the look for news.
struct Restless {
    inner: Arc<SimulatedBackend>,
    looks: AtomicI64,
}

#[async_trait::async_trait]
impl Backend for Restless {
    fn refuses(&self, spec: &JobSpec) -> Vec<Unsupported> {
        self.inner.refuses(spec)
    }
    async fn ensure(
        &self,
        ticket: &TicketId,
        workload: &Workload,
        at: &Placement,
    ) -> Result<(), BackendError> {
        self.inner.ensure(ticket, workload, at).await
    }
    async fn observe(&self, tickets: &[TicketId]) -> Result<Vec<Observation>, BackendError> {
        let since = Timestamp(self.looks.fetch_add(1, Ordering::SeqCst));
        Ok(vec![Observation::Running { since }; tickets.len()])
    }
    async fn stop(&self, ticket: &TicketId) -> Result<(), BackendError> {
        self.inner.stop(ticket).await
    }
    async fn remove(&self, ticket: &TicketId) -> Result<Removal, BackendError> {
        self.inner.remove(ticket).await
    }
    async fn inventory(&self) -> Result<Vec<TicketId>, BackendError> {
        self.inner.inventory().await
    }
    async fn changed(&self) {}
}

/// The control of law 3's test: where each look writes, the test sees it.
#[tokio::test]
async fn an_activation_that_writes_without_news_is_noticed() {
    let mut simulation = Simulation::new(1);
    simulation.fuse.off();
    let mut server = simulation.server(false);
    let restless = Restless {
        inner: simulation.backend.clone(),
        looks: AtomicI64::new(0),
    };
    server.providers.get_mut("simulated").unwrap().backend = Arc::new(restless);
    assert!(!rests(&simulation, &server).await);
}

/// Law 4: what runs without a ticket in the store goes; what has one stays.
#[tokio::test]
async fn orphans_go_and_only_orphans() {
    let mut simulation = Simulation::new(2);
    simulation.fuse.off();
    let server = simulation.server(false);
    let id = JobId::new("job").unwrap();
    let new = NewJob {
        foreign: None,
        id: Some(id.clone()),
        spec: spec(),
    };
    server
        .submit_job(&Simulation::caller(), &new)
        .await
        .unwrap();
    driver::drain(&server).await.unwrap();
    let workspace = Workspace::default();
    let held = TicketId::of_attempt(&workspace, &id, 1);
    for (job, attempt) in [("job", 7), ("never-heard-of", 1)] {
        let job = JobId::new(job).unwrap();
        let ticket = TicketId::of_attempt(&workspace, &job, attempt);
        simulation.backend.plant(ticket, job, spec());
    }
    for _ in 0..20 {
        server.sweep_orphans().await.unwrap();
    }
    assert_eq!(simulation.backend.tickets(), [held]);
}

/// In which order a sweep looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    ProviderFirst,
    StoreFirst,
}

/// A provider in whose listing's wake another server starts a job.
struct Interrupted {
    inner: Arc<SimulatedBackend>,
    other: tokio::sync::Mutex<Option<Control>>,
}

#[async_trait::async_trait]
impl Backend for Interrupted {
    fn refuses(&self, spec: &JobSpec) -> Vec<Unsupported> {
        self.inner.refuses(spec)
    }
    async fn ensure(
        &self,
        ticket: &TicketId,
        workload: &Workload,
        at: &Placement,
    ) -> Result<(), BackendError> {
        self.inner.ensure(ticket, workload, at).await
    }
    async fn observe(&self, tickets: &[TicketId]) -> Result<Vec<Observation>, BackendError> {
        self.inner.observe(tickets).await
    }
    async fn stop(&self, ticket: &TicketId) -> Result<(), BackendError> {
        self.inner.stop(ticket).await
    }
    async fn remove(&self, ticket: &TicketId) -> Result<Removal, BackendError> {
        self.inner.remove(ticket).await
    }
    async fn inventory(&self) -> Result<Vec<TicketId>, BackendError> {
        let listed = self.inner.inventory().await;
        if let Some(other) = self.other.lock().await.take() {
            start_a_job(&other).await;
        }
        listed
    }
    async fn changed(&self) {}
}

async fn start_a_job(server: &Control) {
    let new = NewJob {
        foreign: None,
        id: Some(JobId::new("late").unwrap()),
        spec: spec(),
    };
    let caller = Simulation::caller();
    server.submit_job(&caller, &new).await.unwrap();
    driver::drain(server).await.unwrap();
}

/// How many workloads are left of one that another server started between the two looks.
async fn left_after_a_sweep(order: Order) -> usize {
    let mut simulation = Simulation::new(3);
    simulation.fuse.off();
    let (mut server, other) = (simulation.server(false), simulation.server(false));
    match order {
        Order::ProviderFirst => {
            let interrupted = Interrupted {
                inner: simulation.backend.clone(),
                other: tokio::sync::Mutex::new(Some(other)),
            };
            server.providers.get_mut("simulated").unwrap().backend = Arc::new(interrupted);
            for _ in 0..20 {
                server.sweep_orphans().await.unwrap();
            }
        }
        Order::StoreFirst => {
            let held = simulation.jobs().await;
            start_a_job(&other).await;
            for ticket in simulation.backend.tickets() {
                let is_held = held.iter().any(|job| job.phase.ticket() == Some(&ticket));
                for _ in 0..20 {
                    if !is_held {
                        simulation.backend.remove(&ticket).await.unwrap();
                    }
                }
            }
        }
    }
    simulation.backend.tickets().len()
}

/// Law 4: a job that starts while a sweep is under way is no orphan; by the other order it would
/// be taken for one.
#[tokio::test]
async fn a_job_that_starts_in_the_middle_of_a_sweep_stays() {
    assert_eq!(left_after_a_sweep(Order::ProviderFirst).await, 1);
    assert_eq!(left_after_a_sweep(Order::StoreFirst).await, 0);
}
