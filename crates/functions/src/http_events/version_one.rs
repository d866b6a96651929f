//! Format 1.0: API Gateway's REST APIs.

use super::parts;
use contracts::functions::HttpRequest;
use domain::Timestamp;
use serde_json::{Value, json};

pub(super) fn event(request: &HttpRequest, id: &str, received: Timestamp) -> Value {
    let query = parts::query(&request.query);
    let (body, encoded) = parts::body(&request.body);
    let parameters = json!(request.parameters);
    json!({
        "resource": request.route,
        "path": parts::decode(&request.path.replace('+', "%2B")),
        "httpMethod": request.method,
        "headers": parts::or_null(parts::object(&request.headers, false)),
        "multiValueHeaders": parts::or_null(parts::lists(&request.headers)),
        "queryStringParameters": parts::or_null(parts::object(&query, false)),
        "multiValueQueryStringParameters": parts::or_null(parts::lists(&query)),
        "pathParameters": parts::or_null(parameters),
        "stageVariables": Value::Null,
        "requestContext": {
            "accountId": parts::ACCOUNT,
            "apiId": request.api,
            "domainName": parts::header(request, "host"),
            "extendedRequestId": id,
            "httpMethod": request.method,
            "identity": {
                "sourceIp": request.source,
                "userAgent": parts::header(request, "user-agent"),
            },
            "path": format!("/{}{}", request.stage, request.path),
            "protocol": "HTTP/1.1",
            "requestId": id,
            "requestTime": parts::clock(received),
            "requestTimeEpoch": received.0,
            "resourceId": request.route,
            "resourcePath": request.route,
            "stage": request.stage,
        },
        "body": body,
        "isBase64Encoded": encoded,
    })
}
