//! What keeps a server from starting: said in a paragraph, with nothing broken.

use crate::support::{Place, Server, finish, until};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;

#[test]
fn a_port_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let place = Place::new();
    let ran = place.tradewind(&["serve", "--listen", &address]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(
        ran.err.contains(&format!("cannot listen on `{address}`")),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("--listen"), "{}", ran.err);
    let exposed = place.tradewind(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(exposed.code, 4, "{exposed:?}");
    assert!(exposed.err.contains("--allow-remote"), "{}", exposed.err);
}

#[test]
fn a_data_folder_has_one_server() {
    let server = Server::start();
    let ran = server.tradewind(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(
        ran.err
            .contains("another server already uses the data folder"),
        "{}",
        ran.err
    );
    server.goes_on();
    server.tradewind(&["jobs"]).good();
}

#[test]
fn a_data_folder_that_cannot_be_written_is_told() {
    let place = Place::new();
    fs::write(&place.data, "not a folder").unwrap();
    for arguments in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["run", &crate::support::example("breast-cancer")][..],
    ] {
        let ran = place.tradewind(arguments);
        assert_eq!(ran.code, 4, "{ran:?}");
        assert!(
            ran.err.contains(place.data.to_str().unwrap()),
            "{}",
            ran.err
        );
    }
    fs::remove_file(&place.data).unwrap();
    fs::create_dir(&place.data).unwrap();
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    // Root writes everywhere but to what is mounted to be read only.
    let data = place.data.to_str().unwrap();
    let script = format!(
        "mount --bind {data} {data} && mount -o remount,bind,ro {data} && exec {} serve --listen 127.0.0.1:0",
        crate::support::PROGRAM
    );
    let mut command = std::process::Command::new("unshare");
    command
        .args(["--mount", "sh", "-c", &script])
        .env("TRADEWIND_DATA", data);
    let ran = finish(command);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(
        ran.err.contains("Read-only") && ran.err.contains("--data"),
        "{}",
        ran.err
    );
}

#[test]
fn a_database_of_a_newer_version_stays_untouched() {
    let mut server = Server::start();
    let id = server.shell("true", serde_json::json!({}));
    server.ended(&id);
    server.kill();
    let database = server.place.data.join("tradewind.db");
    let script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\n\
        c.execute(\"insert into schema_version values (999, 'later', 1)\")\nc.commit()\n";
    let mut python = std::process::Command::new("python3");
    python.args(["-c", script]).arg(&database);
    finish(python).good();
    let ran = server.tradewind(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(
        ran.err.contains("newer version of Tradewind"),
        "{}",
        ran.err
    );
    let mut python = std::process::Command::new("python3");
    python
        .args([
            "-c",
            "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\n\
        c.execute('delete from schema_version where version = 999')\nc.commit()\n",
        ])
        .arg(&database);
    finish(python).good();
    server.restart();
    assert_eq!(server.job(&id)["id"], id.as_str(), "nothing was lost");
}

#[test]
fn two_runs_at_once_on_a_fresh_folder_share_one_server() {
    let place = Place::new();
    let folder = place.project(
        "both",
        &[
            ("tradewind.yaml", "name: both\nscript: main.py\n"),
            ("main.py", "print('hello from both')\n"),
        ],
    );
    let children: Vec<_> = (0..2)
        .map(|_| {
            let command = place.command(&["run", &folder]);
            std::thread::spawn(move || finish(command))
        })
        .collect();
    for child in children {
        let ran = child.join().unwrap().good();
        assert!(ran.out.contains("succeeded in"), "{ran:?}");
    }
    let runs = place.tradewind(&["--json", "pipelines"]).good().json();
    assert_eq!(runs.as_array().unwrap().len(), 2, "{runs}");
    let server = format!("serve\0--any-port\0--data\0{}", place.data.display());
    let count = || {
        fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter(|entry| {
                let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                String::from_utf8_lossy(&line).contains(&server)
            })
            .count()
    };
    until("one server is left", || (count() == 1).then_some(()));
}

#[test]
fn wrong_settings_are_told_with_their_line() {
    let place = Place::new();
    let folder = place.project(
        "settings",
        &[("tradewind.toml", "data = \"x\"\nlistne = \"127.0.0.1:1\"\n")],
    );
    let ran = place.tradewind(&["serve", "--config", &format!("{folder}/tradewind.toml")]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.err.contains("listne") && ran.err.contains("line 2"),
        "{}",
        ran.err
    );
}

#[test]
fn a_server_that_is_stopped_leaves_its_database_in_one_file() {
    let mut server = Server::start();
    let id = server.shell("true", serde_json::json!({}));
    server.ended(&id);
    server.end();
    let log = server.place.data.join("tradewind.db-wal");
    let left = fs::metadata(&log).map_or(0, |facts| facts.len());
    assert_eq!(left, 0, "the log is folded in");
    // The file alone, beside the keys, is a whole backup of what is known.
    let copy = Place::new();
    fs::create_dir_all(&copy.data).unwrap();
    for name in ["tradewind.db", "credentials.json"] {
        fs::copy(server.place.data.join(name), copy.data.join(name)).unwrap();
    }
    let restored = Server::at(std::rc::Rc::new(copy), &[]);
    assert_eq!(restored.job(&id)["id"], id.as_str());
}
