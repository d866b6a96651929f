//! Processes: as many as asked for, none left at the end, however the end comes.

use crate::support::{Bench, eventually, key, name, request, runs, spec};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tradewind_serving::replica::Joins;
use tradewind_serving::{Call, EndpointStatus, LaunchOrder, Limits, Phase};

const SIMPLE: &str = "def predict(model, instances):\n    return instances\n";

#[tokio::test]
async fn the_python_launcher_conforms() {
    let bench = Bench::new();
    let order = LaunchOrder {
        endpoint: key("conformance"),
        deployment: Arc::new(bench.deployment(SIMPLE)),
        number: 1,
        limits: Limits::default(),
        engine: tradewind_serving::replica::Engine::Python(None),
    };
    let call = Call {
        content_type: String::new(),
        accept: String::new(),
        body: "[1]".into(),
        deadline: Instant::now() + Duration::from_mins(1),
        joins: Joins::Rows,
        stages: tradewind_serving::traces::Stages::default(),
    };
    tradewind_serving::conformance::launcher(&*bench.launcher, &order, &call)
        .await
        .unwrap();
}

#[tokio::test]
async fn replicas_follow_the_wanted_number_and_keep_their_processes() {
    let bench = Bench::new();
    let mut deployment = bench.deployment(SIMPLE);
    deployment.replicas = 1;
    let endpoint = bench.serve("scale", deployment.clone()).await;
    let first = bench.processes(&endpoint);
    deployment.replicas = 3;
    bench
        .endpoints
        .apply(spec("scale", vec![deployment.clone()]), 2)
        .unwrap();
    bench.settled("scale", 2).await.unwrap();
    let three = bench.processes(&endpoint);
    assert_eq!(three.len(), 3);
    assert!(three.contains(&first[0]), "the first one stayed");
    deployment.replicas = 1;
    bench
        .endpoints
        .apply(spec("scale", vec![deployment]), 3)
        .unwrap();
    eventually("one is left", || {
        three.iter().filter(|pid| runs(**pid)).count() == 1
    })
    .await;
    assert_eq!(bench.processes(&endpoint), first);
    bench.endpoints.shut_down().await;
    assert!(!runs(first[0]), "shutting down waits for the end");
    assert!(bench.endpoints.status(&endpoint).is_none());
}

#[tokio::test]
async fn a_killed_replica_is_replaced_without_a_request() {
    let bench = Bench::new();
    let endpoint = bench.serve("phoenix", bench.deployment(SIMPLE)).await;
    let first = bench.processes(&endpoint)[0];
    assert!(
        Command::new("kill")
            .args(["-9", &first.to_string()])
            .status()
            .unwrap()
            .success()
    );
    eventually("another process serves", || {
        bench
            .processes(&endpoint)
            .first()
            .is_some_and(|pid| *pid != first)
    })
    .await;
    let EndpointStatus {
        phase, deployments, ..
    } = bench.endpoints.status(&endpoint).unwrap();
    assert_eq!(phase, Phase::Ready);
    assert_eq!(
        (deployments[0].figures.lost, deployments[0].figures.launched),
        (1, 2)
    );
}

#[tokio::test]
async fn replicas_end_when_the_data_plane_is_dropped_with_its_runtime() {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let bench = Bench::new();
            let endpoint = bench.serve("dropped", bench.deployment(SIMPLE)).await;
            send.send(bench.processes(&endpoint)).unwrap();
        });
    });
    let processes = tokio::task::spawn_blocking(move || receive.recv().unwrap())
        .await
        .unwrap();
    assert_eq!(processes.len(), 1);
    eventually("the replica is gone", || !runs(processes[0])).await;
}

/// Not a test of its own: the server that the next test kills.
#[tokio::test]
#[ignore = "it is started, and killed, by another test"]
async fn server_to_be_killed() {
    let forks = std::env::var_os("FORKS").is_some();
    let bench = if forks {
        Bench::forking()
    } else {
        Bench::new()
    };
    let code = "
import os, subprocess, time
loader = os.getpid()
def predict(model, instances):
    if instances == ['busy']:
        exec('while True: pass')
    return [loader, subprocess.Popen(['sleep', '1000']).pid]
";
    let mut deployment = bench.deployment(code);
    deployment.replicas = 2;
    let endpoint = bench.serve("killed", deployment).await;
    let got = bench.answer(&endpoint, "[]").await;
    let mut all = bench.processes(&endpoint);
    let told = got["predictions"].as_array().unwrap();
    all.extend(
        told.iter()
            .map(|pid| u32::try_from(pid.as_u64().unwrap()).unwrap()),
    );
    all.sort_unstable();
    all.dedup();
    let line: Vec<String> = all.iter().map(u32::to_string).collect();
    println!("\nPROCESSES {}", line.join(" "));
    // One replica holds the interpreter lock in a loop while the server is killed.
    drop(bench.json(&endpoint, r#"["busy"]"#).await);
}

#[tokio::test]
async fn kill_minus_nine_of_the_server_leaves_no_process() {
    let server = Command::new(std::env::current_exe().unwrap());
    kill_a_server(server, 3).await;
}

#[tokio::test]
async fn kill_minus_nine_of_a_forking_server_leaves_no_process_and_no_template() {
    let mut server = Command::new(std::env::current_exe().unwrap());
    server.env("FORKS", "1");
    kill_a_server(server, 4).await;
}

/// Two replicas, the child of one, and the process that loaded when that is none of them.
async fn kill_a_server(mut server: Command, count: usize) {
    let mut server = server
        .args([
            "--exact",
            "lifecycle::server_to_be_killed",
            "--ignored",
            "--nocapture",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(server.stdout.take().unwrap());
    let processes: Vec<u32> = tokio::task::spawn_blocking(move || {
        let lines = output.lines().map_while(Result::ok);
        let mut found = lines.filter_map(|line| Some(line.strip_prefix("PROCESSES ")?.to_owned()));
        let line = found.next().expect("the server says its processes");
        line.split(' ').map(|pid| pid.parse().unwrap()).collect()
    })
    .await
    .unwrap();
    assert_eq!(processes.len(), count);
    assert!(processes.iter().all(|pid| runs(*pid)));
    server.kill().unwrap();
    server.wait().unwrap();
    eventually("nothing is left", || {
        processes.iter().all(|pid| !runs(*pid))
    })
    .await;
}

#[tokio::test]
async fn removing_answers_what_is_under_way() {
    let bench = Bench::new();
    let code = "import time\ndef predict(m, i):\n    time.sleep(0.3)\n    return i\n";
    let endpoint = bench.serve("leaving", bench.deployment(code)).await;
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let (endpoints, endpoint) = (bench.endpoints.clone(), endpoint.clone());
            tokio::spawn(async move { endpoints.invoke(&endpoint, request("", "", "[1]")).await })
        })
        .collect();
    eventually("all have arrived", || {
        let deployment = &bench.endpoints.status(&endpoint).unwrap().deployments[0];
        deployment.running + deployment.waiting == 3
    })
    .await;
    bench.endpoints.remove(&endpoint).await;
    for call in calls {
        assert_eq!(
            &call.await.unwrap().unwrap().body[..],
            b"{\"predictions\":[1]}"
        );
    }
    assert!(bench.json(&endpoint, "[1]").await.is_err());
    assert!(bench.log.lines(&endpoint, &name("main")).is_empty());
}
