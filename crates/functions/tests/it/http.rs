//! HTTP requests to functions of Lambda's form.

use crate::support::Bench;
use bytes::Bytes;
use contracts::functions::{FunctionInput, Functions, HttpRequest, HttpResponse};
use domain::function::ApiPayload;
use serde_json::json;
use std::collections::BTreeMap;

fn request(payload: ApiPayload, body: &'static [u8]) -> HttpRequest {
    HttpRequest {
        method: "POST".to_owned(),
        path: "/items/a%20b".to_owned(),
        query: "q=1&q=2&empty=&plus=a+b".to_owned(),
        headers: vec![
            ("host".to_owned(), "example.org".to_owned()),
            ("x-twice".to_owned(), "1".to_owned()),
            ("x-twice".to_owned(), "2".to_owned()),
            ("cookie".to_owned(), "a=1; b=2".to_owned()),
        ],
        body: Bytes::from_static(body),
        source: "192.0.2.1".to_owned(),
        api: "shop".to_owned(),
        stage: "prod".to_owned(),
        route: "/items/{id}".to_owned(),
        parameters: BTreeMap::from([("id".to_owned(), "a b".to_owned())]),
        payload,
        keyed: true,
    }
}

const ECHO: &str = "
import json
def handler(event, context):
    if event.get('body') == 'raise': raise ValueError('x')
    if event.get('body') == 'odd': return {'statusCode': 'many'}
    return {'statusCode': 207, 'headers': {'X-Mine': 'yes', 'Content-Length': '7', 'bad\\nname': 'x'},
            'body': json.dumps(event)}
";

async fn ask(bench: &Bench, payload: ApiPayload, body: &'static [u8]) -> HttpResponse {
    let target = bench.function(ECHO, |_| {});
    let input = FunctionInput::Http(Box::new(request(payload, body)));
    let answer = bench
        .plane
        .invoke(&target, bench.call(input))
        .await
        .unwrap();
    answer.http.unwrap()
}

#[tokio::test]
async fn format_one() {
    let bench = Bench::new();
    let response = ask(&bench, ApiPayload::V1, b"hello").await;
    assert_eq!(response.status, 207);
    assert!(
        response
            .headers
            .contains(&("x-mine".to_owned(), "yes".to_owned()))
    );
    assert!(
        !response
            .headers
            .iter()
            .any(|(name, _)| name == "content-length" || name.contains('\n'))
    );
    let event: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(event["httpMethod"], "POST");
    assert_eq!(event["resource"], "/items/{id}");
    assert_eq!(event["path"], "/items/a b");
    assert_eq!(event["pathParameters"], json!({"id": "a b"}));
    assert_eq!(
        event["queryStringParameters"],
        json!({"q": "2", "empty": "", "plus": "a b"})
    );
    assert_eq!(
        event["multiValueQueryStringParameters"]["q"],
        json!(["1", "2"])
    );
    assert_eq!(event["multiValueHeaders"]["x-twice"], json!(["1", "2"]));
    assert_eq!(event["requestContext"]["stage"], "prod");
    assert_eq!(event["requestContext"]["identity"]["sourceIp"], "192.0.2.1");
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("hello"), &json!(false))
    );
}

#[tokio::test]
async fn format_two_and_bodies_that_are_no_text() {
    let bench = Bench::new();
    let response = ask(&bench, ApiPayload::V2, b"\xff\x00").await;
    let event: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /items/{id}");
    assert_eq!(event["rawPath"], "/prod/items/a%20b");
    assert_eq!(event["rawQueryString"], "q=1&q=2&empty=&plus=a+b");
    assert_eq!(event["queryStringParameters"]["q"], "1,2");
    assert_eq!(event["headers"]["x-twice"], "1,2");
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["requestContext"]["http"]["method"], "POST");
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("/wA="), &json!(true))
    );
}

#[tokio::test]
async fn bodies_that_are_too_long_call_nothing() {
    let bench = Bench::new();
    let target = bench.function(ECHO, |_| {});
    let mut large = request(ApiPayload::V2, b"");
    large.body = Bytes::from(vec![b'x'; (6 << 20) + 1]);
    let response = bench.request(&target, large).await;
    assert_eq!(response.status, 413);
    let figures = bench.plane.figures(&target.workspace, &target.name);
    assert_eq!(figures.calls, 0);
}

#[tokio::test]
async fn failures_and_malformed_answers_are_the_gateways() {
    let bench = Bench::new();
    for body in [&b"raise"[..], b"odd"] {
        let response = ask(&bench, ApiPayload::V1, body).await;
        assert_eq!(response.status, 502);
        assert_eq!(
            &response.body[..],
            br#"{"message":"Internal server error"}"#
        );
    }
}
