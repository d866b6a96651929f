//! Media types in and out, with an interpreter that has no packages.

use crate::support::{Bench, request};
use http::StatusCode;
use serde_json::{Value, json};

/// Answers with what it was given, so that decoding is seen.
const ECHO: &str = "def predict(model, instances):\n    return instances\n";

#[tokio::test]
async fn json_in_every_form() {
    let bench = Bench::new();
    let endpoint = bench.serve("echo", bench.deployment(ECHO)).await;
    let rows = json!([[1, 2.5], [3, null]]);
    for body in [
        json!([[1, 2.5], [3, null]]),
        json!({"instances": [[1, 2.5], [3, null]]}),
        json!({"inputs": [[1, 2.5], [3, null]]}),
        json!({"inputs": {"a": [1, 3], "b": [[2.5], [null]]}}),
        json!({"data": [[1, 2.5], [3, null]]}),
        json!({"columns": ["a", "b"], "index": [0, 1], "data": [[1, 2.5], [3, null]]}),
        json!({"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2.5], [3, null]]}}),
        json!({"input_data": {"columns": ["a", "b"], "data": [[1, 2.5], [3, null]]}}),
        json!({"input_data": {"data": [[1, 2.5], [3, null]]}}),
    ] {
        let got = bench.answer(&endpoint, &body.to_string()).await;
        assert_eq!(got["predictions"], rows, "{body}");
    }
    let records = json!([{"a": 1}, {"a": "x"}]);
    for body in [
        json!({"dataframe_records": records}),
        json!({"instances": records}),
    ] {
        let got = bench.answer(&endpoint, &body.to_string()).await;
        assert_eq!(got["predictions"], records);
    }
}

#[tokio::test]
async fn csv_in_and_out() {
    let bench = Bench::new();
    let endpoint = bench.serve("echo", bench.deployment(ECHO)).await;
    let cases: [(&str, &str, Value); 5] = [
        ("text/csv", "1,2.5\n3,\n", json!([[1, 2.5], [3, null]])),
        ("text/csv", "a,b\n1,x\n", json!([[1, "x"]])),
        ("text/csv; header=present", "1,2\n3,4", json!([[3, 4]])),
        (
            "TEXT/CSV; header=absent",
            "a,b\n1,2",
            json!([["a", "b"], [1, 2]]),
        ),
        (
            "text/csv",
            "\u{feff}\"a,b\",\"c\"\"d\"\r\n",
            json!([["a,b", "c\"d"]]),
        ),
    ];
    for (content_type, body, rows) in cases {
        let sent = request(content_type, "application/json", body);
        let response = bench.endpoints.invoke(&endpoint, sent).await.unwrap();
        let got: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(got["predictions"], rows, "{body}");
    }
    let sent = request("application/json", "text/csv", "[[1, \"a,b\"], [2, null]]");
    let response = bench.endpoints.invoke(&endpoint, sent).await.unwrap();
    assert_eq!(
        std::str::from_utf8(&response.body).unwrap(),
        "1,\"a,b\"\n2,\n"
    );
}

#[tokio::test]
async fn bodies_that_are_wrong_get_their_status_and_a_reason() {
    let bench = Bench::new();
    let endpoint = bench.serve("echo", bench.deployment(ECHO)).await;
    let deep = "[".repeat(100_000);
    let cases: [(&str, &[u8], StatusCode, &str); 13] = [
        (
            "application/json",
            b"{",
            StatusCode::BAD_REQUEST,
            "not JSON",
        ),
        ("application/json", b"", StatusCode::BAD_REQUEST, "not JSON"),
        (
            "application/json",
            b"\xff\xfe\x00",
            StatusCode::BAD_REQUEST,
            "not",
        ),
        (
            "application/json",
            b"\"\xc3\x28\"",
            StatusCode::BAD_REQUEST,
            "UTF-8",
        ),
        (
            "application/json",
            b"3",
            StatusCode::BAD_REQUEST,
            "`instances`",
        ),
        (
            "application/json",
            b"{\"x\": 1}",
            StatusCode::BAD_REQUEST,
            "`instances`",
        ),
        (
            "application/json",
            b"{\"instances\": 1}",
            StatusCode::BAD_REQUEST,
            "list",
        ),
        (
            "application/json",
            b"{\"inputs\": {\"a\": [1], \"b\": []}}",
            StatusCode::BAD_REQUEST,
            "length",
        ),
        (
            "application/json",
            deep.as_bytes(),
            StatusCode::BAD_REQUEST,
            "nested too deeply",
        ),
        (
            "text/csv",
            b"1,2\n3\n",
            StatusCode::BAD_REQUEST,
            "different numbers",
        ),
        ("text/csv", b"", StatusCode::BAD_REQUEST, "no rows"),
        (
            "image/png",
            b"x",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "image/png",
        ),
        (
            "application/x-npy",
            b"x",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "no numpy",
        ),
    ];
    for (content_type, body, status, words) in cases {
        let sent = request(content_type, "", body.to_vec());
        let error = bench.endpoints.invoke(&endpoint, sent).await.unwrap_err();
        assert_eq!(error.status(), status, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let error = bench
        .endpoints
        .invoke(&endpoint, request("", "image/png", "[]"))
        .await
        .unwrap_err();
    assert_eq!(error.status(), StatusCode::NOT_ACCEPTABLE);
    let status = bench.endpoints.status(&endpoint).unwrap();
    assert_eq!(status.deployments[0].figures.refused, 14);
    assert_eq!(status.deployments[0].figures.lost, 0);
}

#[tokio::test]
async fn accept_is_weighed() {
    let bench = Bench::new();
    let endpoint = bench.serve("echo", bench.deployment(ECHO)).await;
    for (accept, chosen) in [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv;q=0.5, application/json;q=0.4", "text/csv"),
        ("image/png, text/*;q=0.1", "text/csv"),
        ("application/json; charset=utf-8", "application/json"),
    ] {
        let sent = request("application/json", accept, "[[1]]");
        let response = bench.endpoints.invoke(&endpoint, sent).await.unwrap();
        assert_eq!(response.content_type, chosen, "{accept}");
    }
}

#[tokio::test]
async fn what_json_cannot_hold_becomes_null_or_an_error() {
    let bench = Bench::new();
    let code = "
import datetime
def predict(model, instances):
    if instances == [1]: return [float('nan'), float('inf'), 1.5]
    if instances == [2]: return [datetime.date(2026, 1, 2), {3, 1}]
    return [object()]
";
    let endpoint = bench.serve("odd", bench.deployment(code)).await;
    assert_eq!(
        bench.answer(&endpoint, "[1]").await["predictions"],
        json!([null, null, 1.5])
    );
    assert_eq!(
        bench.answer(&endpoint, "[2]").await["predictions"],
        json!(["2026-01-02", [1, 3]])
    );
    let error = bench.json(&endpoint, "[3]").await.unwrap_err();
    assert_eq!(error.status(), 500);
    assert!(
        error
            .to_string()
            .contains("`object` cannot be written as JSON"),
        "{error}"
    );
}
