//! Models evaluated inside the process, compared with the Python worker that they came from.

use crate::forest::{BOOSTERS, environment, train};
use crate::support::{Bench, PATIENCE, eventually, key, name, request, spec, write};
use domain::Workspace;
use domain::endpoint::NativeUse;
use http::Method;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tradewind_serving::oip::{OipRequest, answer};
use tradewind_serving::replica::Engine;
use tradewind_serving::{DeploymentSpec, EndpointKey, Error, Request};

/// Trains one model of every family; each writes its folder below the one given.
const TRAIN: &str = include_str!("native_models.py");

const READ: [&str; 12] = [
    "forest",
    "forest-text",
    "extra",
    "boosting",
    "boosting-classes",
    "histogram-classes",
    "ridge",
    "imputed",
    "columns",
    "xgboost",
    "xgboost-regressor",
    "lightgbm",
];

async fn models() -> (PathBuf, PathBuf) {
    let interpreter = tokio::task::spawn_blocking(|| environment(&BOOSTERS))
        .await
        .unwrap();
    let train = || train(&BOOSTERS, "native-2", TRAIN);
    let folder = tokio::task::spawn_blocking(train).await.unwrap();
    (interpreter, folder)
}

fn deployment(interpreter: &Path, model: &Path) -> DeploymentSpec {
    DeploymentSpec::new(name("main"), model.to_owned(), interpreter.to_owned())
}

/// The engine of the first replica.
fn engine(bench: &Bench, endpoint: &EndpointKey) -> Engine {
    let status = bench.endpoints.status(endpoint).unwrap();
    status.deployments[0].replicas[0].engine.clone()
}

/// Body, media type and status of an answer, or the error's text.
async fn told(bench: &Bench, endpoint: &EndpointKey, request: Request) -> Result<String, String> {
    let answered = bench.endpoints.invoke(endpoint, request).await;
    match answered {
        Ok(response) => Ok(format!(
            "{} {} {:?} {:?}",
            response.status, response.content_type, response.datatype, response.body
        )),
        // XGBoost's messages hold the time and addresses.
        Err(Error::Fault(fault)) if fault.kind == "XGBoostError" => Err(fault.kind),
        Err(Error::Fault(fault)) => Err(format!("{}: {}", fault.kind, fault.message)),
        Err(error) => Err(error.to_string()),
    }
}

/// Requests of every form for rows of a model, the odd ones and the wrong ones included.
fn requests(rows: &Value) -> Vec<Request> {
    let first = rows[0].as_array().unwrap();
    let width = first.len();
    let mut bodies: Vec<(&str, &str, String)> = Vec::new();
    for body in [
        rows.clone(),
        json!(rows[0]),
        json!({"instances": rows}),
        json!({"inputs": rows, "parameters": {"x": 1}}),
        json!({"input_data": {"columns": (0..width).collect::<Vec<_>>(), "data": rows}}),
        json!({"instances": [first[1..]]}),
        json!({"instances": [vec![Value::Null; width]]}),
        json!({"instances": [vec![json!("x"); width]]}),
        json!({"instances": [vec![json!(1e300); width], vec![json!(true); width]]}),
        json!({"instances": []}),
        json!({"rows": 1}),
        json!(7),
    ] {
        for accept in [
            "",
            "text/csv",
            "application/x-npy",
            "application/json;q=0.2, text/csv;q=0.1",
            "image/png",
        ] {
            bodies.push(("application/json", accept, body.to_string()));
        }
    }
    for body in [
        "[[1, 2",
        "{\"instances\": [[NaN]]}",
        "[[1e999]]",
        "\u{feff}[[1]]",
        "{\"instances\": [[1]], \"instances\": [[2]]}",
    ] {
        bodies.push(("application/json", "", body.to_owned()));
    }
    let lines = rows.as_array().unwrap().iter().map(|row| {
        let cells = row.as_array().unwrap().iter();
        cells
            .map(|cell| {
                cell.as_str()
                    .map_or_else(|| cell.to_string(), str::to_owned)
            })
            .collect::<Vec<_>>()
            .join(",")
    });
    let lines = lines.collect::<Vec<_>>().join("\r\n");
    for media in [
        "text/csv",
        "text/csv; header=present",
        "text/csv; header=absent",
        "text/plain",
    ] {
        bodies.push((media, "text/csv", lines.clone()));
        bodies.push((media, "", format!("{lines}\n1,2\n")));
    }
    bodies
        .into_iter()
        .map(|(media, accept, body)| request(media, accept, body))
        .collect()
}

