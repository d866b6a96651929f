//! Each of the four laws, attacked on purpose.

use crate::simulation::Simulation;
use control::driver;
use control::jobs::NewJob;
use domain::job::{Entry, JobSpec, Phase};
use domain::{JobId, TicketId, Workspace};

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
    let new = NewJob {
        foreign: None,
        id: None,
        spec: spec(),
    };
    server
        .submit_job(&Simulation::caller(), &new)
        .await
        .unwrap();
    driver::drain(&server).await.unwrap();
    let before = simulation.jobs().await;
    assert!(matches!(
        before[0].phase,
        Phase::Running { .. } | Phase::Starting { .. }
    ));
    for _ in 0..5 {
        server.hints.wake([control::rows::Stored::key(&before[0])]);
        driver::drain(&server).await.unwrap();
    }
    assert_eq!(simulation.jobs().await, before);
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
