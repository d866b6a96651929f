//! Supervisors that were started before there was a ticket.

use crate::local::{Here, PATIENCE, config, here, shell, ticket};
use contracts::backend::{Observation, Removal};
use domain::ByteSize;
use domain::job::{BrokenLimit, Ending, Entry, FailureKind, JobSpec};
use std::path::Path;
use std::time::Instant;
use tradewind_providers::local::{Config, provider};

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
async fn jobs_that_are_alike_are_forked_and_each_is_heard() {
    let data = tempfile::tempdir().unwrap();
    // Environments are kept between runs of the tests.
    let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).join("providers-data");
    let provider = provider(Config {
        shared,
        ..config(data.path())
    });
    let here = Here { data, provider };
    let code = tempfile::tempdir().unwrap();
    let script = "import os\n\
        print(open('/proc/%d/cmdline' % os.getppid()).read().replace('\\0', ' '))\n\
        print(os.environ['ONLY'], os.getcwd())\n";
    std::fs::write(code.path().join("main.py"), script).unwrap();
    let mut lines = Vec::new();
    for number in 1..=5 {
        let mut work = shell("");
        work.spec = JobSpec::new(Entry::Script {
            path: "main.py".into(),
            arguments: Vec::new(),
        });
        work.code = Some(code.path().into());
        work.env.insert("ONLY".into(), number.to_string());
        let ticket = ticket(number);
        here.backend()
            .ensure(&ticket, &work, &self::here())
            .await
            .unwrap();
        assert_eq!(here.exit(&ticket).await.ending, Ending::Completed);
        let printed = here.lines(&ticket).await.into_iter();
        let printed = printed.filter(|line| line.stream == "out");
        lines.push(printed.map(|line| line.text).collect::<Vec<String>>());
        assert_eq!(here.backend().remove(&ticket).await.unwrap(), Removal::Gone);
    }
    for (index, printed) in lines.iter().enumerate() {
        assert!(
            printed[1].starts_with(&(index + 1).to_string()),
            "{lines:#?}"
        );
    }
    // Those that waited when the second came are of before. Without rights there are no forks.
    let last = lines.last().unwrap();
    let has_view = last[1].ends_with(" /opt/ml/code");
    if nix::unistd::geteuid().is_root() && has_view {
        assert!(last[0].contains("--forked"), "{lines:#?}");
    }
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
