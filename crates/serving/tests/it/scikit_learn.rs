//! A real scikit-learn model in a real environment: npy, the saved form, forks, and the Open
//! Inference Protocol with the model's own signature.

use crate::forest::{SCIKIT_LEARN, environment, forest};
use crate::support::{Bench, PATIENCE, name, request, spec};
use domain::Workspace;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tradewind_serving::oip::{OipRequest, answer};
use tradewind_serving::{DeploymentSpec, EndpointKey};

struct Trained {
    bench: Bench,
    endpoint: EndpointKey,
    deployment: DeploymentSpec,
    rows: Value,
    truth: Value,
    npy: Vec<u8>,
}

async fn trained() -> Trained {
    let bench = Bench::new();
    let interpreter = tokio::task::spawn_blocking(|| environment(&SCIKIT_LEARN))
        .await
        .unwrap();
    let forest = tokio::task::spawn_blocking(forest).await.unwrap();
    let model = bench.folder.path().join("forest/model");
    std::fs::create_dir_all(&model).unwrap();
    let above = model.parent().unwrap();
    for file in ["model/model.joblib", "rows.npy", "truth.json"] {
        std::fs::copy(forest.join(file), above.join(file)).unwrap();
    }
    let truth = std::fs::read(above.join("truth.json")).unwrap();
    let mut truth: Value = serde_json::from_slice(&truth).unwrap();
    let npy = std::fs::read(above.join("rows.npy")).unwrap();
    let deployment = DeploymentSpec::new(name("main"), model, interpreter);
    let endpoint = bench.serve("forest", deployment.clone()).await;
    let rows = truth["rows"].take();
    Trained {
        bench,
        endpoint,
        deployment,
        rows,
        truth: truth["predictions"].take(),
        npy,
    }
}

#[tokio::test]
async fn a_joblib_forest_answers_in_every_media_type() {
    let Trained {
        bench,
        endpoint,
        rows,
        truth,
        npy,
        deployment,
    } = trained().await;
    for body in [
        json!(rows),
        json!({"instances": rows}),
        json!({"inputs": rows}),
    ] {
        let got = bench.answer(&endpoint, &body.to_string()).await;
        assert_eq!(got, json!({"predictions": truth}));
    }
    let one = bench.answer(&endpoint, &rows[0].to_string()).await;
    assert_eq!(
        one["predictions"],
        json!([truth[0]]),
        "a bare row is one row"
    );
    let csv: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            row.as_array()
                .unwrap()
                .iter()
                .map(Value::to_string)
                .collect::<Vec<_>>()
                .join(",")
        })
        .collect();
    let sent = request("text/csv", "text/csv", csv.join("\n"));
    let response = bench.endpoints.invoke(&endpoint, sent).await.unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&response.body)
        .unwrap()
        .lines()
        .collect();
    let expected: Vec<String> = truth
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    assert_eq!(lines, expected);
    let sent = request("application/x-npy", "application/x-npy", npy.clone());
    let response = bench.endpoints.invoke(&endpoint, sent).await.unwrap();
    assert_eq!(response.datatype.as_deref(), Some("INT64"));
    assert!(response.body.starts_with(b"\x93NUMPY"));
    let numbers: Vec<u64> = response.body[response.body.len() - 40..]
        .chunks(8)
        .map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    assert_eq!(json!(numbers), truth);
    for (body, status) in [
        (
            b"\x93NUMPY\x01\x00garbage".to_vec(),
            StatusCode::BAD_REQUEST,
        ),
        (npy[..npy.len() / 2].to_vec(), StatusCode::BAD_REQUEST),
    ] {
        let sent = request("application/x-npy", "", body);
        assert_eq!(
            bench
                .endpoints
                .invoke(&endpoint, sent)
                .await
                .unwrap_err()
                .status(),
            status
        );
    }
    let short = bench.json(&endpoint, "[[1, 2]]").await.unwrap_err();
    assert!(short.to_string().contains("30 features"), "{short}");
    // The file is damaged underneath: what serves goes on, a new generation says so.
    let file = deployment.model_folder.join("model.joblib");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let damaged = DeploymentSpec {
        revision: "2".to_owned(),
        ..deployment
    };
    bench
        .endpoints
        .apply(spec("forest", vec![damaged]), 2)
        .unwrap();
    let error = bench.settled("forest", 2).await.unwrap_err().to_string();
    assert!(error.contains("model.joblib` cannot be read"), "{error}");
    assert_eq!(
        bench.answer(&endpoint, &rows.to_string()).await["predictions"],
        truth
    );
}

