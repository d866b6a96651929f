//! The life of tickets on this machine, as a reconciler sees it.

use contracts::backend::{
    Backend, LogLine, Observation, Provider, Remains, Removal, StagedFile, Workload,
};
use contracts::environments::{EnvironmentError, Environments};
use domain::environment::Environment;
use domain::job::{Ending, Entry, Exit, JobSpec, Placement};
use domain::{ByteSize, JobId, Money, TicketId, Workspace};
use runtimes::record::Status;
use runtimes::{Layout, Surroundings, files};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tradewind_providers::local::{Config, LocalEnvironments, MachineFacts, provider};

pub const SUPERVISOR: &str = env!("CARGO_BIN_EXE_tradewind-local-supervise");
pub const PATIENCE: Duration = Duration::from_mins(2);

pub fn config(data: &Path) -> Config {
    Config::new(
        data,
        vec![SUPERVISOR.into(), "supervise".into()],
        MachineFacts::read(),
    )
}

pub fn ticket(number: u32) -> TicketId {
    TicketId::of_attempt(&Workspace::default(), &JobId::new("job").unwrap(), number)
}

pub fn shell(line: &str) -> Workload {
    let argv = ["/bin/sh", "-c", line].map(Into::into).to_vec();
    Workload {
        job: JobId::new("job").unwrap(),
        workspace: Workspace::default(),
        spec: JobSpec::new(Entry::Command { argv }),
        code: None,
        inputs: Default::default(),
        env: Default::default(),
    }
}

pub fn here() -> Placement {
    Placement {
        provider: "local".into(),
        region: "here".into(),
        machine_type: "local".into(),
        zone: None,
        purchase: None,
        hourly_price: Money::default(),
        plan: None,
    }
}

/// A provider over a data folder of its own; what still runs at the end is removed.
pub struct Here {
    pub data: tempfile::TempDir,
    pub provider: Provider,
}

