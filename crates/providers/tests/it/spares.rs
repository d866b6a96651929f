//! Supervisors that were started before there was a ticket.

use crate::local::{Here, PATIENCE, here, shell, ticket};
use contracts::backend::{Observation, Removal};
use domain::ByteSize;
use domain::job::{BrokenLimit, Ending, FailureKind};
use std::time::Instant;

/// Says with what arguments the supervisor of the job was started.
const WHO: &str = "tr '\\0' ' ' < /proc/$PPID/cmdline; echo; cat; echo end";

async fn second(line: &str) -> (Here, domain::TicketId) {
    let here = Here::new();
    let (first, second) = (ticket(1), ticket(2));
    here.ensure(&first, "true").await;
    here.exit(&first).await;
    here.ensure(&second, line).await;
    (here, second)
}

#[tokio::test]
async fn the_second_ticket_finds_one_waiting() {
    let (here, second) = second(WHO).await;
    assert_eq!(here.exit(&second).await.ending, Ending::Completed);
    let lines = here.lines(&second).await;
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    assert!(texts[0].contains("--spare"), "{texts:?}");
    // Nothing of the supervisor's own input is left for user code.
    assert_eq!(texts[1..], ["end"]);
    for group in here.status(&second).groups {
        assert!(!group.exists(), "{}", group.display());
    }
    assert!(
        here.layout(&second)
            .folder()
            .join("supervisor.log")
            .exists()
    );
    assert_eq!(here.backend().remove(&second).await.unwrap(), Removal::Gone);
}

#[tokio::test]
async fn what_it_runs_is_limited_and_removed_like_any_other() {
    let (here, second) = second("setsid sleep 1000 & echo ready; sleep 1000").await;
    here.heard(&second, "ready").await;
    let status = here.status(&second);
    let begin = Instant::now();
    while here.backend().remove(&second).await.unwrap() == Removal::Pending {
        assert!(begin.elapsed() < PATIENCE);
    }
    assert!(!status.supervisor.is_alive() && !status.process.unwrap().is_alive());
    for group in status.groups {
        assert!(!group.exists(), "{}", group.display());
    }
    assert_eq!(here.observe(&second).await, Observation::Absent);

    let third = ticket(3);
    let mut greedy = shell("python3 -c 'x = bytearray(600 << 20); x[::4096] = x[::4096]'");
    greedy.spec.limits.memory = Some(ByteSize::mebibytes(128));
    greedy.spec.limits.milli_cpus = Some(1000);
    here.backend()
        .ensure(&third, &greedy, &self::here())
        .await
        .unwrap();
    let Ending::Failed { failure } = here.exit(&third).await.ending else {
        panic!("{:?}", here.lines(&third).await);
    };
    assert_eq!(
        failure.kind,
        FailureKind::Limit(BrokenLimit::Memory),
        "{failure:?}"
    );
}