#[tokio::test]
async fn a_forest_speaks_the_open_inference_protocol_with_its_signature() {
    let Trained {
        bench, rows, truth, ..
    } = trained().await;
    let ask = async |method: Method, path: &str, body: String| {
        let request = OipRequest {
            headers: http::HeaderMap::new(),
            method,
            path: path.to_owned(),
            body: body.into(),
            deadline: PATIENCE,
        };
        let reply = answer(&bench.endpoints, &Workspace::default(), "1", request).await;
        serde_json::from_slice::<Value>(&reply.body).unwrap()
    };
    let metadata = ask(Method::GET, "/v2/models/forest", String::new()).await;
    assert_eq!(
        metadata["inputs"],
        json!([{"name": "input", "datatype": "FP64", "shape": [-1, 30]}])
    );
    assert_eq!(
        metadata["outputs"],
        json!([{"name": "predict", "datatype": "INT64", "shape": [-1]}])
    );
    let input = json!({"name": "input", "datatype": "FP64", "shape": [5, 30], "data": rows});
    let body = json!({"inputs": [input]}).to_string();
    let value = ask(Method::POST, "/v2/models/forest/infer", body).await;
    assert_eq!(
        value["outputs"],
        json!([{"name": "predict", "datatype": "INT64", "shape": [5], "data": truth}])
    );
}

#[tokio::test]
async fn the_sagemaker_defaults_are_arrays() {
    let Trained {
        bench,
        rows,
        truth,
        npy,
        deployment,
        ..
    } = trained().await;
    let code = "import joblib, os\ndef model_fn(model_dir):\n    return joblib.load(os.path.join(model_dir, 'model.joblib'))\ndef predict_fn(data, model):\n    print('dtype', data.dtype)\n    return model.predict(data)\n";
    let script = bench.deployment(code);
    let deployment = DeploymentSpec {
        handler: script.handler,
        ..deployment
    };
    let endpoint = bench.serve("container", deployment).await;
    assert_eq!(bench.answer(&endpoint, &rows.to_string()).await, truth);
    let sent = request("application/x-npy", "application/json", npy);
    let response = bench.endpoints.invoke(&endpoint, sent).await.unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&response.body).unwrap(),
        truth
    );
    crate::support::eventually("both types were seen", || {
        let lines = bench.log.lines(&endpoint, &name("main"));
        ["dtype float32", "dtype float64"]
            .iter()
            .all(|t| lines.iter().any(|l| l.text == *t))
    })
    .await;
}

#[tokio::test]
async fn a_forest_is_forked_and_answers_as_the_one_that_was_loaded() {
    // The model lives in the folder of the bench that trained it.
    let Trained {
        bench: _trainer,
        rows,
        truth,
        deployment,
        ..
    } = trained().await;
    let bench = Bench::forking();
    let deployment = DeploymentSpec {
        replicas: 3,
        ..deployment
    };
    let endpoint = bench.serve("forest", deployment).await;
    let status = bench.endpoints.status(&endpoint).unwrap();
    for facts in &status.deployments[0].replicas {
        assert_eq!(facts.birth, tradewind_serving::replica::Birth::Forked);
    }
    for _ in 0..6 {
        let got = bench.answer(&endpoint, &rows.to_string()).await;
        assert_eq!(got["predictions"], truth);
    }
}