impl Here {
    pub fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let provider = provider(config(data.path()));
        Self { data, provider }
    }

    pub fn backend(&self) -> &dyn Backend {
        self.provider.backend.as_ref()
    }

    fn remains(&self) -> &dyn Remains {
        self.provider.remains.as_deref().unwrap()
    }

    pub fn layout(&self, ticket: &TicketId) -> Layout {
        Layout::new(self.data.path().join("tickets").join(ticket.as_str()))
    }

    pub async fn ensure(&self, ticket: &TicketId, line: &str) {
        self.backend()
            .ensure(ticket, &shell(line), &here())
            .await
            .unwrap();
    }

    pub async fn observe(&self, ticket: &TicketId) -> Observation {
        self.backend()
            .observe(std::slice::from_ref(ticket))
            .await
            .unwrap()
            .remove(0)
    }

    /// Waits for an observation by being told of changes, as the reconciler does.
    pub async fn until(
        &self,
        ticket: &TicketId,
        is_it: impl Fn(&Observation) -> bool,
    ) -> Observation {
        let begin = Instant::now();
        loop {
            let seen = self.observe(ticket).await;
            if is_it(&seen) {
                return seen;
            }
            assert!(begin.elapsed() < PATIENCE, "{seen:?}");
            let _ = tokio::time::timeout(PATIENCE, self.backend().changed()).await;
        }
    }

    pub async fn exit(&self, ticket: &TicketId) -> Exit {
        match self
            .until(ticket, |seen| matches!(seen, Observation::Exited { .. }))
            .await
        {
            Observation::Exited { exit } => exit,
            other => panic!("{other:?}"),
        }
    }

    pub async fn heard(&self, ticket: &TicketId, text: &str) {
        let begin = Instant::now();
        loop {
            let lines = self.lines(ticket).await;
            if lines.iter().any(|line| line.text.contains(text)) {
                return;
            }
            let seen = self.observe(ticket).await;
            let ended = matches!(seen, Observation::Exited { .. } | Observation::Lost { .. });
            assert!(
                !ended && begin.elapsed() < PATIENCE,
                "`{text}` never came: {seen:?} {lines:#?}"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub async fn lines(&self, ticket: &TicketId) -> Vec<LogLine> {
        self.remains().log(ticket, 0, 1 << 20).await.unwrap().lines
    }

    pub fn status(&self, ticket: &TicketId) -> Status {
        files::read_record(&self.layout(ticket).status())
            .unwrap()
            .unwrap()
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let Ok(entries) = std::fs::read_dir(self.data.path().join("tickets")) else {
            return;
        };
        for entry in entries.flatten() {
            let _ = runtimes::supervisor::clear(&Layout::new(entry.path()));
        }
    }
}

#[tokio::test]
async fn a_ticket_lives_and_leaves_its_remains() {
    let here = Here::new();
    let one = ticket(1);
    assert_eq!(here.observe(&one).await, Observation::Absent);
    let input = here.data.path().join("rows");
    std::fs::write(&input, "1,2").unwrap();
    let mut workload = shell(
        "cat ${{inputs.train}}/rows.csv; echo; echo loss=0.5; echo err >&2; echo $RUN; \
         echo m > $SM_MODEL_DIR/model.txt; echo o > $TRADEWIND_OUTPUT/o; mkdir -p /opt/ml/output/extra; \
         echo e > ${{outputs.extra}}/e",
    );
    workload.spec.outputs = vec!["extra".into(), "empty".into()];
    workload.env.insert("RUN".into(), "run-7".into());
    let staged = StagedFile {
        path: "rows.csv".into(),
        source: input,
        bytes: 3,
    };
    workload.inputs.insert("train".into(), vec![staged]);
    here.backend()
        .ensure(&one, &workload, &self::here())
        .await
        .unwrap();
    assert_ne!(here.observe(&one).await, Observation::Absent);
    let exit = here.exit(&one).await;
    assert_eq!(
        exit.ending,
        Ending::Completed,
        "{:#?}",
        here.lines(&one).await
    );
    assert!(exit.started.is_some() && exit.ended >= exit.started.unwrap());
    // Idempotent, also after the end.
    here.backend()
        .ensure(&one, &workload, &self::here())
        .await
        .unwrap();
    assert!(matches!(
        here.observe(&one).await,
        Observation::Exited { .. }
    ));

    let lines = here.lines(&one).await;
    let of = |stream: &str| -> Vec<&str> {
        lines
            .iter()
            .filter(|line| line.stream == stream)
            .map(|line| line.text.as_str())
            .collect()
    };
    assert_eq!(of("out"), ["1,2", "loss=0.5", "run-7"]);
    assert_eq!(of("err"), ["err"]);
    let rest = here
        .remains()
        .log(&one, lines[1].next, 1 << 20)
        .await
        .unwrap();
    assert_eq!(rest.lines.len(), lines.len() - 2);
    let metrics = here.remains().metrics(&one, 0).await.unwrap();
    assert_eq!(metrics.len(), 1);
    assert!(here.remains().metrics(&one, 1).await.unwrap().is_empty());
    let outputs = here.remains().outputs(&one).await.unwrap();
    let names: Vec<_> = outputs.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["model", "output", "extra"]);
    let model = &outputs[0].files[0];
    assert_eq!((model.path.as_str(), model.bytes), ("model.txt", 2));
    assert_eq!(std::fs::read_to_string(&model.source).unwrap(), "m\n");
    assert_eq!(outputs[0].content_hash.len(), 64);

    assert_eq!(
        here.backend().inventory().await.unwrap(),
        std::slice::from_ref(&one)
    );
    assert_eq!(here.backend().remove(&one).await.unwrap(), Removal::Gone);
    assert_eq!(here.backend().remove(&one).await.unwrap(), Removal::Gone);
    assert_eq!(here.observe(&one).await, Observation::Absent);
    assert!(here.backend().inventory().await.unwrap().is_empty());
    assert!(here.lines(&one).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_race_start_a_ticket_once() {
    let here = Arc::new(Here::new());
    let others: Vec<Arc<Provider>> = (0..8)
        .map(|_| Arc::new(provider(config(here.data.path()))))
        .collect();
    let count = here.data.path().join("count");
    let line = format!("echo once >> {}", count.display());
    let one = ticket(1);
    let racing = others.iter().map(|other| {
        let (other, one, line) = (Arc::clone(other), one.clone(), line.clone());
        tokio::spawn(async move {
            other
                .backend
                .ensure(&one, &shell(&line), &self::here())
                .await
                .unwrap();
        })
    });
    for task in racing.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(here.exit(&one).await.ending, Ending::Completed);
    assert_eq!(std::fs::read_to_string(count).unwrap(), "once\n");
}

#[tokio::test]
async fn many_tickets_run_at_once_and_are_observed_in_order() {
    let here = Here::new();
    let all: Vec<TicketId> = (1..=20).map(ticket).collect();
    for one in &all {
        here.ensure(one, "exit 3").await;
    }
    for one in &all {
        here.exit(one).await;
    }
    let mut asked = all.clone();
    asked.insert(10, ticket(99));
    let seen = here.backend().observe(&asked).await.unwrap();
    assert_eq!(seen[10], Observation::Absent);
    for (index, seen) in seen.iter().enumerate().filter(|(index, _)| *index != 10) {
        let Observation::Exited {
            exit:
                Exit {
                    ending: Ending::Failed { failure },
                    ..
                },
        } = seen
        else {
            panic!("{index}: {seen:?}");
        };
        assert_eq!(failure.exit_code, Some(3), "{failure:?}");
    }
    assert_eq!(here.backend().inventory().await.unwrap().len(), 20);
}

#[tokio::test]
async fn a_stop_ends_it_and_is_no_error_when_there_is_nothing() {
    let here = Here::new();
    let one = ticket(1);
    here.backend().stop(&one).await.unwrap();
    here.ensure(&one, "echo ready; sleep 1000").await;
    here.heard(&one, "ready").await;
    assert!(matches!(
        here.observe(&one).await,
        Observation::Running { .. }
    ));
    here.backend().stop(&one).await.unwrap();
    assert_eq!(here.exit(&one).await.ending, Ending::Stopped);
    here.backend().stop(&one).await.unwrap();
}

#[tokio::test]
async fn removal_kills_what_runs() {
    let here = Here::new();
    let one = ticket(1);
    here.ensure(&one, "setsid sleep 1000 & echo ready; sleep 1000")
        .await;
    here.heard(&one, "ready").await;
    let status = here.status(&one);
    let begin = Instant::now();
    while here.backend().remove(&one).await.unwrap() == Removal::Pending {
        assert!(begin.elapsed() < PATIENCE);
    }
    assert!(!status.supervisor.is_alive() && !status.process.unwrap().is_alive());
    for group in status.groups {
        assert!(!group.exists(), "{}", group.display());
    }
    assert_eq!(here.observe(&one).await, Observation::Absent);
}

#[tokio::test]
async fn a_killed_supervisor_is_lost_and_never_started_again() {
    let here = Here::new();
    let one = ticket(1);
    here.ensure(&one, "echo ready; sleep 1000").await;
    here.heard(&one, "ready").await;
    let status = here.status(&one);
    assert!(status.supervisor.signal(nix::sys::signal::Signal::SIGKILL));
    here.until(&one, |seen| matches!(seen, Observation::Lost { .. }))
        .await;
    here.ensure(&one, "echo again").await;
    assert!(matches!(here.observe(&one).await, Observation::Lost { .. }));
    assert!(
        !here
            .lines(&one)
            .await
            .iter()
            .any(|line| line.text == "again")
    );
    assert_eq!(here.backend().remove(&one).await.unwrap(), Removal::Gone);
}

#[tokio::test]
async fn a_restart_of_the_machine_is_seen() {
    // What a restart leaves: a status of another boot.
    let here = Here::new();
    let one = ticket(1);
    here.ensure(&one, "echo ready; sleep 1000").await;
    here.heard(&one, "ready").await;
    let real = here.status(&one);
    let mut status = real.clone();
    status.supervisor.boot = "another boot".into();
    files::write_record(&here.layout(&one).status(), &status).unwrap();
    assert!(matches!(here.observe(&one).await, Observation::Lost { .. }));
    files::write_record(&here.layout(&one).status(), &real).unwrap();
    assert!(matches!(
        here.observe(&one).await,
        Observation::Running { .. }
    ));
}

#[tokio::test]
async fn what_a_crash_left_half_done_is_cleared() {
    let here = Here::new();
    let tickets = here.data.path().join("tickets");
    // A process number that no process has.
    let gone = tickets.join(format!("~{}.{}", i32::MAX, ticket(1)));
    std::fs::create_dir_all(&gone).unwrap();
    std::fs::write(gone.join("launch.json"), "{").unwrap();
    std::fs::create_dir_all(tickets.join("not a ticket")).unwrap();
    assert!(here.backend().inventory().await.unwrap().is_empty());
    assert!(!gone.exists());
    // A folder whose supervisor was never started: the next call starts it.
    let one = ticket(2);
    here.ensure(&one, "true").await;
    here.exit(&one).await;
    let launch = std::fs::read(here.layout(&one).launch()).unwrap();
    here.backend().remove(&one).await.unwrap();
    std::fs::create_dir_all(here.layout(&one).folder()).unwrap();
    std::fs::write(here.layout(&one).launch(), launch).unwrap();
    assert_eq!(here.observe(&one).await, Observation::Absent);
    assert_eq!(
        here.backend().inventory().await.unwrap(),
        std::slice::from_ref(&one)
    );
    here.ensure(&one, "true").await;
    assert_eq!(here.exit(&one).await.ending, Ending::Completed);
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_and_a_missing_supervisor_are_errors() {
    let here = Here::new();
    let file = here.data.path().join("file");
    std::fs::write(&file, "").unwrap();
    let broken = provider(config(&file));
    let error = broken
        .backend
        .ensure(&ticket(1), &shell("true"), &self::here())
        .await
        .unwrap_err();
    assert!(error.message.contains("file/tickets"), "{error}");
    let none = vec!["/no/such/tradewind".into()];
    let broken = provider(Config::new(here.data.path(), none, MachineFacts::read()));
    let error = broken
        .backend
        .ensure(&ticket(1), &shell("true"), &self::here())
        .await
        .unwrap_err();
    assert!(error.message.contains("start the supervisor"), "{error}");
    let deaf = vec!["/bin/false".into()];
    let broken = provider(Config::new(here.data.path(), deaf, MachineFacts::read()));
    let error = broken
        .backend
        .ensure(&ticket(1), &shell("true"), &self::here())
        .await
        .unwrap_err();
    assert!(error.message.contains("did not start"), "{error}");
    // Nothing of this has used the ticket up.
    here.ensure(&ticket(1), "true").await;
    assert_eq!(here.exit(&ticket(1)).await.ending, Ending::Completed);
}

#[tokio::test]
async fn limits_come_from_the_workload_else_from_the_settings() {
    let data = tempfile::tempdir().unwrap();
    let mut settings = config(data.path());
    settings.limits.memory = Some(ByteSize::mebibytes(300));
    let here = Here {
        data,
        provider: provider(settings),
    };
    let hog = "python3 -c 'x = bytearray(400 << 20)'";
    here.ensure(&ticket(1), hog).await;
    let Ending::Failed { failure } = here.exit(&ticket(1)).await.ending else {
        panic!("it lived")
    };
    assert!(failure.message.contains("300 MiB"), "{}", failure.message);
    let mut workload = shell(hog);
    workload.spec.limits.memory = Some(ByteSize::gibibytes(1));
    here.backend()
        .ensure(&ticket(2), &workload, &self::here())
        .await
        .unwrap();
    assert_eq!(here.exit(&ticket(2)).await.ending, Ending::Completed);
}

#[tokio::test]
async fn environments_are_made_behind_their_seam() {
    let data = tempfile::tempdir().unwrap();
    let environments = LocalEnvironments::new(data.path(), Surroundings::of_this_process());
    let prepared = environments
        .prepare(&Environment::default(), &|_| {})
        .await
        .unwrap();
    assert!(prepared.python.exists() && !prepared.hash.is_empty());
    let image = Environment::Image { uri: "x".into() };
    let error = environments.prepare(&image, &|_| {}).await.unwrap_err();
    assert!(matches!(error, EnvironmentError::Unsupported(_)), "{error}");
    let climbing = Environment::Python {
        version: None,
        requirements: vec!["-r ../x".into()],
        strict: false,
    };
    let error = environments.prepare(&climbing, &|_| {}).await.unwrap_err();
    assert!(
        matches!(error, EnvironmentError::Unresolvable(_)),
        "{error}"
    );
    let _: PathBuf = prepared.python;
}
