//! What goes wrong in users' code: each a clear paragraph, and the server goes on.

use crate::support::{Place, Server, message, processes_of, until};
use serde_json::{Value, json};
use std::fs;

/// Runs a folder with a script that fails; gives the command's words and the job.
fn fails(server: &Server, name: &str, more: &str, script: &str) -> (String, Value) {
    let file = format!("name: {name}\nscript: main.py\n{more}");
    let folder = server
        .place
        .project(name, &[("tradewind.yaml", &file), ("main.py", script)]);
    let ran = server.tradewind(&["run", &folder]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let page = server.get("/jobs?limit=1").good();
    let id = page["items"][0]["id"].as_str().unwrap().to_owned();
    (ran.err, server.ended(&id))
}

#[test]
fn bad_endings_of_scripts_are_told_with_their_place() {
    let server = Server::start();
    let (said, job) = fails(&server, "exits", "", "import sys\nsys.exit(3)\n");
    assert!(said.contains("exit code 3"), "{said}");
    assert_eq!(job["phase"]["outcome"]["failure"]["exit_code"], 3, "{job}");

    let script = "def inner():\n    raise ValueError('no such thing')\n\ninner()\n";
    let (said, job) = fails(&server, "raises", "", script);
    let failure = &job["phase"]["outcome"]["failure"];
    assert!(
        said.contains("`main.py` line 2 raised `ValueError`: no such thing"),
        "{said}"
    );
    assert_eq!(
        (&failure["file"], &failure["line"]),
        (&json!("main.py"), &json!(2)),
        "{failure}"
    );
    assert_eq!(failure["kind"], "user-code");

    let (said, _) = fails(&server, "syntax", "", "x = (\n");
    assert!(
        said.contains("main.py") && said.contains("SyntaxError"),
        "{said}"
    );
    let folder = server.place.project(
        "missing",
        &[("tradewind.yaml", "name: m\nscript: nothing.py\n")],
    );
    let ran = server.tradewind(&["run", &folder]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.err.contains("nothing.py") && ran.err.contains("tradewind.yaml"),
        "{}",
        ran.err
    );
    server.goes_on();
}

#[test]
fn broken_limits_are_named() {
    let server = Server::start();
    let script = "x = []\nwhile True:\n    x.append(bytearray(8 << 20))\n";
    let (said, job) = fails(&server, "hungry", "limits: {memory: 128MiB}\n", script);
    assert!(said.contains("memory") && said.contains("128"), "{said}");
    assert_eq!(
        job["phase"]["outcome"]["failure"]["kind"],
        json!({"limit": "memory"}),
        "{job}"
    );

    let forks = "import os, time\ntry:\n    while True:\n        if os.fork() == 0:\n            time.sleep(600)\n\
                 except OSError:\n    time.sleep(1)\n    raise\n";
    let (said, job) = fails(&server, "forks", "limits: {processes: 20}\n", forks);
    assert!(said.contains("processes") && said.contains("20"), "{said}");
    assert_eq!(
        job["phase"]["outcome"]["failure"]["kind"],
        json!({"limit": "processes"}),
        "{job}"
    );

    let (said, job) = fails(
        &server,
        "slow",
        "limits: {wall_clock: 1s}\ngrace: 1s\n",
        "import time\ntime.sleep(600)\n",
    );
    assert!(said.contains("longer than its limit of 1s"), "{said}");
    assert_eq!(
        job["phase"]["outcome"]["failure"]["kind"],
        json!({"limit": "wall-clock"}),
        "{job}"
    );
    nothing_runs(&server);
    server.goes_on();
}

/// All of the jobs' processes have ended; only the server is left.
fn nothing_runs(server: &Server) {
    let tickets = server.place.data.join("tickets");
    let folder = tickets.to_str().unwrap();
    until("all processes of jobs have ended", || {
        processes_of(folder).is_empty().then_some(())
    });
}

#[test]
fn a_flood_of_output_is_kept_within_bounds() {
    let server = Server::start();
    let id = server.shell(
        "yes 'a line that is printed again and again' | head -c 300000000; echo the end",
        json!({}),
    );
    let job = server.ended(&id);
    assert_eq!(job["phase"]["outcome"]["kind"], "succeeded", "{job}");
    let warnings = job["attempts"][0]["exit"]["warnings"].to_string();
    assert!(
        warnings.contains("lines were not kept"),
        "what was dropped is said: {warnings}"
    );
    let bytes = size(&server.place.data);
    assert!(bytes < 200_000_000, "{bytes} bytes are kept");
    server.goes_on();
}

fn size(folder: &std::path::Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(facts) if facts.is_dir() => size(&entry.path()),
            Ok(facts) => facts.len(),
            Err(_) => 0,
        })
        .sum()
}

