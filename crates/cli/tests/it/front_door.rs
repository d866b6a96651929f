//! Programs that know nothing of Tradewind, run by `exec`: where their SDK's calls arrive, and what
//! becomes of their exit codes and signals.

use crate::support::{Place, Server, finish, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

const KEYS: &[&str] = &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"];

#[test]
fn exit_codes_and_signals_are_the_programs_own() {
    let server = Server::start();
    let exec = |rest: &[&str]| server.tradewind(&[&["exec", "--"], rest].concat());
    assert_eq!(
        exec(&["sh", "-c", "echo out; echo err >&2; exit 7"]).code,
        7
    );
    let ran = exec(&["sh", "-c", "printf %s \"$1\"", "sh", "--json"]).good();
    assert_eq!(ran.out, "--json", "arguments are the program's own");
    let missing = exec(&["/no/such/program"]);
    assert_eq!(missing.code, 127);
    assert!(
        missing.err.contains("`/no/such/program` cannot be run"),
        "{missing:?}"
    );
    assert_eq!(exec(&["/etc/passwd"]).code, 126);
    assert_eq!(server.tradewind(&["exec"]).code, 2);
    let mut command = server
        .place
        .command(&["exec", "--", "sh", "-c", "kill -KILL $$"]);
    let status = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.signal(), Some(9));
    // A signal sent to what was started reaches the program itself, which may answer it.
    let ready = server.place.folder.path().join("ready");
    let script = format!(
        "trap 'exit 42' TERM; touch {}; while :; do sleep 0.01; done",
        ready.display()
    );
    let mut command = server.place.command(&["exec", "--", "sh", "-c", &script]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("the program runs", || ready.exists().then_some(()));
    kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(42));
}

#[test]
fn a_program_starts_the_server_and_has_no_child_of_ours() {
    let place = Place::new();
    let script = "import json, os\n\
                  try:\n    os.waitpid(-1, os.WNOHANG)\n    children = True\n\
                  except ChildProcessError:\n    children = False\n\
                  print(json.dumps([children, dict(os.environ)]))";
    let mut command = place.command(&["exec", "--", "python3", "-c", script]);
    command
        .env("AWS_PROFILE", "production")
        .env("AWS_SESSION_TOKEN", "token")
        .env("AWS_ENDPOINT_URL_STS", "https://elsewhere.example")
        .env("NO_PROXY", "amazonaws.com,internal.example");
    let said = finish(command).good().json();
    assert_eq!(said[0], false, "the server is a child of the program");
    let environment = &said[1];
    for gone in ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_STS"] {
        assert!(environment.get(gone).is_none(), "{gone}");
    }
    assert_eq!(
        environment["NO_PROXY"],
        "localhost,127.0.0.1,::1,internal.example"
    );
    let credentials = fs::read(place.data.join("credentials.json")).unwrap();
    let credentials: Value = serde_json::from_slice(&credentials).unwrap();
    assert_eq!(
        environment["AWS_ACCESS_KEY_ID"],
        credentials["aws"]["access_key_id"]
    );
    let bundle = fs::read_to_string(environment["AWS_CA_BUNDLE"].as_str().unwrap()).unwrap();
    let own = fs::read_to_string(place.data.join("authority/certificate.pem")).unwrap();
    assert!(bundle.contains(&own) && bundle.len() > own.len());
    // The server goes on after the program has ended.
    place.tradewind(&["jobs"]).good();
}

#[test]
fn an_sdks_call_to_the_clouds_own_name_arrives_here() {
    let server = Server::start();
    let script = "import urllib.request, urllib.error\n\
                  try:\n    print(urllib.request.urlopen('https://s3.amazonaws.com/').status)\n\
                  except urllib.error.HTTPError as error:\n    print(error.code)";
    let ran = server
        .tradewind(&["exec", "--", "python3", "-c", script])
        .good();
    assert!(ran.out.trim().parse::<u16>().unwrap() < 600, "{ran:?}");
    let lookup = "import urllib.request; urllib.request.urlopen('http://169.254.169.254/latest/')";
    let ran = server.tradewind(&["exec", "--", "python3", "-c", lookup]);
    assert!(ran.err.contains("HTTP Error 403"), "{ran:?}");
}

