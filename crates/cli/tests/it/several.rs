//! Several servers on one PostgreSQL.

use crate::crashes::everything_once;
use crate::support::{Place, Server};
use serde_json::{Value, json};
use std::rc::Rc;
use testing_postgres::Database;

#[test]
fn one_of_two_servers_dies_and_the_other_ends_its_work_once() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let database = runtime.block_on(Database::fresh());
    let arguments = [
        "--lease-milliseconds",
        "1500",
        "--live-jobs",
        "6",
        "--database",
        database.url(),
    ];
    let place = Rc::new(Place::new());
    let mut one = Server::at(place.clone(), &arguments);
    let two = Server::at(place, &arguments);
    let marks = one.place.folder.path().join("marks");
    std::fs::create_dir(&marks).unwrap();
    let runs: Vec<String> = (0..6)
        .map(|number| {
            let server = if number % 2 == 0 { &one } else { &two };
            let spec = pipeline(number, marks.to_str().unwrap());
            let run: Value = server.post("/runs", &json!({"spec": spec})).good();
            run["id"].as_str().unwrap().to_owned()
        })
        .collect();
    crate::support::until("work is under way", || {
        (std::fs::read_dir(&marks).unwrap().count() >= 3).then_some(())
    });
    one.kill();
    for id in &runs {
        let run = two.run_ended(id);
        assert_eq!(run["phase"], "succeeded", "{run}");
        everything_once(&two, id);
    }
    let files: Vec<_> = std::fs::read_dir(&marks).unwrap().flatten().collect();
    assert_eq!(files.len(), 18, "each step ran");
    for file in files {
        assert_eq!(
            std::fs::read_to_string(file.path()).unwrap(),
            "x\n",
            "{:?} ran once",
            file.path()
        );
    }
    two.goes_on();
}

/// Three steps one after the other, each of which leaves a mark.
fn pipeline(number: usize, marks: &str) -> Value {
    let step = |name: &str, needs: Value| {
        let script = format!("echo x >> {marks}/{number}-{name}; sleep 0.3");
        let mut job = crate::support::shell(&script, json!({}));
        job["cache"] = json!(false);
        json!({"name": name, "needs": needs, "action": {"kind": "job", "job": job}})
    };
    json!({"name": format!("pipeline-{number}"), "steps": [
        step("a", json!([])), step("b", json!(["a"])), step("c", json!(["b"])),
    ]})
}