#[test]
fn inputs_and_requirements_that_cannot_be_had_are_told() {
    let server = Server::start();
    let job = server.ended(&server.shell(
        "true",
        json!({"inputs": {"train": ["file:///nothing/there.csv"]}}),
    ));
    assert!(message(&job).contains("/nothing/there.csv"), "{job}");
    assert_eq!(job["phase"]["outcome"]["failure"]["kind"], "input");
    let job = server.ended(&server.shell(
        "true",
        json!({"inputs": {"train": ["s3://nobody/nothing/"]}}),
    ));
    assert!(message(&job).contains("s3://nobody/nothing/"), "{job}");
    let folder = server.place.project(
        "gone",
        &[
            (
                "tradewind.yaml",
                "name: gone\nscript: main.py\ninputs: {train: not-here.csv}\n",
            ),
            ("main.py", "print(1)\n"),
        ],
    );
    let ran = server.tradewind(&["run", &folder]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("not-here.csv"), "{}", ran.err);

    let more = "environment: [tradewind-has-no-such-package==99.9]\n";
    let (said, job) = fails(&server, "unresolvable", more, "print(1)\n");
    assert!(said.contains("tradewind-has-no-such-package"), "{said}");
    assert_eq!(
        job["phase"]["outcome"]["failure"]["kind"], "environment",
        "{job}"
    );
    server.goes_on();
}

#[test]
fn a_damaged_model_is_not_deployed_and_the_old_one_goes_on() {
    let server = Server::start();
    let good = crate::endpoints::train(&server, "models", "one");
    assert!(good.out.contains("prediction"), "{}", good.out);
    let bytes = vec![0x80_u8, 4, 0, 1, 2, 3];
    let put = server
        .request(
            reqwest::Method::PUT,
            "/buckets/damaged/objects/model/model.joblib",
        )
        .body(bytes);
    server.send(put).good();
    let new = json!({"artifact": "s3://damaged/model/"});
    let version = server.post("/models/teller/versions", &new).good();
    assert_eq!(version["version"], 2, "{version}");
    let ran = server.tradewind(&["deploy", "teller", "teller:2"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.err.contains("model") && ran.err.lines().count() < 12,
        "{}",
        ran.err
    );
    let answer = server
        .tradewind(&["predict", "teller", "{\"instances\": [1]}"])
        .good();
    assert!(
        answer.out.contains("one"),
        "what answered before still does: {}",
        answer.out
    );
    server.goes_on();
}

#[test]
fn failures_are_tried_again_after_a_pause() {
    let server = Server::start();
    let count = server.place.folder.path().join("count");
    let script = format!("echo x >> {0}; test $(wc -l < {0}) -ge 3", count.display());
    let policy = json!({"retries": {"attempts": 4, "backoff": 300, "longest_backoff": 60_000}});
    let job = server.ended(&server.shell(&script, json!({"policy": policy})));
    assert_eq!(job["phase"]["outcome"]["kind"], "succeeded", "{job}");
    let attempts = job["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 3);
    let time = |attempt: usize, what: &str| attempts[attempt]["exit"][what].as_i64().unwrap();
    assert!(time(1, "started") - time(0, "ended") >= 300, "{job}");
    assert!(
        time(2, "started") - time(1, "ended") >= 600,
        "the pause doubles: {job}"
    );
}

#[test]
fn a_stop_ends_the_whole_process_tree() {
    let server = Server::start();
    let mark = server.place.folder.path().join("up");
    let script = format!(
        "trap '' TERM; (trap '' TERM; sleep 600) & setsid sleep 601 & echo up > {}; sleep 602; wait",
        mark.display()
    );
    let step = json!({"name": "long", "action": {"kind": "job",
        "job": crate::support::shell(&script, json!({"grace": 300}))}});
    let run = server
        .post(
            "/runs",
            &json!({"spec": {"name": "stopped", "steps": [step]}}),
        )
        .good();
    let id = run["id"].as_str().unwrap();
    until("the tree is up", || mark.exists().then_some(()));
    server.tradewind(&["stop", id]).good();
    let run = server.run_ended(id);
    assert_eq!(run["phase"], "stopped", "{run}");
    assert_eq!(run["steps"]["long"]["state"], "stopped", "{run}");
    nothing_runs(&server);
    server.goes_on();
}

/// A file system of its own for a data folder; gone with this value.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    /// `None` when this user may not mount.
    fn mount(folder: &std::path::Path) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let mut mount = std::process::Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=32m", "none"])
            .arg(folder);
        let mounted = mount.output().unwrap().status.success();
        mounted.then(|| Self(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(&self.0)
            .status();
    }
}

#[test]
fn a_job_that_fills_the_disk_fails_and_makes_room_again() {
    let place = std::rc::Rc::new(Place::new());
    let Some(_disk) = SmallDisk::mount(&place.data) else {
        return;
    };
    let server = Server::at(place, &[]);
    let script = "f = open('/opt/ml/model/big', 'wb')\nwhile True: f.write(bytes(1 << 16))\n";
    let (said, job) = fails(&server, "fills", "", script);
    assert!(said.contains("disk"), "{said}");
    assert_eq!(
        job["phase"]["outcome"]["failure"]["kind"]["limit"], "disk",
        "{job}"
    );
    server.goes_on();
}
