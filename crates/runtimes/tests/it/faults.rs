//! Killed supervisors, bad folders, hostile inputs.

use crate::support::{Ticket, python, shell, wait_for};
use domain::job::{Ending, FailureKind};
use std::fs;
use std::os::unix::fs::symlink;
use tradewind_runtimes::launch::{Distribution, Input, Output, Program, Source, StagedFile};
use tradewind_runtimes::supervisor::clear;

#[test]
fn a_killed_supervisor_takes_its_program_with_it_and_the_rest_is_cleared() {
    let mut ticket = shell("setsid sleep 1000 & echo ready; sleep 1000").start();
    ticket.heard("ready");
    let status = ticket.status().unwrap();
    assert!(status.supervisor.is_alive());
    ticket.supervisor().kill().unwrap();
    ticket.supervisor().wait().unwrap();
    let process = status.process.unwrap();
    wait_for("the death of the program", || {
        (!process.is_alive()).then_some(())
    });
    assert!(!status.supervisor.is_alive());
    assert!(!ticket.layout.exit().exists());
    wait_for("nothing to be left", || {
        clear(&ticket.layout).unwrap().then_some(())
    });
    assert_eq!(ticket.marked(), Vec::<i32>::new());
    for group in status.groups {
        assert!(!group.exists(), "{}", group.display());
    }
}

#[test]
fn a_ticket_is_never_started_twice() {
    let ticket = shell("echo once >> \"$TRADEWIND_MODEL/count\"; echo ready; sleep 1000").start();
    ticket.heard("ready");
    let second = ticket
        .command()
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("already supervised"));
    // Not even after its supervisor was killed.
    let mut ticket = ticket;
    ticket.supervisor().kill().unwrap();
    ticket.supervisor().wait().unwrap();
    assert!(
        !ticket
            .command()
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap()
            .success()
    );
    let count = fs::read_to_string(ticket.layout.base().join("model/count")).unwrap();
    assert_eq!(count, "once\n");
}

#[test]
fn an_ended_ticket_stays_ended() {
    let ended = shell("echo once >> /opt/ml/model/count").run();
    assert!(ended.ticket.command().status().unwrap().success());
    let count = fs::read_to_string(ended.ticket.layout.base().join("model/count")).unwrap();
    assert_eq!(count, "once\n");
}

#[test]
fn a_damaged_launch_is_a_recorded_failure() {
    let ticket = shell("true");
    fs::write(ticket.layout.launch(), "{\"ticket\":").unwrap();
    let command = ticket.command();
    let ended = ticket.start_written(command).finish();
    assert_eq!(ended.failure().kind, FailureKind::Provider);
    assert!(ended.failure().message.contains("launch.json` is damaged"));
}

fn with_input(ticket: Ticket, path: &str, source: std::path::PathBuf) -> Ticket {
    ticket.with(|launch| {
        let files = vec![StagedFile {
            path: path.into(),
            source,
        }];
        launch.inputs.push(Input {
            channel: "train".into(),
            path: None,
            distribution: Distribution::default(),
            content_type: None,
            pipe: None,
            source: Source::Files { files },
        });
    })
}

#[test]
fn an_input_that_cannot_be_read_is_named() {
    let ended = with_input(shell("true"), "a", "/no/such/file".into()).run();
    let failure = ended.failure();
    assert_eq!(failure.kind, FailureKind::Input);
    assert!(failure.message.contains("`train`") && failure.message.contains("`/no/such/file`"));
    assert_eq!(ended.record.exit.started, None);
}

#[test]
fn names_that_climb_are_refused() {
    let escape = |path: &str| with_input(shell("true"), path, "/etc/hostname".into());
    for path in ["../../x", "/etc/x", ""] {
        assert_eq!(
            escape(path).run().failure().kind,
            FailureKind::Input,
            "{path}"
        );
    }
    let ended = shell("true")
        .with(|launch| {
            let path = Some("/opt/ml/../../x".to_owned());
            launch.outputs.push(Output {
                name: "o".into(),
                path,
            });
        })
        .run();
    assert!(ended.failure().message.contains("would leave its folder"));
    let script = Ticket::new(Program::Script {
        path: "../x.py".into(),
        arguments: Vec::new(),
    });
    assert!(
        script
            .run()
            .failure()
            .message
            .contains("would leave its folder")
    );
}

#[test]
fn an_archive_that_is_none_and_a_folder_in_itself_are_refused() {
    let ticket = python("");
    let path = ticket.root.path().join("code.zip");
    fs::write(&path, "no archive at all").unwrap();
    let ended = ticket
        .with(|launch| launch.code = Some(Source::Archive { path }))
        .run();
    assert!(
        ended.failure().message.contains("the code archive"),
        "{}",
        ended.failure().message
    );
    let ticket = python("");
    symlink("..", ticket.code().join("loop")).unwrap();
    assert!(
        ticket
            .run()
            .failure()
            .message
            .contains("link to a folder that holds it")
    );
}

#[test]
fn a_link_cannot_lead_the_supervisor_outside() {
    // Output folders that user code replaced by links are not followed.
    let line = "rm -r /opt/ml/model; ln -s /etc /opt/ml/model; true";
    let ended = shell(line).run();
    assert_eq!(ended.record.exit.ending, Ending::Completed);
    assert!(
        ended.files("model").is_empty(),
        "{:?}",
        ended.files("model")
    );
}

#[test]
fn a_bad_pattern_and_a_bad_variable_are_told() {
    let ended = shell("true")
        .with(|launch| {
            let regex = "(".to_owned();
            launch.metrics.push(domain::metric::MetricPattern {
                name: "loss".into(),
                regex,
            });
        })
        .run();
    assert!(
        ended
            .failure()
            .message
            .contains("`loss` is no regular expression")
    );
    for (name, value) in [("A=B", "x".to_owned()), ("LONG", "x".repeat(200_000))] {
        let ended = shell("true")
            .with(|launch| {
                launch.variables.insert(name.into(), value);
            })
            .run();
        let named = format!("`{name}` is not a valid variable");
        assert!(
            ended.failure().message.contains(&named),
            "{}",
            ended.failure().message
        );
    }
    // What the contracts make of a long hyperparameter is left out of the variables only.
    let ended = shell("wc -c < /opt/ml/input/config/hyperparameters.json")
        .with(|launch| {
            launch
                .hyperparameters
                .insert("long".into(), "x".repeat(200_000));
        })
        .run();
    assert_eq!(ended.completed().output(), ["200011"]);
}

#[test]
fn groups_that_nobody_wrote_down_are_found() {
    let mut ticket = shell("echo ready; sleep 1000").start();
    ticket.heard("ready");
    let mut status = ticket.status().unwrap();
    let groups = std::mem::take(&mut status.groups);
    ticket.supervisor().kill().unwrap();
    ticket.supervisor().wait().unwrap();
    tradewind_runtimes::files::write_record(&ticket.layout.status(), &status).unwrap();
    wait_for("nothing to be left", || {
        clear(&ticket.layout).unwrap().then_some(())
    });
    for group in groups {
        assert!(!group.exists(), "{}", group.display());
    }
}
