//! Several hosts of one job: together they begin, and together they end.

use crate::support::{Ticket, python, shell, wait_for};
use domain::gang;
use domain::job::{Ending, FailureKind};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::time::{Duration, SystemTime};
use tradewind_runtimes::launch::{
    Distribution, Input, Launch, Output, Packing, Part, Source, StagedFile,
};
use tradewind_runtimes::supervisor::{checkpoints, clear, request_stop};

fn of(ticket: Ticket, hosts: u32) -> Ticket {
    ticket.with(|launch| {
        launch.part = Part::Gang;
        launch.machine.hosts = gang::hosts(hosts);
    })
}

fn lines_of(log: &[String], host: &str) -> Vec<String> {
    let of_host = |line: &String| {
        let (whose, text) = gang::read_line(line)?;
        (whose == host).then(|| text.to_owned())
    };
    log.iter().filter_map(of_host).collect()
}

#[test]
fn hosts_have_names_parts_and_one_model() {
    let script = "import json, os, socket\n\
         host, hosts = os.environ['SM_CURRENT_HOST'], json.loads(os.environ['SM_HOSTS'])\n\
         print(sorted(os.listdir('/opt/ml/input/data/train')))\n\
         print('[algo-2] forged')\nprint('loss=0.5')\n\
         address = socket.gethostbyname(host)\n\
         socket.create_server((host, 0)).close()\n\
         print(socket.gethostname(), address, len(hosts))\n\
         open(f'/opt/ml/model/{host}', 'w').write(host)\n\
         open('/opt/ml/model/same', 'w').write('same')\n\
         open('/opt/ml/model/other', 'w').write(host)\n";
    let ticket = of(python(script), 2);
    let data = ticket.root.path().join("data");
    fs::create_dir(&data).unwrap();
    let file = |name: &str| {
        fs::write(data.join(name), name).unwrap();
        StagedFile {
            path: name.to_owned(),
            source: data.join(name),
        }
    };
    let files = ["a", "b", "c"].map(file).to_vec();
    let ended = ticket
        .with(|launch| {
            launch.inputs.push(Input {
                channel: "train".into(),
                path: None,
                distribution: Distribution::Sharded,
                content_type: None,
                pipe: None,
                source: Source::Files { files },
            });
            launch.archives.push(Packing {
                output: "model".into(),
                file: "model.tar.gz".into(),
            });
        })
        .run();
    ended.completed();
    let log = ended.output();
    let first = lines_of(&log, "algo-1");
    assert_eq!(first[..2], ["['a', 'c']", "[algo-2] forged"], "{log:?}");
    assert_eq!(first[3], "algo-1 127.0.0.1 2");
    let second = lines_of(&log, "algo-2");
    assert_eq!(second[0], "['b']");
    assert_eq!(second[3], "algo-2 127.0.0.2 2");
    let names: Vec<String> = ended
        .files("model")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["algo-1", "algo-2", "other", "same"]);
    assert_eq!(ended.files("model//model.tar.gz").len(), 1);
    let warnings = &ended.record.exit.warnings;
    let met: Vec<_> = warnings
        .iter()
        .filter(|text| text.contains("`other`"))
        .collect();
    assert_eq!(met.len(), 1, "{warnings:?}");
    assert_eq!(ended.metrics().len(), 2);
    assert!(ended.record.exit.started.is_some());
}

#[test]
fn one_that_fails_ends_all() {
    let line = "if [ $SM_CURRENT_HOST = algo-2 ]; then echo no >&2; exit 3; fi; \
         while :; do sleep 0.1; done";
    let ended = of(shell(line), 3).run();
    let failure = ended.failure();
    assert_eq!(failure.kind, FailureKind::UserCode);
    assert_eq!(failure.exit_code, Some(3));
    assert!(
        failure.message.starts_with("algo-2: "),
        "{}",
        failure.message
    );
}

#[test]
fn a_stop_reaches_all() {
    let ticket = of(shell("echo ready; while :; do sleep 0.1; done"), 2).start();
    ticket.heard("[algo-1] ready");
    ticket.heard("[algo-2] ready");
    request_stop(&ticket.layout).unwrap();
    assert_eq!(ticket.finish().record.exit.ending, Ending::Stopped);
}

