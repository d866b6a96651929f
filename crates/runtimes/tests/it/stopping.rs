//! Stops: gentle first, then not, for the whole tree.

use crate::support::{python, shell, surroundings, wait_for};
use domain::Span;
use domain::environment::Environment;
use domain::job::Ending;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;
use tradewind_runtimes::supervisor::request_stop;

#[test]
fn user_code_may_end_by_itself() {
    let script = "import signal, sys, time\n\
         def end(*_):\n    open('/opt/ml/model/saved', 'w').write('x'); sys.exit(0)\n\
         signal.signal(signal.SIGTERM, end)\nprint('ready')\ntime.sleep(1000)\n";
    let ticket = python(script).start();
    ticket.heard("ready");
    request_stop(&ticket.layout).unwrap();
    let ended = ticket.finish();
    assert_eq!(ended.record.exit.ending, Ending::Stopped);
    assert_eq!(ended.files("model"), [("saved".to_owned(), 1)]);
}

#[test]
fn what_ignores_the_request_is_killed_with_its_whole_tree() {
    let line = "trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep 1000 & sleep 1000' & \
         echo ready; sleep 1000; sleep 1000";
    let ticket = shell(line)
        .with(|launch| launch.grace = Span::milliseconds(300))
        .start();
    ticket.heard("ready");
    let begin = Instant::now();
    request_stop(&ticket.layout).unwrap();
    let ended = ticket.finish();
    assert_eq!(ended.record.exit.ending, Ending::Stopped);
    assert!(begin.elapsed().as_millis() >= 300);
}

#[test]
fn the_request_reaches_children_that_began_a_session() {
    let line = "setsid sh -c 'trap \"echo told\" TERM; echo ready; while :; do sleep 0.05; done' & \
         trap 'sleep 0.5; exit 0' TERM; while :; do sleep 0.05; done";
    let ticket = shell(line).start();
    ticket.heard("ready");
    request_stop(&ticket.layout).unwrap();
    let ended = ticket.finish();
    assert!(
        ended.output().contains(&"told".to_owned()),
        "{:?}",
        ended.output()
    );
}

#[test]
fn a_request_before_the_start_counts() {
    let ticket = shell("sleep 1000");
    fs::write(ticket.layout.stop(), "").unwrap();
    let ended = ticket.run();
    assert_eq!(ended.record.exit.ending, Ending::Stopped);
}

#[test]
fn a_request_while_the_environment_is_made_counts() {
    // A `uv` that never ends stands for a slow network.
    let ticket = shell("true");
    let bin = ticket.root.path().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("uv"), "#!/bin/sh\necho slow network\nsleep 1000\n").unwrap();
    fs::set_permissions(bin.join("uv"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = ticket.command();
    let path = surroundings().variable("PATH").unwrap().to_owned();
    command.env("PATH", format!("{}:{path}", bin.display()));
    let data = ticket.root.path().join("data");
    let ticket = ticket
        .with(|launch| {
            launch.data = data;
            launch.environment = Environment::Python {
                version: None,
                requirements: vec!["anything".into()],
                strict: false,
            };
        })
        .start_as(command);
    ticket.heard("slow network");
    request_stop(&ticket.layout).unwrap();
    let ended = ticket.finish();
    assert_eq!(ended.record.exit.ending, Ending::Stopped);
    assert_eq!(ended.record.exit.started, None);
}

#[test]
fn a_stop_of_what_has_ended_or_never_was_is_fine() {
    let ended = shell("true").run();
    request_stop(&ended.ticket.layout).unwrap();
    let nowhere = tradewind_runtimes::Layout::new(ended.ticket.root.path().join("nowhere"));
    request_stop(&nowhere).unwrap();
    wait_for("nothing", || {
        (!ended.ticket.layout.stop().exists()).then_some(())
    });
}
