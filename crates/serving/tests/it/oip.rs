//! The Open Inference Protocol against a real worker.

use crate::support::{Bench, PATIENCE, name, share, spec};
use domain::Workspace;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tradewind_serving::DeploymentSpec;
use tradewind_serving::oip::{OipReply, OipRequest, answer};

/// Sums rows; columns come as rows too.
const SUMS: &str = "
def predict(model, instances):
    if instances and isinstance(instances[0], dict):
        return instances
    if instances and instances[0] == 'objects':
        return [{'label': 'a', 'score': 0.5}, {'label': 'b', 'score': 1}]
    if instances and instances[0] == 'ragged':
        return [[1], [1, 2]]
    return [sum(row) for row in instances]
";

async fn ask(bench: &Bench, method: Method, path: &str, body: &str) -> (StatusCode, Value) {
    let request = OipRequest {
        headers: http::HeaderMap::new(),
        method,
        path: path.to_owned(),
        body: body.to_owned().into(),
        deadline: PATIENCE,
    };
    let OipReply { status, body, .. } =
        answer(&bench.endpoints, &Workspace::default(), "1.2.3", request).await;
    (
        status,
        serde_json::from_slice(&body).expect("every reply is JSON"),
    )
}

async fn infer(bench: &Bench, path: &str, request: Value) -> (StatusCode, Value) {
    ask(bench, Method::POST, path, &request.to_string()).await
}

async fn served() -> Bench {
    let bench = Bench::new();
    let named = |text: &str, percent| DeploymentSpec {
        name: name(text),
        model: format!("sums:{}", text.trim_start_matches('v')),
        share: share(percent),
        ..bench.deployment(SUMS)
    };
    bench
        .endpoints
        .apply(spec("sums", vec![named("v1", 100), named("v2", 0)]), 1)
        .unwrap();
    bench.settled("sums", 1).await.unwrap();
    bench
}

#[tokio::test]
async fn health_and_metadata() {
    let bench = served().await;
    let cases = [
        (
            "/v2",
            json!({"name": "tradewind", "version": "1.2.3", "extensions": []}),
        ),
        ("/v2/health/live", json!({"live": true})),
        ("/v2/health/ready", json!({"live": true, "ready": true})),
        (
            "/v2/models/sums/ready",
            json!({"name": "sums", "ready": true}),
        ),
        (
            "/v2/models/sums/versions/v2/ready",
            json!({"name": "sums", "ready": true}),
        ),
        (
            "/v2/models/sums",
            json!({"name": "sums", "versions": ["v1", "v2"], "platform": "python", "inputs": [], "outputs": []}),
        ),
    ];
    for (path, expected) in cases {
        let (status, value) = ask(&bench, Method::GET, path, "").await;
        assert_eq!((status, value), (StatusCode::OK, expected), "{path}");
    }
}

#[tokio::test]
async fn inference_of_one_and_of_several_tensors() {
    let bench = served().await;
    let input =
        json!({"name": "x", "shape": [2, 3], "datatype": "INT32", "data": [1, 2, 3, 4, 5, 6]});
    let (status, value) = infer(
        &bench,
        "/v2/models/sums/infer",
        json!({"id": "42", "inputs": [input]}),
    )
    .await;
    assert_eq!(status, StatusCode::OK, "{value}");
    let expected = json!({
        "model_name": "sums", "model_version": "v1", "id": "42",
        "outputs": [{"name": "predict", "datatype": "INT64", "shape": [2], "data": [6, 15]}],
    });
    assert_eq!(value, expected);
    let columns = json!({"inputs": [
        {"name": "a", "shape": [2, 1], "datatype": "FP32", "data": [1.5, 2]},
        {"name": "b", "shape": [2], "datatype": "FP32", "data": [1, 1]},
    ], "outputs": [{"name": "predict"}]});
    let (status, value) = infer(&bench, "/v2/models/sums/versions/2/infer", columns).await;
    assert_eq!(status, StatusCode::OK, "{value}");
    assert_eq!(value["model_version"], "v2");
    assert!(value.get("id").is_none());
    assert_eq!(
        value["outputs"][0],
        json!({"name": "predict", "datatype": "FP64", "shape": [2], "data": [2.5, 3]})
    );
    let words =
        json!({"inputs": [{"name": "x", "shape": [1], "datatype": "BYTES", "data": ["objects"]}]});
    let (_, value) = infer(&bench, "/v2/models/sums/infer", words).await;
    let expected = json!([
        {"name": "label", "datatype": "BYTES", "shape": [2], "data": ["a", "b"]},
        {"name": "score", "datatype": "FP64", "shape": [2], "data": [0.5, 1]},
    ]);
    assert_eq!(value["outputs"], expected);
}

