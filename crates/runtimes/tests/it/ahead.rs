//! Interpreters that are started before their job is known: the job cannot tell, and one that
//! could is started in the ordinary way.

use crate::support::{Ended, SUPERVISOR, Ticket, python, wait_for};
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};
use tradewind_runtimes::launch::Program;
use tradewind_runtimes::supervisor::{Like, SPARE, introduction};

/// Prints, one fact a line, what a program can see of how it was started.
pub const FACTS: &str = r#"import sys
MODULES, GLOBALS = sorted(sys.modules), sorted(globals())
import atexit, json, multiprocessing, os, resource, signal, stat, subprocess, traceback, warnings

def double(number):
    return number * 2

def kind(descriptor):
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return None
    return stat.S_IFMT(mode), os.get_inheritable(descriptor)

def facts():
    yield "ahead", "TRADEWIND_AHEAD=" in open("/proc/self/environ").read()
    yield "modules", MODULES
    yield "globals", GLOBALS
    yield "argv", [sys.argv, getattr(sys, "orig_argv", None)]
    yield "command", open("/proc/self/cmdline").read().split("\0")
    yield "path", sys.path
    yield "places", [os.getcwd(), __file__, sys.executable, sys.prefix, sys.base_prefix]
    yield "main", [__name__, repr(__spec__), type(__loader__).__name__, __package__]
    yield "flags", str(sys.flags)
    yield "stack", [frame.filename for frame in traceback.extract_stack()][:-1]
    yield "input", sys.stdin.read()
    streams = (sys.stdin, sys.stdout, sys.stderr)
    yield "streams", [
        [s.name, s.encoding, s.errors, s.line_buffering, s.write_through] for s in streams
    ]
    yield "environ", sorted(os.environ.items())
    yield "order", list(os.environ)
    text = "import json, os, sys; print(json.dumps([sorted(os.environ.items()), sys.path]))"
    yield "child", json.loads(subprocess.check_output([sys.executable, "-c", text]))
    yield "handlers", [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())]
    yield "mask", sorted(signal.pthread_sigmask(signal.SIG_BLOCK, []))
    yield "group", [os.getpgid(0) == os.getpid(), os.getsid(0) == os.getpid()]
    limits = (resource.RLIMIT_CORE, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE)
    yield "limits", [resource.getrlimit(one) for one in limits]
    yield "descriptors", [kind(number) for number in range(32)]
    yield "killed first", open("/proc/self/oom_score_adj").read()
    yield "folders", sorted(os.listdir("/opt/ml"))
    yield "umask", os.umask(0o022)
    yield "warnings", [str(one) for one in warnings.filters]
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(1) as pool:
            yield method, pool.map(double, [1, 2])

if __name__ == "__main__":
    for name, fact in facts():
        print(name, json.dumps(fact))
    atexit.register(print, "at exit")
    signal.signal(signal.SIGTERM, lambda *_: print("asked to end"))
    os.kill(os.getpid(), signal.SIGTERM)
    print("not flushed", end="")
    raise ValueError("on purpose")
"#;

/// A ticket whose supervisor waited before it was known, told of a job before.
fn start_like(ticket: Ticket, like: &Like) -> Ticket {
    let (input, mut told) = std::io::pipe().unwrap();
    let mut command = Command::new(SUPERVISOR);
    command
        .args(["supervise", SPARE])
        .stdin(input)
        .stdout(Stdio::null());
    ticket.write_launch();
    let folder = ticket.layout.folder().to_owned();
    let ticket = ticket.start_written(command);
    told.write_all(&introduction(Some(like))).unwrap();
    told.write_all(folder.as_os_str().as_bytes()).unwrap();
    ticket
}

pub fn like(ended: &Ended) -> Like {
    Like {
        folder: ended.ticket.layout.folder().to_owned(),
        launch: ended.ticket.launch.clone(),
    }
}

/// What was printed, with the ticket's own names replaced.
pub fn printed(ended: &Ended) -> Vec<String> {
    let root = ended.ticket.root.path().display().to_string();
    let mark = ended.ticket.layout.mark();
    let log = ended.ticket.log().into_iter();
    log.map(|record| {
        let text = record.text.replace(&root, "ROOT").replace(&mark, "MARK");
        let text = text.replace(&ended.ticket.launch.ticket, "TICKET");
        format!("{:?} {text}", record.stream)
    })
    .collect()
}

pub fn fact<'a>(lines: &'a [String], name: &str) -> &'a str {
    let found = lines.iter().find_map(|line| {
        let (_, line) = line.split_once(' ')?;
        line.strip_prefix(name)?.strip_prefix(' ')
    });
    found.unwrap_or_else(|| panic!("no `{name}` in {lines:#?}"))
}

