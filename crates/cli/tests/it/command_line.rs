//! The command line by itself: words, forms, exit codes.

use crate::support::{Place, Server};
use serde_json::{Value, json};

#[test]
fn every_list_is_json_for_programs() {
    let server = Server::start();
    let id = server.shell("echo hello; echo score=1", json!({}));
    server.ended(&id);
    let lists: [&[&str]; 6] = [
        &["jobs"],
        &["pipelines"],
        &["models"],
        &["endpoints"],
        &["events"],
        &["doctor"],
    ];
    for words in lists {
        let ran = server.tradewind(&[&["--json"], words].concat()).good();
        assert!(ran.json().is_array(), "{words:?}: {}", ran.out);
        let plain = server.tradewind(words).good();
        assert!(
            !plain.out.contains('\u{1b}'),
            "no colours in a file: {}",
            plain.out
        );
    }
    let job = server.tradewind(&["--json", "jobs", &id]).good().json();
    assert_eq!(job["id"], id.as_str());
    let log = server.tradewind(&["logs", "-f", &id]).good();
    assert!(log.out.contains("hello"), "{}", log.out);
    let line = server.tradewind(&["--json", "logs", &id]).good();
    for line in line.out.lines() {
        let _: Value = serde_json::from_str(line).unwrap();
    }
    let wrong = server.tradewind(&["--json", "jobs", "nothing"]);
    assert_eq!(wrong.code, 1, "{wrong:?}");
    let said: Value = serde_json::from_str(&wrong.err).unwrap();
    assert_eq!(said["code"], "not-found", "{said}");

    let file = server.place.project("files", &[("a.txt", "words")]) + "/a.txt";
    server
        .tradewind(&["objects", "put", &file, "s3://bucket/a.txt"])
        .good();
    assert_eq!(
        server
            .tradewind(&["objects", "get", "s3://bucket/a.txt"])
            .good()
            .out,
        "words"
    );
    let listed = server
        .tradewind(&["--json", "objects", "ls", "s3://bucket/"])
        .good();
    assert!(
        listed.out.contains("a.txt") && !listed.json().is_null(),
        "{}",
        listed.out
    );
    server
        .tradewind(&["objects", "rm", "s3://bucket/a.txt"])
        .good();
    assert_eq!(
        server
            .tradewind(&["objects", "get", "s3://bucket/a.txt"])
            .code,
        1
    );
}

#[test]
fn what_needs_no_server_works_without() {
    let place = Place::new();
    let schema = place.tradewind(&["schema"]).good().json();
    assert!(
        schema["$schema"].is_string() && schema.to_string().contains("for-each"),
        "{schema}"
    );
    let completions = place.tradewind(&["completions", "bash"]).good();
    assert!(completions.out.contains("_tradewind()") && completions.out.contains("pipelines"));
    let plan = place
        .tradewind(&["plan", &crate::support::example("digits-pipeline")])
        .good();
    assert!(
        plan.out.contains("good-enough") && plan.out.contains("this machine"),
        "{}",
        plan.out
    );
    assert!(!place.data.exists(), "nothing was made");
}

#[test]
fn exit_codes_tell_programs_what_happened() {
    let place = Place::new();
    let unknown = place.tradewind(&["pipeline"]);
    assert_eq!(unknown.code, 2, "{unknown:?}");
    assert!(
        unknown.err.contains("similar") && unknown.err.contains("pipelines"),
        "{}",
        unknown.err
    );
    let nobody = place.tradewind(&["jobs"]);
    assert_eq!(nobody.code, 3, "{nobody:?}");
    assert!(nobody.err.contains("tradewind serve"), "{}", nobody.err);
    let elsewhere = place.tradewind(&["--server", "http://127.0.0.1:1", "--key", "k", "jobs"]);
    assert_eq!(elsewhere.code, 3, "{elsewhere:?}");
    let keyless = place.tradewind(&["--server", "http://127.0.0.1:1", "jobs"]);
    assert_eq!(keyless.code, 2, "{keyless:?}");
    let absent = place.tradewind(&["run", "/nothing/here"]);
    assert_eq!(absent.code, 2, "{absent:?}");
}

#[test]
fn mistakes_in_the_file_are_shown_where_they_are() {
    let place = Place::new();
    let cases = [
        ("name: x\nscirpt: main.py\n", "2:", "script"),
        (
            "name: x\nscript: main.py\nlimits:\n  memroy: 1GiB\n",
            "4:",
            "memory",
        ),
        (
            "name: x\nscript: main.py\nlimits:\n  memory: lots\n",
            "4:",
            "lots",
        ),
        (
            "name: x\nsteps:\n  a:\n    script: main.py\n    needs: [bb]\n  b:\n    script: main.py\n",
            "5:",
            "bb",
        ),
        (
            "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nname: *c\n",
            "",
            "",
        ),
    ];
    for (number, (text, line, word)) in cases.into_iter().enumerate() {
        let files = [("tradewind.yaml", text), ("main.py", "print(1)\n")];
        let folder = place.project(&format!("case-{number}"), &files);
        let ran = place.tradewind(&["run", &folder]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains("tradewind.yaml"), "{}", ran.err);
        assert!(
            ran.err.contains(line) && ran.err.contains(word),
            "{line} {word}: {}",
            ran.err
        );
    }
    assert!(!place.data.exists(), "nothing was started");
    let folder = place.project(
        "set",
        &[
            (
                "tradewind.yaml",
                "name: x\nparameters: {size: 1}\nscript: main.py\n",
            ),
            ("main.py", ""),
        ],
    );
    let ran = place.tradewind(&["run", &folder, "--set", "sise=2"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("size"), "the nearest word: {}", ran.err);
}

#[test]
fn the_plan_of_a_run_is_kept_shown_and_made_again() {
    let server = Server::start();
    let file = "name: planned\nsteps:\n  a: {command: [sleep, \"0.2\"], expected: {run_time: 2h, output: 1GiB}}\n  b: {command: [sleep, \"0.2\"], needs: [a]}\n";
    let folder = server.place.project("planned", &[("tradewind.yaml", file)]);
    server.tradewind(&["run", &folder]).good();
    let kept = server
        .tradewind(&["--json", "pipelines", "latest", "--plan"])
        .good()
        .json();
    let plan = &kept["kept"]["answer"]["plan"];
    assert_eq!(plan["placed"][0]["workload"], "a", "{kept}");
    let shown = server.tradewind(&["pipelines", "latest", "--plan"]).good();
    assert!(
        shown.out.contains(kept["kept"]["hash"].as_str().unwrap()),
        "{}",
        shown.out
    );
    let again = server
        .tradewind(&["pipelines", "latest", "--replay"])
        .good();
    assert!(again.out.contains("the same plan"), "{}", again.out);
    let run = kept["run"].as_str().unwrap();
    let jobs = server.get("/jobs").good();
    let attempt = &jobs["items"][0]["attempts"][0];
    assert_eq!(attempt["placement"]["plan"], plan["hash"], "{jobs}");
    // The second run of the pipeline knows how long the first one's jobs took.
    server.tradewind(&["run", &folder, "--no-cache"]).good();
    let second = server
        .tradewind(&["--json", "pipelines", "latest", "--plan"])
        .good()
        .json();
    assert_ne!(second["run"], kept["run"]);
    let basis = &second["kept"]["answer"]["plan"]["placed"][0]["offer"]["estimate"]["basis"];
    assert_eq!(basis["kind"], "learned", "{second}");
    server.tradewind(&["delete", "run", run]).good();
    assert_eq!(server.get(&format!("/runs/{run}/plan")).status, 404);
}