#[test]
fn a_shell_gets_the_same_variables() {
    let server = Server::start();
    let shown = server.tradewind(&["env", "--json"]).good().json();
    let set = shown["set"].as_object().unwrap();
    let script = format!(
        "AWS_PROFILE=x; export AWS_PROFILE; eval \"$({} env --shell sh)\"; env -0",
        crate::support::PROGRAM
    );
    let mut command = server.place.command(&[]);
    command = {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script]);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell
    };
    let ran = finish(command).good();
    let lines: BTreeSet<&str> = ran.out.split('\0').collect();
    for (name, value) in set {
        let line = format!("{name}={}", value.as_str().unwrap());
        assert!(lines.contains(line.as_str()), "{name}: {lines:?}");
    }
    assert!(!lines.iter().any(|line| line.starts_with("AWS_PROFILE=")));
    let plain = server
        .tradewind(&["env", "--json", "--plain"])
        .good()
        .json();
    assert_eq!(plain["set"]["AWS_ENDPOINT_URL"], server.address);
    assert!(plain["set"].get("HTTPS_PROXY").is_none());
    for name in KEYS {
        assert_eq!(plain["set"][name], shown["set"][name], "{name}");
    }
    let fish = server.tradewind(&["env", "--shell", "fish"]).good().out;
    assert!(
        fish.contains(&format!("set -gx HTTPS_PROXY '{}'", server.address)),
        "{fish}"
    );
}

#[test]
fn the_doctor_shows_the_authority_and_removes_it() {
    let mut server = Server::start();
    let found = |server: &Server| {
        let findings = server.tradewind(&["doctor", "--json"]).json();
        let findings = findings.as_array().unwrap();
        let authority = findings
            .iter()
            .find(|finding| finding["what"] == "authority");
        authority.unwrap()["detail"].as_str().unwrap().to_owned()
    };
    let first = found(&server);
    for part in ["SHA-256", "certificate.pem", "amazonaws.com", "good until"] {
        assert!(first.contains(part), "{first}");
    }
    let removed = server.tradewind(&["doctor", "--remove-authority"]).good();
    assert!(
        removed.out.contains("keeps its own in memory"),
        "{removed:?}"
    );
    assert!(found(&server).contains("none yet"));
    server.kill();
    server.restart();
    let second = found(&server);
    assert!(second.contains("SHA-256") && second != first, "{second}");
}

#[test]
fn the_servers_keys_are_kept_and_private() {
    use std::os::unix::fs::MetadataExt;
    let mut server = Server::start();
    let file = server.place.data.join("credentials.json");
    let first = fs::read(&file).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    server.kill();
    server.restart();
    assert_eq!(fs::read(&file).unwrap(), first);
    let keys: Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(keys["aws"]["access_key_id"].as_str().unwrap().len(), 20);
    assert_eq!(keys["aws"]["secret_access_key"].as_str().unwrap().len(), 40);
}

/// What a job sees of the variables that lead an SDK here.
fn seen_by_a_job(server: &Server) -> Value {
    let script = "printf '{\"endpoint\":\"%s\",\"key\":\"%s\",\"proxy\":\"%s\"}' \
                  \"$AWS_ENDPOINT_URL\" \"$AWS_ACCESS_KEY_ID\" \"$HTTPS_PROXY\"";
    let id = server.shell(script, json!({}));
    let job = server.ended(&id);
    assert_eq!(job["phase"]["outcome"]["kind"], "succeeded", "{job}");
    let log = server.tradewind(&["logs", &id]).good().out;
    let line = log
        .lines()
        .find_map(|line| line.find('{').map(|at| &line[at..]));
    serde_json::from_str(line.unwrap_or_else(|| panic!("{log}"))).unwrap()
}

#[test]
fn a_job_comes_by_the_plain_endpoint() {
    let server = Server::start();
    let seen = seen_by_a_job(&server);
    let kept = |name: &str| -> Value {
        let file = fs::read(server.place.data.join(name)).unwrap();
        serde_json::from_slice(&file).unwrap()
    };
    assert_eq!(seen["endpoint"], server.address);
    // Keys of its own, not those that open everything.
    assert_eq!(seen["key"], kept("job-keys.json")["id"]);
    assert_ne!(
        seen["key"],
        kept("credentials.json")["aws"]["access_key_id"]
    );
    assert_eq!(seen["proxy"], "");
}
