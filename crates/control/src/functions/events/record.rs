//! What a destination is told of a call
//! (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>).

use super::super::arn;
use super::decide::Came;
use domain::Timestamp;
use domain::function::FunctionEvent;
use serde_json::{Value, json};

/// The record of a call that is over.
pub(super) fn of(
    event: &FunctionEvent,
    given_up: Option<&str>,
    came: &Came,
    now: Timestamp,
) -> Value {
    let time = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    let request: Value = serde_json::from_str(&event.payload).unwrap_or_default();
    let arn = arn::with(&event.function, &event.qualifier);
    let mut record = json!({
        "version": "1.0",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        "requestContext": {
            "requestId": event.id,
            "functionArn": arn,
            "condition": given_up.unwrap_or("Success"),
            "approximateInvokeCount": event.attempts,
        },
        "requestPayload": request,
    });
    match came {
        Came::Answered(answer) => {
            let payload: Value = serde_json::from_slice(&answer.payload).unwrap_or_default();
            let mut context = json!({"statusCode": 200, "executedVersion": answer.version});
            if answer.fault.is_some() {
                context["functionError"] = json!("Unhandled");
            }
            record["responseContext"] = context;
            record["responsePayload"] = payload;
        }
        Came::Refused(refusal) => {
            record["responsePayload"] = json!({"errorMessage": refusal.to_string()});
        }
        Came::Lost => {}
    }
    record
}
