//! The examples as a user runs them.

use crate::support::{Place, Server, example};
use serde_json::Value;

#[test]
fn breast_cancer_runs_to_a_prediction_in_every_form() {
    let place = std::rc::Rc::new(Place::new());
    let folder = example("breast-cancer");
    // No server runs: the command starts its own.
    let first = place.tradewind(&["run", &folder]).good();
    assert!(first.out.contains("prediction {"), "{}", first.out);
    assert!(first.out.contains("by breast-cancer:1"), "{}", first.out);
    assert!(
        first.out.contains("569 rows of 30 features"),
        "the log is shown: {}",
        first.out
    );
    assert!(
        first.err.contains("started the embedded server"),
        "{}",
        first.err
    );

    let hint = format!("predict breast-cancer {folder}/sample.json");
    assert!(first.out.contains(&hint), "{}", first.out);
    let key = place.tradewind(&["keys", "show"]).good().out;
    assert!(first.out.contains("keys show)") && key.trim().len() > 20);

    let second = place.tradewind(&["--json", "run", &folder]).good();
    let run = second.json();
    assert_eq!(run["phase"], "succeeded");
    let jobs = run["steps"]
        .as_object()
        .unwrap()
        .values()
        .filter(|step| step["job"].is_string());
    assert!(jobs.clone().count() > 0);
    assert!(jobs.clone().all(|step| step["cached"] == true), "{run}");

    let sample = format!("{folder}/sample.json");
    let json = place
        .tradewind(&["--json", "predict", "breast-cancer", &sample])
        .good()
        .json();
    assert_eq!(json["answer"]["predictions"][0], 0, "{json}");
    let text = std::fs::read_to_string(&sample).unwrap();
    let parsed: Value = serde_json::from_str(&text).unwrap();
    let row: Vec<f64> = parsed["instances"][0]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_f64().unwrap())
        .collect();
    let csv = row
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",")
        + "\n";
    place.project("payloads", &[("row.csv", &csv)]);
    let payloads = place.folder.path().join("payloads");
    std::fs::write(payloads.join("row.npy"), npy(&row)).unwrap();
    for file in ["row.csv", "row.npy"] {
        let file = payloads.join(file);
        let said = place
            .tradewind(&["--json", "predict", "breast-cancer", file.to_str().unwrap()])
            .good();
        assert_eq!(said.json()["answer"]["predictions"][0], 0, "{said:?}");
    }
    let refused = place.tradewind(&["delete", "model", "breast-cancer:1"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("endpoint"), "{}", refused.err);

    // The embedded server ends; one of ours on the same data serves what was deployed.
    let announced = std::fs::read(place.data.join("server.json")).unwrap();
    let announced: Value = serde_json::from_slice(&announced).unwrap();
    let pid = nix::unistd::Pid::from_raw(announced["pid"].as_i64().unwrap() as i32);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    crate::support::until("the server has withdrawn", || {
        (!place.data.join("server.json").exists() && nix::sys::signal::kill(pid, None).is_err())
            .then_some(())
    });
    let server = Server::at(place, &[]);
    let infer = serde_json::json!({"inputs": [
        {"name": "x", "shape": [1, row.len()], "datatype": "FP64", "data": row},
    ]});
    let ready = crate::support::until("the endpoint is up again", || {
        let answer = server.get("/v2/models/breast-cancer/ready");
        (answer.status == 200).then_some(answer)
    });
    assert_eq!(ready.status, 200);
    let answer = server.post("/v2/models/breast-cancer/infer", &infer).good();
    assert_eq!(answer["outputs"][0]["data"][0], 0, "{answer}");
    assert_eq!(server.get("/v2/models/nothing/ready").status / 100, 4);
}

/// NPY version 1.0 of one row of doubles (numpy.lib.format).
fn npy(row: &[f64]) -> Vec<u8> {
    let mut head = format!(
        "{{'descr': '<f8', 'fortran_order': False, 'shape': (1, {}), }}",
        row.len()
    );
    while (10 + head.len() + 1) % 64 != 0 {
        head.push(' ');
    }
    head.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(head.len()).unwrap().to_le_bytes());
    bytes.extend(head.as_bytes());
    bytes.extend(row.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

#[test]
fn digits_take_either_branch_and_go_on_where_they_stopped() {
    let server = Server::start();
    let folder = example("digits-pipeline");
    let first = server.tradewind(&["run", &folder]).good();
    assert!(first.out.contains("prediction {"), "{}", first.out);
    assert!(first.out.contains("by digits:1"), "{}", first.out);

    let second = server.tradewind(&["--json", "run", &folder]).good().json();
    for step in second["steps"]
        .as_object()
        .unwrap()
        .values()
        .filter(|step| step["job"].is_string())
    {
        assert_eq!(step["cached"], true, "{second}");
    }

    let other = server.tradewind(&["run", &folder, "--set", "least_accuracy=0.999"]);
    assert_eq!(other.code, 1, "{other:?}");
    assert!(
        other.err.contains("the best accuracy is 0.9"),
        "{}",
        other.err
    );
    assert!(other.err.contains("less than 0.999"), "{}", other.err);
    let shown = server
        .tradewind(&["--json", "pipelines", "latest"])
        .good()
        .json();
    assert_eq!(shown["steps"]["register"]["state"], "skipped", "{shown}");
    assert_eq!(shown["steps"]["give-up"]["state"], "failed", "{shown}");
    assert_eq!(
        server.get("/models/digits").good()["aliases"]["champion"],
        1,
        "same model"
    );
}

#[test]
fn a_failed_run_is_resumed_from_the_failed_step() {
    let server = Server::start();
    let flag = server.place.folder.path().join("mended");
    let second = format!("test -f {} || exit 9; echo done", flag.display());
    let file = format!(
        "name: mending\nsteps:\n  first:\n    command: [sh, -c, 'echo x >> {0}.count']\n  second:\n    \
         needs: [first]\n    command: [sh, -c, '{second}']\n",
        flag.display()
    );
    let folder = server
        .place
        .project("mending", &[("tradewind.yaml", &file)]);
    let failed = server.tradewind(&["run", &folder]);
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(
        failed.err.contains("step `second` failed") && failed.err.contains('9'),
        "{}",
        failed.err
    );
    assert!(failed.err.contains("--resume"), "{}", failed.err);
    std::fs::write(&flag, "").unwrap();
    let resumed = server
        .tradewind(&["--json", "pipelines", "latest", "--resume"])
        .good()
        .json();
    let run = server.run_ended(resumed["id"].as_str().unwrap());
    assert_eq!(run["phase"], "succeeded", "{run}");
    let count = std::fs::read_to_string(format!("{}.count", flag.display())).unwrap();
    assert_eq!(
        count.lines().count(),
        1,
        "the first step was not done again"
    );
    let again = server.tradewind(&["pipelines", "latest", "--resume"]);
    assert_eq!(again.code, 1);
    assert!(
        again.err.contains("only a failed or stopped one"),
        "{}",
        again.err
    );
}