#[tokio::test]
async fn errors_have_the_protocols_form() {
    let bench = served().await;
    let ok_input = json!({"name": "x", "shape": [1, 1], "datatype": "INT32", "data": [1]});
    let ragged = json!({"name": "x", "shape": [1], "datatype": "BYTES", "data": ["ragged"]});
    let twice = json!([ok_input, ok_input]);
    let uneven =
        json!([ok_input, {"name": "y", "shape": [2], "datatype": "INT32", "data": [1, 2]}]);
    let post = Method::POST;
    let cases = [
        (post.clone(), "/v2/models/sums/infer", "{".to_owned(), 400),
        (post.clone(), "/v2/models/sums/infer", "{}".to_owned(), 400),
        (
            post.clone(),
            "/v2/models/sums/infer",
            json!({"inputs": []}).to_string(),
            400,
        ),
        (
            post.clone(),
            "/v2/models/sums/infer",
            json!({"inputs": twice}).to_string(),
            400,
        ),
        (
            post.clone(),
            "/v2/models/sums/infer",
            json!({"inputs": uneven}).to_string(),
            400,
        ),
        (
            post.clone(),
            "/v2/models/sums/infer",
            json!({"inputs": [ok_input], "outputs": [{"name": "z"}]}).to_string(),
            400,
        ),
        (
            post.clone(),
            "/v2/models/sums/infer",
            json!({"inputs": [ragged]}).to_string(),
            500,
        ),
        (
            post.clone(),
            "/v2/models/other/infer",
            json!({"inputs": [ok_input]}).to_string(),
            404,
        ),
        (
            post.clone(),
            "/v2/models/sums/versions/9/infer",
            json!({"inputs": [ok_input]}).to_string(),
            404,
        ),
        (
            post.clone(),
            "/v2/models/..%2f/infer",
            json!({"inputs": [ok_input]}).to_string(),
            400,
        ),
        (post, "/v2/models/sums", String::new(), 405),
        (Method::GET, "/v2/models/sums/infer", String::new(), 405),
        (Method::GET, "/v2/models", String::new(), 404),
        (Method::GET, "/v2/models/other/ready", String::new(), 404),
    ];
    for (method, path, body, expected) in cases {
        let (status, value) = ask(&bench, method, path, &body).await;
        assert_eq!(status, expected, "{path} {body}: {value}");
        let object = value.as_object().unwrap();
        assert!(object.len() == 1 && object["error"].is_string(), "{value}");
    }
}

#[tokio::test]
async fn a_model_that_does_not_start_is_not_ready() {
    let bench = served().await;
    let broken = bench.deployment("raise ValueError('no')\n");
    bench
        .endpoints
        .apply(spec("broken", vec![broken]), 1)
        .unwrap();
    bench.settled("broken", 1).await.unwrap_err();
    let (status, value) = ask(&bench, Method::GET, "/v2/models/broken/ready", "").await;
    assert_eq!(
        (status.as_u16(), value),
        (503, json!({"name": "broken", "ready": false}))
    );
    let (status, _) = ask(&bench, Method::GET, "/v2/health/ready", "").await;
    assert_eq!(status, 503);
    let (status, _) = ask(&bench, Method::GET, "/v2/health/live", "").await;
    assert_eq!(status, 200);
}
