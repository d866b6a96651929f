//! Limits, by control groups and by watching.

use crate::support::{Ended, Ticket, python, shell};
use domain::job::{BrokenLimit, FailureKind};
use domain::{ByteSize, Span};
use std::fs;
use std::time::{Duration, Instant};
use tradewind_runtimes::launch::Enforcement;

const BOTH: [Enforcement; 2] = [Enforcement::Best, Enforcement::Watching];

fn broken(ended: &Ended, limit: BrokenLimit, words: &str) {
    let failure = ended.failure();
    assert_eq!(
        failure.kind,
        FailureKind::Limit(limit),
        "{}",
        failure.message
    );
    assert!(failure.message.contains(words), "{}", failure.message);
    assert!(
        !failure.message.contains('9'),
        "a signal's number is told: {}",
        failure.message
    );
}

fn limited(ticket: Ticket, enforcement: Enforcement) -> Ticket {
    ticket.with(|launch| launch.enforcement = enforcement)
}

#[test]
fn memory() {
    for enforcement in BOTH {
        let script = "held = []\nwhile True: held.append(bytearray(16 << 20))\n";
        let ticket = limited(python(script), enforcement);
        let ended = ticket
            .with(|launch| launch.limits.memory = Some(ByteSize::mebibytes(200)))
            .run();
        broken(&ended, BrokenLimit::Memory, "200 MiB");
    }
}

#[test]
fn memory_of_a_child_counts_too() {
    for enforcement in BOTH {
        let script = "import subprocess, sys\n\
             subprocess.run([sys.executable, '-c', 'x = bytearray(600 << 20); import time; time.sleep(100)'])\n";
        let ticket = limited(python(script), enforcement);
        let ended = ticket
            .with(|launch| launch.limits.memory = Some(ByteSize::mebibytes(150)))
            .run();
        broken(&ended, BrokenLimit::Memory, "memory");
    }
}

#[test]
fn memory_that_forks_share_is_counted_once() {
    let script = "import os, time\n\
        held = bytearray(150 << 20)\n\
        held[::4096] = held[::4096]\n\
        for _ in range(5):\n    if os.fork() == 0: time.sleep(1000)\n\
        print('forked', flush=True)\n\
        while not os.path.exists('end'): time.sleep(0.01)\n";
    let ticket = python(script)
        .with(|launch| launch.limits.memory = Some(ByteSize::gibibytes(2)))
        .start();
    ticket.heard("forked");
    let groups = ticket.status().unwrap().groups;
    let counts = |file: &str| groups.iter().any(|group| group.join(file).exists());
    let is_counted = counts("memory.max_usage_in_bytes") || counts("memory.peak");
    // Between two looks.
    std::thread::sleep(Duration::from_millis(500));
    fs::write(ticket.layout.code().join("end"), "").unwrap();
    let peak = ticket.finish().completed().record.exit.usage.peak_memory;
    assert!(peak >= 150 << 20, "{peak}");
    assert!(!is_counted || peak < 400 << 20, "{peak}");
}

#[test]
fn forking_without_end() {
    let script = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n";
    let ended = python(script)
        .with(|launch| launch.limits.processes = Some(40))
        .run();
    broken(&ended, BrokenLimit::Processes, "limit of 40");
}

#[test]
fn too_many_processes_where_nothing_but_watching_is_possible() {
    // Bounded, because a machine without control groups has nothing to hold root back meanwhile.
    let script =
        "import os, time\nfor i in range(60):\n    if os.fork() == 0: break\ntime.sleep(1000)\n";
    let ticket = limited(python(script), Enforcement::Watching);
    let ended = ticket
        .with(|launch| launch.limits.processes = Some(40))
        .run();
    broken(&ended, BrokenLimit::Processes, "limit of 40");
}

#[test]
fn wall_clock() {
    let ticket = python("import time\ntime.sleep(1000)\n");
    let begin = Instant::now();
    let ended = ticket
        .with(|launch| launch.limits.wall_clock = Some(Span::milliseconds(1500)))
        .run();
    broken(&ended, BrokenLimit::WallClock, "1.5s");
    assert!(begin.elapsed().as_secs() < 60);
}

#[test]
fn disk() {
    for script in [
        // One file: the system refuses it.
        "f = open('/opt/ml/model/big', 'wb')\nwhile True: f.write(bytes(1 << 20)); f.flush()\n",
        // Many: they are counted.
        "import itertools\nfor i in itertools.count():\n    open(f'/opt/ml/model/{i}', 'wb').write(bytes(1 << 19))\n",
    ] {
        let ended = python(script)
            .with(|launch| launch.limits.disk = Some(ByteSize::mebibytes(8)))
            .run();
        broken(&ended, BrokenLimit::Disk, "8 MiB");
        assert!(
            !ended.ticket.layout.base().exists(),
            "what a failed attempt wrote makes room"
        );
    }
}

#[test]
fn cpus() {
    let script = "import time\nend = time.monotonic() + 1.5\nwhile time.monotonic() < end: pass\n";
    let ended = python(script)
        .with(|launch| launch.limits.milli_cpus = Some(300))
        .run();
    let usage = ended.completed().record.exit.usage;
    assert!(usage.cpu.0 < 1000, "{usage:?}");
    let watched = limited(shell("nproc"), Enforcement::Watching);
    let ended = watched
        .with(|launch| launch.limits.milli_cpus = Some(1000))
        .run();
    assert_eq!(ended.completed().output(), ["1"]);
}

#[test]
fn an_exception_near_a_limit_that_was_not_broken_stays_an_exception() {
    let ended = python("raise MemoryError('by hand')\n")
        .with(|launch| launch.limits.memory = Some(ByteSize::gibibytes(1)))
        .run();
    assert_eq!(ended.failure().kind, FailureKind::UserCode);
}

#[test]
fn a_full_disk_is_told_and_the_end_is_recorded() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    // The ticket's folder is a small file system of its own, which only these processes see.
    let ticket =
        python("f = open('/opt/ml/model/big', 'wb')\nwhile True: f.write(bytes(1 << 16))\n");
    let line = r#"mount -t tmpfs -o size=2m none "$1" && cp "$2/launch.json" "$1" || exit 9
        "$0" supervise "$1"; cp "$1/exit.json" "$2/"; cp -r "$1/log" "$2/""#;
    let small = ticket
        .root
        .path()
        .join(&ticket.launch.ticket)
        .with_extension("small");
    std::fs::create_dir(&small).unwrap();
    let mut command = std::process::Command::new("unshare");
    command.args(["-m", "sh", "-c", line, crate::support::SUPERVISOR]);
    command
        .arg(&small)
        .arg(ticket.layout.folder())
        .stdout(std::process::Stdio::null());
    let ended = ticket.start_as(command).finish();
    broken(&ended, BrokenLimit::Disk, "disk of this machine is full");
}