/// Whether two answers are the same but for what the order of a sum changes in their numbers.
fn alike<E: PartialEq>(ours: &Result<String, E>, theirs: &Result<String, E>) -> bool {
    let (Ok(ours), Ok(theirs)) = (ours, theirs) else {
        return ours == theirs;
    };
    let parts = |text: &str| -> Vec<String> {
        let parts = text.split_inclusive(['[', ']', ',', ':', ' ', '\\']);
        parts.map(str::to_owned).collect()
    };
    let number = |part: &str| {
        part.trim_end_matches(['[', ']', ',', ' ', '\\'])
            .trim_start_matches(|sign: char| !sign.is_ascii_digit() && sign != '-')
            .parse::<f64>()
    };
    if ours.contains("x-npy") {
        // Their bytes are not digits.
        return ours.len().abs_diff(theirs.len()) < ours.len() / 4
            && ours.split(" b\"").next() == theirs.split(" b\"").next();
    }
    let (ours, theirs) = (parts(ours), parts(theirs));
    ours.len() == theirs.len()
        && ours.iter().zip(&theirs).all(|(ours, theirs)| {
            ours == theirs
                || matches!((number(ours), number(theirs)), (Ok(a), Ok(b))
                    if (a - b).abs() <= 1e-12 * a.abs().max(b.abs()))
        })
}

#[tokio::test]
async fn every_family_answers_byte_for_byte_as_its_python_worker() {
    let (interpreter, folder) = models().await;
    let bench = Bench::native();
    for model in READ {
        let native = deployment(&interpreter, &folder.join(model));
        let python = DeploymentSpec {
            native: NativeUse::Off,
            ..native.clone()
        };
        let here = bench.serve(&format!("{model}-here"), native).await;
        let there = bench.serve(&format!("{model}-there"), python).await;
        let Engine::Native { comparison, .. } = engine(&bench, &here) else {
            panic!("`{model}` is not native: {:?}", engine(&bench, &here));
        };
        assert_eq!(
            engine(&bench, &there),
            Engine::Python(Some("it was turned off".to_owned()))
        );
        // The order of BLAS is its own; everything else is the same to the last bit.
        let exact = !matches!(model, "ridge" | "columns");
        assert!(
            !exact || comparison.largest_difference == 0.0,
            "{model}: {comparison:?}"
        );
        let rows = std::fs::read(folder.join(model).join("rows.json")).unwrap();
        let rows: Value = serde_json::from_slice(&rows).unwrap();
        for request in requests(&rows) {
            let ours = told(&bench, &here, request.clone()).await;
            let theirs = told(&bench, &there, request.clone()).await;
            let same = if exact {
                ours == theirs
            } else {
                alike(&ours, &theirs)
            };
            assert!(same, "{model}: {request:?}\n{ours:?}\n{theirs:?}");
        }
        bench.endpoints.remove(&here).await;
        bench.endpoints.remove(&there).await;
    }
}