#[test]
fn nothing_outlives_the_one_who_hears_it() {
    let mut ticket = of(shell("echo ready; while :; do sleep 0.1; done"), 2).start();
    ticket.heard("[algo-2] ready");
    let pid = Pid::from_raw(ticket.supervisor().id() as i32);
    kill(pid, Signal::SIGKILL).unwrap();
    ticket.supervisor().wait().unwrap();
    wait_for("all hosts are gone", || {
        clear(&ticket.layout).unwrap().then_some(())
    });
    for host in gang::hosts(2) {
        let layout = ticket.layout.host(&host);
        let status: tradewind_runtimes::record::Status =
            tradewind_runtimes::files::read_record(&layout.status())
                .unwrap()
                .unwrap();
        wait_for("its supervisor is gone", || {
            (!status.supervisor.is_alive()).then_some(())
        });
    }
}

fn with_checkpoints(launch: &mut Launch) {
    launch.checkpoints = Some(Output {
        name: "checkpoints".into(),
        path: Some("/opt/ml/checkpoints".into()),
    });
}

fn paths(ticket: &Ticket) -> Vec<String> {
    let found = checkpoints(&ticket.layout).unwrap();
    found.into_iter().map(|one| one.path).collect()
}

#[test]
fn checkpoints_are_seen_while_it_runs_and_after_a_failure() {
    let line = "echo 1 > /opt/ml/checkpoints/one; ln -s /etc/passwd /opt/ml/checkpoints/link; \
         echo ready; until [ -e /opt/ml/checkpoints/go ]; do sleep 0.05; done; \
         echo 2 > /opt/ml/checkpoints/two; exit 1";
    let ticket = shell(line).with(with_checkpoints).start();
    ticket.heard("ready");
    // A file counts when it has been left alone for a second.
    let file = ticket.layout.base().join("checkpoints/one");
    let before = SystemTime::now() - Duration::from_mins(1);
    let opened = fs::File::options().write(true).open(&file).unwrap();
    opened.set_modified(before).unwrap();
    assert_eq!(paths(&ticket), ["one"]);
    fs::write(ticket.layout.base().join("checkpoints/go"), "").unwrap();
    let ended = ticket.finish();
    ended.failure();
    assert_eq!(paths(&ended.ticket), ["go", "one", "two"]);
    let found = checkpoints(&ended.ticket.layout).unwrap();
    assert_eq!(fs::read_to_string(&found[2].source).unwrap(), "2\n");
}

#[test]
fn checkpoints_of_all_hosts_are_one() {
    let line = "echo $SM_CURRENT_HOST > /opt/ml/checkpoints/$SM_CURRENT_HOST";
    let ended = of(shell(line), 2).with(with_checkpoints).run();
    ended.completed();
    assert_eq!(paths(&ended.ticket), ["algo-1", "algo-2"]);
}

#[test]
fn hosts_without_the_network_reach_each_other_only() {
    let outside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let script = "import os, socket, time\n\
         port = int(os.environ['OUTSIDE'])\n\
         try:\n    socket.create_connection(('127.0.0.1', port), 5)\n    print('got out')\n\
         except OSError:\n    print('stays inside')\n\
         if os.environ['SM_CURRENT_HOST'] == 'algo-1':\n\
         \x20   peer, _ = socket.create_server(('127.0.0.1', 7000)).accept()\n\
         \x20   print('heard', peer.recv(5).decode())\n\
         else:\n\
         \x20   while True:\n\
         \x20       try:\n            peer = socket.create_connection(('127.0.0.1', 7000))\n            break\n\
         \x20       except ConnectionRefusedError:\n            time.sleep(0.02)\n\
         \x20   peer.sendall(b'hello')\n";
    let port = outside.local_addr().unwrap().port();
    let ended = of(python(script), 2)
        .with(|launch| {
            launch.network = domain::function::Network::Loopback;
            launch
                .variables
                .insert("OUTSIDE".to_owned(), port.to_string());
        })
        .run();
    ended.completed();
    let log = ended.output();
    assert_eq!(lines_of(&log, "algo-1"), ["stays inside", "heard hello"]);
    assert_eq!(lines_of(&log, "algo-2"), ["stays inside"]);
}
