//! A ticket's folder with a real supervisor, cleared away whatever happens.

use domain::Timestamp;
use domain::job::{Ending, Failure};
use domain::metric::Metric;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tradewind_runtimes::launch::{Program, Source};
use tradewind_runtimes::printed::{LogRecord, Stream, read_log, read_metrics};
use tradewind_runtimes::record::{Collected, ExitRecord, Status};
use tradewind_runtimes::surroundings::system_time;
use tradewind_runtimes::{Launch, Layout, Surroundings, files, process, supervisor};

pub const SUPERVISOR: &str = env!("CARGO_BIN_EXE_tradewind-supervise");
/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// Environments and tools, kept between runs of the tests.
pub fn data() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("runtimes-data")
}

pub fn surroundings() -> Surroundings {
    let kept = [
        "PATH",
        "HOME",
        "PYENV_ROOT",
        "SSL_CERT_FILE",
        "PIP_CERT",
        "PIP_INDEX_URL",
    ];
    let variables: BTreeMap<String, String> = kept
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
        .collect();
    Surroundings {
        clock: system_time,
        variables,
        program: SUPERVISOR.into(),
    }
}

/// Polls until `done` gives something.
pub fn wait_for<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(begin.elapsed() < PATIENCE, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub struct Ticket {
    pub root: tempfile::TempDir,
    pub layout: Layout,
    pub launch: Launch,
    child: Option<Child>,
}

/// A ticket that runs a Python script of this text.
pub fn python(script: &str) -> Ticket {
    let ticket = Ticket::new(Program::Script {
        path: "main.py".into(),
        arguments: Vec::new(),
    });
    fs::write(ticket.code().join("main.py"), script).unwrap();
    ticket
}

/// A ticket that runs a line by the shell.
pub fn shell(line: &str) -> Ticket {
    Ticket::new(Program::Shell { line: line.into() })
}

impl Ticket {
    pub fn new(program: Program) -> Self {
        let root = tempfile::Builder::new()
            .prefix("ticket-")
            .tempdir()
            .unwrap();
        let name = root
            .path()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let layout = Layout::new(root.path().join(&name));
        let mut launch = Launch::new(name, program, data());
        fs::create_dir_all(layout.folder()).unwrap();
        fs::create_dir_all(root.path().join("code")).unwrap();
        launch.code = Some(Source::Folder {
            path: root.path().join("code"),
        });
        Self {
            root,
            layout,
            launch,
            child: None,
        }
    }

    /// The folder that its code is copied from.
    pub fn code(&self) -> PathBuf {
        self.root.path().join("code")
    }

    pub fn with(mut self, change: impl FnOnce(&mut Launch)) -> Self {
        change(&mut self.launch);
        self
    }

    pub fn write_launch(&self) {
        files::write_record(&self.layout.launch(), &self.launch).unwrap();
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(SUPERVISOR);
        command
            .arg("supervise")
            .arg(self.layout.folder())
            .stdout(Stdio::null());
        command
    }

    pub fn start(self) -> Self {
        let command = self.command();
        self.start_as(command)
    }

    pub fn start_as(self, command: Command) -> Self {
        self.write_launch();
        self.start_written(command)
    }

    /// Starts with the launch that is there.
    pub fn start_written(mut self, mut command: Command) -> Self {
        self.child = Some(command.spawn().unwrap());
        self
    }

    pub fn run(self) -> Ended {
        self.start().finish()
    }

    pub fn status(&self) -> Option<Status> {
        files::read_record(&self.layout.status()).unwrap()
    }

    pub fn log(&self) -> Vec<LogRecord> {
        let (mut all, mut offset) = (Vec::new(), 0);
        loop {
            let page = read_log(&self.layout, offset, 1 << 20).unwrap();
            if page.next == offset {
                return all;
            }
            offset = page.next;
            all.extend(page.records);
        }
    }

    /// Waits for a printed line.
    pub fn heard(&self, text: &str) {
        wait_for(text, || {
            let ended = self.layout.exit().exists();
            let log = self.log();
            let found = log.iter().any(|record| record.text.contains(text));
            assert!(found || !ended, "`{text}` never came: {log:#?}");
            found.then_some(())
        });
    }

    pub fn supervisor(&mut self) -> &mut Child {
        self.child.as_mut().unwrap()
    }

    /// Waits for the supervisor and takes what it recorded.
    pub fn finish(mut self) -> Ended {
        let child = self.supervisor();
        wait_for("the end of the supervisor", || child.try_wait().unwrap());
        self.recorded()
    }

    /// Takes what a supervisor recorded that has ended.
    pub fn recorded(self) -> Ended {
        let record: Option<ExitRecord> = files::read_record(&self.layout.exit()).unwrap();
        let record = record.expect("an exit record");
        assert_eq!(self.marked(), Vec::<i32>::new(), "processes are left");
        if let Some(status) = self.status() {
            for group in status.groups {
                assert!(!group.exists(), "{} is left", group.display());
            }
        }
        Ended {
            record,
            ticket: self,
        }
    }

    /// Processes that carry the ticket's name.
    pub fn marked(&self) -> Vec<i32> {
        let marker = format!("TRADEWIND_MARK={}", self.layout.mark());
        let is_marked = |pid: &i32| {
            let variables = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            variables
                .split(|byte| *byte == 0)
                .any(|one| one == marker.as_bytes())
                && process::stat(*pid).is_some_and(|stat| stat.state != 'Z')
        };
        let all = fs::read_dir("/proc").unwrap().flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(is_marked)
            .collect()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let _ = supervisor::clear(&self.layout);
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub struct Ended {
    pub record: ExitRecord,
    pub ticket: Ticket,
}

impl Ended {
    pub fn failure(&self) -> &Failure {
        match &self.record.exit.ending {
            Ending::Failed { failure } => failure,
            other => panic!("{other:?}: {:#?}", self.ticket.log()),
        }
    }

    pub fn completed(&self) -> &Self {
        let ending = &self.record.exit.ending;
        assert_eq!(*ending, Ending::Completed, "{:#?}", self.ticket.log());
        self
    }

    /// What it printed on standard output.
    pub fn output(&self) -> Vec<String> {
        let of_output =
            |record: LogRecord| (record.stream == Stream::Output).then_some(record.text);
        self.ticket
            .log()
            .into_iter()
            .filter_map(of_output)
            .collect()
    }

    pub fn metrics(&self) -> Vec<Metric> {
        let page = read_metrics(&self.ticket.layout, 0, 1 << 20).unwrap();
        let at = |metric: Metric| Metric {
            at: Timestamp(0),
            ..metric
        };
        page.metrics.into_iter().map(at).collect()
    }

    pub fn files(&self, output: &str) -> Vec<(String, u64)> {
        let all: Vec<Collected> = files::read_record(&self.ticket.layout.outputs())
            .unwrap()
            .unwrap();
        let output = all.into_iter().find(|one| one.name == output).unwrap();
        let files = output.files.into_iter();
        files.map(|file| (file.path, file.size)).collect()
    }
}
