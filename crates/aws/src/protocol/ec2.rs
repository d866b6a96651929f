//! EC2's form of the query protocol: lists are numbered at once (`InstanceId.1`), answers have no
//! result element, and the elements of lists are named `item`
//! (<https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>). Requests are read as the
//! query protocol's, whose reader takes numbered names for lists with or without `member`.

use super::query::{CONTENT_TYPE, escape, members};
use super::respond;
use crate::fault::Fault;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;
use std::fmt::Write as _;

/// An answer: `<ActionResponse><requestId>…`; the names in `value` are the elements' names.
pub(crate) fn answer(action: &str, value: &Value, namespace: &str, request_id: &str) -> Response {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{action}Response xmlns=\"{namespace}\">\
         <requestId>{request_id}</requestId>"
    );
    members(value, "item", &mut text);
    let _ = write!(text, "</{action}Response>");
    respond(StatusCode::OK, CONTENT_TYPE, text.into_bytes(), request_id)
}

/// A fault: `<Response><Errors><Error>…`.
pub(crate) fn fault(fault: &Fault, request_id: &str) -> Response {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{}</Code>\
         <Message>{}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>",
        escape(&fault.code),
        escape(&fault.message)
    );
    respond(fault.status, CONTENT_TYPE, text.into_bytes(), request_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use serde_json::json;

    async fn body(response: Response) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn answers_and_faults_have_the_forms_of_ec2() {
        let value = json!({"tagSet": [{"key": "a<b", "value": "1"}, {"key": "c"}]});
        let said = body(answer("DescribeTags", &value, "urn:x", "r-1")).await;
        assert!(said.ends_with(
            "<DescribeTagsResponse xmlns=\"urn:x\"><requestId>r-1</requestId><tagSet><item>\
             <key>a&lt;b</key><value>1</value></item><item><key>c</key></item></tagSet>\
             </DescribeTagsResponse>"
        ));
        let refused = fault(
            &Fault::new("InvalidInstanceID.NotFound", "no `i-1` & co"),
            "r-2",
        );
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert!(body(refused).await.ends_with(
            "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>no `i-1` \
             &amp; co</Message></Error></Errors><RequestID>r-2</RequestID></Response>"
        ));
    }
}
