//! Format 2.0: API Gateway's HTTP APIs and Lambda's function URLs.

use super::parts;
use contracts::functions::HttpRequest;
use domain::Timestamp;
use serde_json::{Value, json};

pub(super) fn event(request: &HttpRequest, id: &str, received: Timestamp) -> Value {
    let is_cookie = |name: &str| name == "cookie";
    let cookies: Vec<&str> = request
        .headers
        .iter()
        .filter(|(name, _)| is_cookie(name))
        .flat_map(|(_, value)| value.split("; "))
        .collect();
    let headers: Vec<(String, String)> = request
        .headers
        .iter()
        .filter(|(name, _)| !is_cookie(name))
        .cloned()
        .collect();
    let (body, encoded) = parts::body(&request.body);
    let route = match request.route.as_str() {
        "$default" => "$default".to_owned(),
        route => format!("{} {route}", request.method),
    };
    let host = parts::header(request, "host").unwrap_or_default();
    let raw = match request.stage.as_str() {
        "$default" => request.path.clone(),
        stage => format!("/{stage}{}", request.path),
    };
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": raw,
        "rawQueryString": request.query,
        "headers": parts::object(&headers, true),
        "requestContext": {
            "accountId": parts::ACCOUNT,
            "apiId": request.api,
            "domainName": host,
            "domainPrefix": host.split('.').next(),
            "http": {
                "method": request.method,
                "path": raw,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source,
                "userAgent": parts::header(request, "user-agent").unwrap_or_default(),
            },
            "requestId": id,
            "routeKey": route,
            "stage": request.stage,
            "time": parts::clock(received),
            "timeEpoch": received.0,
        },
        "isBase64Encoded": encoded,
    });
    // Members that have nothing in them are left out, as API Gateway does.
    let mut set = |name: &str, value: Value| {
        event[name] = value;
    };
    if !cookies.is_empty() {
        set("cookies", json!(cookies));
    }
    let query = parts::query(&request.query);
    if !query.is_empty() {
        set("queryStringParameters", parts::object(&query, true));
    }
    if !request.parameters.is_empty() {
        set("pathParameters", json!(request.parameters));
    }
    if !body.is_null() {
        set("body", body);
    }
    event
}
