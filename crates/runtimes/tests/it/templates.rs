//! Interpreters that are forked: the job cannot tell, each end is its own, and whoever is killed
//! takes nobody along but whom it has to.

use crate::ahead::{FACTS, fact, facts, has_view, like, printed};
use crate::support::{Ended, SUPERVISOR, Ticket, python, wait_for};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tradewind_runtimes::process::Identity;
use tradewind_runtimes::supervisor::{
    END_HINT, Forked, Like, TEMPLATE, Template, introduction, request_stop,
};

/// A template, as a server has it.
struct Server {
    child: Child,
    /// Ends with the server.
    requests: Option<ChildStdin>,
    answers: ChildStdout,
    template: Template,
}

/// A fork that waits for its ticket.
struct Fork {
    input: PipeWriter,
    output: PipeReader,
}

impl Server {
    /// `None` on a machine that gives jobs no view of their own.
    fn like(ended: &Ended) -> Option<Self> {
        let like: Like = like(ended);
        let mut child = Command::new(SUPERVISOR)
            .args(["supervise", TEMPLATE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut requests = child.stdin.take().unwrap();
        let mut answers = child.stdout.take().unwrap();
        requests.write_all(&introduction(Some(&like))).unwrap();
        let template = match Template::read(&mut answers) {
            Ok(template) => template,
            Err(error) => {
                let code = child.wait().unwrap();
                assert_eq!(code.code(), Some(126), "{error}");
                return None;
            }
        };
        let server = Self {
            child,
            requests: Some(requests),
            answers,
            template,
        };
        Some(server.ready())
    }

    fn ready(mut self) -> Self {
        self.hear(b'w');
        self
    }

    fn hear(&mut self, word: u8) {
        let mut heard = [0];
        self.answers.read_exact(&mut heard).unwrap();
        assert_eq!(heard, [word]);
    }

    fn fork(&mut self) -> Fork {
        let (reader, mut input) = std::io::pipe().unwrap();
        let (output, writer) = std::io::pipe().unwrap();
        let numbers = (reader.as_raw_fd(), writer.as_raw_fd());
        let own = std::process::id();
        let requests = self.requests.as_mut().unwrap();
        // Its parts come one by one.
        writeln!(requests, "{own} {} {}", numbers.0, numbers.1).unwrap();
        self.hear(b'.');
        let told = Forked {
            template: self.template.clone(),
            variables: std::env::vars().collect(),
        };
        input.write_all(&introduction(Some(&told))).unwrap();
        Fork { input, output }
    }

    fn run(&mut self, ticket: Ticket) -> Ended {
        self.fork().run(ticket)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Fork {
    /// Brings the ticket; its supervisor is heard until it ends.
    fn begin(mut self, ticket: &Ticket) -> PipeReader {
        ticket.write_launch();
        let folder = ticket.layout.folder().as_os_str().as_bytes();
        self.input.write_all(folder).unwrap();
        self.output
    }

    fn run(self, ticket: Ticket) -> Ended {
        let output = self.begin(&ticket);
        finish(ticket, output)
    }
}

fn finish(ticket: Ticket, mut output: PipeReader) -> Ended {
    let mut heard = Vec::new();
    output.read_to_end(&mut heard).unwrap();
    assert_eq!(heard.last(), Some(&END_HINT));
    ticket.recorded()
}

/// A fork has none but its own; one that is started has also what these tests were started with.
fn descriptors(lines: &[String]) -> Vec<Value> {
    serde_json::from_str(fact(lines, "descriptors")).unwrap()
}

fn but_descriptors(lines: &[String]) -> Vec<String> {
    let mut facts = facts(lines);
    facts.retain(|line| !line.starts_with("Output descriptors "));
    facts
}

#[test]
fn a_job_cannot_tell_that_its_interpreter_was_forked() {
    let ordinary = python(FACTS).run();
    let one = printed(&ordinary);
    let Some(mut server) = Server::like(&ordinary) else {
        assert!(!has_view(&one));
        return;
    };
    for _ in 0..2 {
        let forked = server.run(python(FACTS));
        let other = printed(&forked);
        assert_eq!(fact(&other, "ahead"), "true");
        assert_eq!(but_descriptors(&one), but_descriptors(&other));
        assert_eq!(descriptors(&one)[..3], descriptors(&other)[..3]);
        assert!(descriptors(&other)[3..].iter().all(Value::is_null));
        assert_eq!(ordinary.failure(), forked.failure());
    }
}

#[test]
fn forks_have_no_chance_in_common() {
    let script = "import json, os, random, secrets, sys, uuid\n\
        print('chance', json.dumps([random.random(), os.urandom(8).hex(), str(uuid.uuid4()), \
            secrets.token_hex(8)]))\n\
        print('identity', json.dumps([os.getpid(), os.getppid()]))\n\
        print('seed', json.dumps(hash('text')))\n\
        open(os.environ['SM_MODEL_DIR'] + '/model.txt', 'w').write('model')\n\
        sys.exit(3 if os.environ['ONLY'] == 'fails' else 0)\n";
    let make = |word: &str| {
        python(script).with(|launch| {
            launch.variables.insert("ONLY".into(), word.into());
        })
    };
    let ordinary = make("first").run();
    let Some(mut server) = Server::like(ordinary.completed()) else {
        return;
    };
    let forks = ["works", "fails"].map(|word| server.run(make(word)));
    let [one, other] = &forks;
    assert_eq!(one.completed().files("model"), ordinary.files("model"));
    assert_eq!(other.failure().exit_code, Some(3));
    let [one, other] = [printed(one), printed(other)];
    for name in ["chance", "identity"] {
        assert_ne!(fact(&one, name), fact(&other, name));
    }
    // What they do share, as docs/architecture.md says.
    assert_eq!(fact(&one, "seed"), fact(&other, "seed"));
}

#[test]
fn a_job_of_another_kind_is_started_in_the_ordinary_way() {
    let script = "import json, os, sys\n\
        print('ahead', json.dumps('TRADEWIND_AHEAD=' in open('/proc/self/environ').read()))\n\
        print('seen', sys.argv[1:], sys.flags.utf8_mode, os.getcwd())\n";
    let before = python(script).run();
    let Some(mut server) = Server::like(before.completed()) else {
        return;
    };
    let argument = python(script).with(|launch| {
        launch.hyperparameters.insert("depth".into(), "5".into());
    });
    let mode = python(script).with(|launch| {
        launch.variables.insert("PYTHONUTF8".into(), "1".into());
    });
    for (ticket, seen) in [
        (argument, "['--depth', '5'] 0 /opt/ml/code"),
        (mode, "[] 1 /opt/ml/code"),
    ] {
        let lines = printed(server.run(ticket).completed());
        assert_eq!(
            (fact(&lines, "ahead"), fact(&lines, "seen")),
            ("false", seen)
        );
    }
}

/// Says that it runs, and ends once a file is there.
const WAITS: &str = "import os, time\nprint('begun', flush=True)\n\
    while not os.path.exists('end'): time.sleep(0.01)\nprint('ended')\n";

fn waiting(server: &mut Server) -> (Ticket, PipeReader) {
    let ticket = python(WAITS);
    let output = server.fork().begin(&ticket);
    ticket.heard("begun");
    (ticket, output)
}

fn server_of_waiting() -> Option<Server> {
    let ticket = python(WAITS);
    fs::write(ticket.code().join("end"), "").unwrap();
    Server::like(ticket.run().completed())
}

#[test]
fn a_killed_template_takes_no_job_along() {
    let Some(mut server) = server_of_waiting() else {
        return;
    };
    let (ticket, output) = waiting(&mut server);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    fs::write(ticket.layout.code().join("end"), "").unwrap();
    let ended = finish(ticket, output);
    assert_eq!(ended.completed().output(), ["begun", "ended"]);
}

#[test]
fn a_killed_supervisor_leaves_no_interpreter_and_a_stopped_job_ends() {
    let Some(mut server) = server_of_waiting() else {
        return;
    };
    let (ticket, mut output) = waiting(&mut server);
    let status = ticket.status().unwrap();
    let process: Identity = status.process.unwrap();
    kill(Pid::from_raw(status.supervisor.pid), Signal::SIGKILL).unwrap();
    output.read_to_end(&mut Vec::new()).unwrap();
    wait_for("the end of the interpreter", || {
        (!process.is_alive()).then_some(())
    });
    // The template is as good as before.
    let (ticket, output) = waiting(&mut server);
    request_stop(&ticket.layout).unwrap();
    let ended = finish(ticket, output);
    assert_eq!(ended.record.exit.ending, domain::job::Ending::Stopped);
}

#[test]
fn forks_that_nobody_needs_end_with_the_server() {
    let Some(mut server) = server_of_waiting() else {
        return;
    };
    let fork = server.fork();
    let mut output = fork.output;
    drop(fork.input);
    let mut heard = Vec::new();
    output.read_to_end(&mut heard).unwrap();
    assert_eq!(heard, Vec::<u8>::new());
    drop(server.requests.take());
    wait_for("the end of the template", || {
        server.child.try_wait().unwrap()
    });
}
