//! Interpreters that are not our worker: whatever they say, the launch fails with a reason and
//! nothing is left running.

use crate::support::{Bench, eventually, runs, spec, write};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

#[tokio::test]
async fn a_foreign_program_in_place_of_the_interpreter() {
    let bench = Bench::new();
    let cases = [
        (
            "silent",
            "echo $$ > \"$SM_MODEL_DIR/pid\"; exec sleep 1000",
            "not ready within",
        ),
        (
            "leaves",
            "echo $$ > \"$SM_MODEL_DIR/pid\"; echo who am I >&2; exit 7",
            "exit code 7; its last words: who am I",
        ),
        (
            "rubbish",
            "echo $$ > \"$SM_MODEL_DIR/pid\"; head -c 100000 /dev/zero >&0; exec sleep 1000",
            "ended while loading",
        ),
    ];
    for (word, script, reason) in cases {
        let mut deployment = bench.deployment("def predict(m, i): return i\n");
        let program = write(bench.folder.path(), word, format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        deployment.interpreter = program;
        deployment.timing.start = Duration::from_secs(2);
        let pid = deployment.model_folder.join("pid");
        bench
            .endpoints
            .apply(spec(word, vec![deployment]), 1)
            .unwrap();
        let error = bench.settled(word, 1).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{word}: {error}");
        bench.endpoints.remove(&crate::support::key(word)).await;
        let process: u32 = std::fs::read_to_string(pid)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        eventually("the program is gone", || !runs(process)).await;
    }
}
