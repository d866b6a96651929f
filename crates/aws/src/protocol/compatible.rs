//! Services that left the query protocol keep its error codes for their older SDKs, in a header
//! (<https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>, `awsQueryCompatible`).

use crate::fault::Fault;
use axum::response::Response;
use http::HeaderValue;

/// Errors whose code in the query protocol is another.
const CODES: &[(&str, &str)] = &[
    (
        "InvalidParameterCombinationException",
        "InvalidParameterCombination",
    ),
    ("InvalidParameterValueException", "InvalidParameterValue"),
    ("MissingRequiredParameterException", "MissingParameter"),
    ("InternalServiceFault", "InternalServiceError"),
    ("LimitExceededFault", "LimitExceeded"),
    ("ValidationException", "ValidationError"),
];

/// The code that the query protocol has for an error.
pub(crate) fn code(code: &str) -> &str {
    let found = CODES.iter().find(|(name, _)| *name == code);
    found.map_or(code, |(_, code)| code)
}

/// Says that code in its header.
pub(crate) fn with_code(mut response: Response, fault: &Fault) -> Response {
    let whose = if fault.status.is_server_error() {
        "Receiver"
    } else {
        "Sender"
    };
    let text = format!("{};{whose}", code(&fault.code));
    if let Ok(text) = HeaderValue::from_str(&text) {
        response.headers_mut().insert("x-amzn-query-error", text);
    }
    response
}