#[tokio::test]
async fn a_native_replica_has_no_process_and_speaks_the_open_inference_protocol() {
    let (interpreter, folder) = models().await;
    let bench = Bench::native();
    let endpoint = bench
        .serve("forest", deployment(&interpreter, &folder.join("forest")))
        .await;
    assert!(bench.processes(&endpoint).is_empty());
    assert!(matches!(engine(&bench, &endpoint), Engine::Native { .. }));
    let rows: Value =
        serde_json::from_slice(&std::fs::read(folder.join("forest/rows.json")).unwrap()).unwrap();
    let input = json!({"name": "x", "datatype": "FP64", "shape": [rows.as_array().unwrap().len(), 30], "data": rows});
    let request = OipRequest {
        headers: http::HeaderMap::new(),
        method: Method::POST,
        path: "/v2/models/forest/infer".to_owned(),
        body: json!({"inputs": [input]}).to_string().into(),
        deadline: PATIENCE,
    };
    let reply = answer(&bench.endpoints, &Workspace::default(), "1", request).await;
    let reply: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(reply["outputs"][0]["datatype"], "INT64", "{reply}");
    let direct = bench.answer(&endpoint, &json!(rows).to_string()).await;
    assert_eq!(reply["outputs"][0]["data"], direct["predictions"]);
    assert!(bench.processes(&endpoint).is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_served_by_python_which_says_why() {
    let (interpreter, folder) = models().await;
    let bench = Bench::native();
    let endpoint = bench
        .serve(
            "neighbours",
            deployment(&interpreter, &folder.join("neighbours")),
        )
        .await;
    let Engine::Python(Some(reason)) = engine(&bench, &endpoint) else {
        panic!("it is native")
    };
    assert!(reason.contains("KNeighborsClassifier"), "{reason}");
    // Code of its own is never passed over.
    let coded = DeploymentSpec {
        handler: bench
            .deployment("def predict(model, instances):\n    return [7]\n")
            .handler,
        ..deployment(&interpreter, &folder.join("forest"))
    };
    let endpoint = bench.serve("coded", coded).await;
    assert_eq!(
        bench.answer(&endpoint, "[[1]]").await,
        json!({"predictions": [7]})
    );
    assert_eq!(
        engine(&bench, &endpoint),
        Engine::Python(Some("it has code of its own".to_owned()))
    );
}

#[tokio::test]
async fn a_form_is_kept_and_a_changed_or_damaged_one_is_not_trusted() {
    let (interpreter, folder) = models().await;
    let bench = Bench::native();
    let model = bench.folder.path().join("swapped");
    let put = |from: &str| {
        write(
            &model,
            "model.joblib",
            std::fs::read(folder.join(from).join("model.joblib")).unwrap(),
        )
    };
    put("forest");
    let first = DeploymentSpec {
        revision: "1".to_owned(),
        ..deployment(&interpreter, &model)
    };
    let endpoint = bench.serve("swapped", first.clone()).await;
    let rows = std::fs::read_to_string(folder.join("forest/rows.json")).unwrap();
    let before = bench.answer(&endpoint, &rows).await;
    let kept = bench.folder.path().join("native");
    let forms = || {
        let files = std::fs::read_dir(&kept)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|ending| ending == "form"))
            .collect::<Vec<_>>()
    };
    assert_eq!(forms().len(), 1);
    // The file is swapped underneath: what serves goes on with what it loaded.
    put("forest-text");
    assert_eq!(bench.answer(&endpoint, &rows).await, before);
    // A new start reads the new file, whatever was kept of the old one.
    let again = DeploymentSpec {
        share: domain::Share::ALL,
        retry: tradewind_serving::Retry::Never,
        ..first
    };
    bench
        .endpoints
        .apply(spec("swapped", vec![again.clone()]), 2)
        .unwrap();
    bench.settled("swapped", 2).await.unwrap();
    let after = bench.answer(&endpoint, &rows).await;
    assert!(after["predictions"][0].is_string(), "{after}");
    assert_eq!(forms().len(), 2);
    // A kept form that was damaged is read anew.
    for form in forms() {
        let whole = std::fs::read(&form).unwrap();
        std::fs::write(&form, &whole[..whole.len() / 2]).unwrap();
    }
    bench.endpoints.remove(&endpoint).await;
    let endpoint = bench.serve("swapped", again).await;
    assert_eq!(bench.answer(&endpoint, &rows).await, after);
    assert!(matches!(engine(&bench, &endpoint), Engine::Native { .. }));
}

#[tokio::test]
async fn a_worker_behind_that_dies_fails_no_later_request() {
    let (interpreter, folder) = models().await;
    let bench = Bench::native();
    let endpoint = bench
        .serve("forest", deployment(&interpreter, &folder.join("forest")))
        .await;
    // A request that only Python answers starts the worker behind.
    let odd = bench.json(&endpoint, "[[1]]").await.unwrap_err();
    assert!(matches!(odd, Error::Fault(_)), "{odd}");
    let marker = folder.join("forest").display().to_string();
    let workers = || {
        let all = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
        let ours = all.filter(|process| {
            let environment = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
            let environment = String::from_utf8_lossy(&environment).into_owned();
            environment.contains(&format!("MODEL_DIR={marker}\0"))
                && environment.contains("TRADEWIND_ENDPOINT=forest\0")
        });
        ours.filter(|process| crate::support::runs(*process as u32))
            .collect::<Vec<i32>>()
    };
    for process in workers() {
        kill(Pid::from_raw(process), Signal::SIGKILL).ok();
    }
    eventually("the worker is gone", || workers().is_empty()).await;
    let rows = std::fs::read_to_string(folder.join("forest/rows.json")).unwrap();
    for _ in 0..20 {
        bench.answer(&endpoint, &rows).await;
    }
    let odd = bench.json(&endpoint, "[[1]]").await.unwrap_err();
    assert!(matches!(odd, Error::Fault(_)), "{odd}");
    assert_eq!(bench.endpoints.list(), [key("forest")]);
}
