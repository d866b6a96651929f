//! The slowest requests are kept with the stages that they went through.

use crate::support::{Bench, request};
use serde_json::json;

#[tokio::test]
async fn a_slow_request_says_where_its_time_went_and_whose_it_is() {
    let bench = Bench::forking();
    let code = "
import os, time
def predict(model, instances):
    time.sleep(instances[0])
    return [os.environ.get('TRACEPARENT')]
";
    let endpoint = bench.serve("traced", bench.deployment(code)).await;
    let mut slow = request("", "", "[0.2]");
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    slow.headers.insert("traceparent", parent.parse().unwrap());
    let answer = bench.endpoints.invoke(&endpoint, slow).await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let traces = bench.endpoints.traces(&endpoint).unwrap();
    assert_eq!(traces.len(), 1);
    let trace = &traces[0];
    assert_eq!(trace.trace_id, "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(trace.parent_id.as_deref(), Some("b7ad6b7169203331"));
    let passed_on = format!("00-{}-{}-01", trace.trace_id, trace.span_id);
    assert_eq!(told["predictions"][0], passed_on);
    let replica = trace.stages.iter().find(|stage| stage.name == "replica");
    assert!(replica.unwrap().milliseconds >= 200.0, "{trace:?}");
    assert_eq!(trace.outcome, "answered");
    // One without a trace gets an id of its own, and the handler none.
    let answer = bench.answer(&endpoint, "[0]").await;
    assert_eq!(answer["predictions"], json!([null]));
    let traces = bench.endpoints.traces(&endpoint).unwrap();
    assert_eq!(traces.len(), 2);
    assert_ne!(traces[1].trace_id, traces[0].trace_id);
}