/// What must not differ between ways to be started.
pub fn facts(lines: &[String]) -> Vec<String> {
    let mut lines = lines.to_vec();
    lines.retain(|line| !line.contains(" ahead "));
    // The two streams are heard beside each other.
    lines.sort();
    lines
}

/// Whether this machine gives jobs a view of their own, without which none is started ahead.
pub fn has_view(lines: &[String]) -> bool {
    fact(lines, "places").contains("/opt/ml/code")
}

#[test]
fn a_job_cannot_tell_that_its_interpreter_was_waiting() {
    let ordinary = python(FACTS).run();
    let ahead = start_like(python(FACTS), &like(&ordinary)).finish();
    let (one, other) = (printed(&ordinary), printed(&ahead));
    assert_eq!(fact(&one, "ahead"), "false");
    if has_view(&one) {
        assert_eq!(fact(&other, "ahead"), "true");
    }
    assert_eq!(facts(&one), facts(&other));
    assert!(one.iter().any(|line| line.ends_with(" asked to end")));
    assert!(one.iter().any(|line| line.contains("not flushedat exit")));
    let (one, other) = (ordinary.failure(), ahead.failure());
    assert_eq!((one.line, &one.file), (other.line, &other.file));
    assert_eq!(one, other);
    assert!(one.line.is_some());
}

#[test]
fn a_job_that_ends_well_has_its_outputs_and_its_code() {
    let script = "import json, os, helper, subprocess\n\
        open(os.environ['SM_MODEL_DIR'] + '/model.txt', 'w').write(helper.WORD)\n\
        print('ahead', json.dumps('TRADEWIND_AHEAD=' in open('/proc/self/environ').read()))\n\
        print('places', __file__)\n\
        print('environment', 'TRADEWIND_AHEAD' in os.environ, os.environ['ONLY'])\n";
    let make = |word: &str| {
        let ticket = python(script).with(|launch| {
            launch.variables.insert("ONLY".into(), word.into());
        });
        fs::write(
            ticket.code().join("helper.py"),
            format!("WORD = '{word}'\n"),
        )
        .unwrap();
        ticket
    };
    let first = make("first").run();
    let second = start_like(make("the second"), &like(first.completed())).finish();
    let lines = printed(second.completed());
    if has_view(&lines) {
        assert_eq!(fact(&lines, "ahead"), "true");
    }
    assert_eq!(fact(&lines, "environment"), "False the second");
    assert_eq!(second.files("model"), [("model.txt".to_owned(), 10)]);
    let left = fs::read_dir(first.ticket.root.path()).unwrap().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert!(
        left.iter()
            .all(|name| !name.to_string_lossy().starts_with('~')),
        "{left:?}"
    );
}

#[test]
fn a_job_that_could_tell_is_started_in_the_ordinary_way() {
    let script = "import json, os, sys, time\n\
        print('ahead', json.dumps('TRADEWIND_AHEAD=' in open('/proc/self/environ').read()))\n\
        print('seen', sys.argv[1:], time.tzname[0], os.path.basename(__file__))\n\
        print('utf8', sys.flags.utf8_mode)\n";
    let before = python(script).run();
    let like = like(before.completed());
    let zone = python(script).with(|launch| {
        launch.variables.insert("TZ".into(), "XYZ-3".into());
    });
    let mode = python(script).with(|launch| {
        launch.variables.insert("PYTHONUTF8".into(), "1".into());
    });
    let argument = python(script).with(|launch| {
        launch.hyperparameters.insert("depth".into(), "5".into());
    });
    let other = python(script).with(|launch| {
        launch.program = Program::Script {
            path: "other.py".into(),
            arguments: Vec::new(),
        };
    });
    fs::write(other.code().join("other.py"), script).unwrap();
    let shadow = python(script);
    fs::create_dir(shadow.code().join("collections")).unwrap();
    for (ticket, seen) in [
        (zone, "seen [] XYZ main.py"),
        (mode, "utf8 1"),
        (argument, "seen ['--depth', '5']"),
        (other, "other.py"),
        (shadow, "seen []"),
    ] {
        let ended = start_like(ticket, &like).finish();
        let lines = printed(ended.completed());
        assert_eq!(fact(&lines, "ahead"), "false", "{seen}");
        assert!(lines.iter().any(|line| line.contains(seen)), "{lines:#?}");
    }
}

#[test]
fn one_that_nobody_needs_ends_and_leaves_nothing() {
    let before = python("pass").run();
    let like = like(before.completed());
    let mut child = Command::new(SUPERVISOR)
        .args(["supervise", SPARE])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = child.stdin.take().unwrap();
    told.write_all(&introduction(Some(&like))).unwrap();
    let folder = before
        .ticket
        .root
        .path()
        .join(format!("~{}.ahead", child.id()));
    wait_for("the folder", || folder.exists().then_some(()));
    drop(told);
    wait_for("the end of the supervisor", || child.try_wait().unwrap());
    assert!(!folder.exists());
}
