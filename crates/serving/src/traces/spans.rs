//! Requests that ended, as spans in the JSON of OTLP (OpenTelemetry Protocol 1.x, "OTLP/HTTP, JSON
//! Protobuf Encoding"), for whoever sends them on.

use super::parent::drawn;
use super::{Stages, Trace, milliseconds};
use crate::spec::EndpointKey;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// `SPAN_KIND_SERVER` and `SPAN_KIND_INTERNAL`.
const SERVER: u8 = 2;
const INTERNAL: u8 = 1;
/// `STATUS_CODE_OK` and `STATUS_CODE_ERROR`.
const OK: u8 = 1;
const ERROR: u8 = 2;

/// Takes what ended; a full queue drops it and counts that. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Spans {
    queue: Sender<Ended>,
    drops: Drops,
}

/// Counts requests whose spans nobody got.
#[derive(Debug, Clone, Default)]
pub struct Drops(Arc<AtomicU64>);

impl Drops {
    /// So many more.
    pub fn add(&self, requests: usize) {
        self.0.fetch_add(requests as u64, Relaxed);
    }

    /// How many so far.
    pub fn count(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// A request that ended.
#[derive(Debug)]
pub struct Ended {
    endpoint: String,
    trace: Trace,
    at: SystemTime,
}

impl Spans {
    /// A queue of at most so many requests, and its other end.
    pub fn queue(most: usize) -> (Self, Receiver<Ended>) {
        let (queue, receiver) = mpsc::channel(most);
        let drops = Drops::default();
        (Self { queue, drops }, receiver)
    }

    /// The count of requests that found the queue full, or could not be sent on.
    pub fn drops(&self) -> &Drops {
        &self.drops
    }

    /// Hears of a request that ended now. A caller who said that its trace is not recorded is heeded.
    pub(crate) fn hear(
        &self,
        (key, deployment): (&EndpointKey, &str),
        stages: &Stages,
        lasted: Duration,
        outcome: impl FnOnce() -> String,
    ) {
        let (parent, span_id) = stages.parent();
        if parent.is_some_and(|parent| !parent.is_sampled()) {
            return;
        }
        let Ok(place) = self.queue.try_reserve() else {
            self.drops.add(1);
            return;
        };
        let trace = Trace {
            trace_id: parent.map_or_else(|| drawn(32), |parent| parent.trace_id.clone()),
            parent_id: parent.map(|parent| parent.span_id.clone()),
            span_id,
            deployment: deployment.to_owned(),
            ago_ms: 0,
            milliseconds: milliseconds(lasted),
            outcome: outcome(),
            stages: stages.reports(),
        };
        place.send(Ended {
            endpoint: key.to_string(),
            trace,
            at: SystemTime::now(),
        });
    }
}

/// The body of an export request: a span for each request, and one below it for each of its stages.
pub fn document(ended: &[Ended]) -> Value {
    let spans: Vec<Value> = ended.iter().flat_map(spans).collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": [attribute("service.name", "tradewind")]},
        "scopeSpans": [{
            "scope": {"name": "tradewind.serving", "version": env!("CARGO_PKG_VERSION")},
            "spans": spans,
        }],
    }]})
}

fn spans(ended: &Ended) -> Vec<Value> {
    let trace = &ended.trace;
    let until = ended.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let began = until.saturating_sub(span(trace.milliseconds));
    let good = trace.outcome == "answered";
    let mut status = json!({"code": if good { OK } else { ERROR }});
    if !good {
        status["message"] = trace.outcome.as_str().into();
    }
    let mut request = json!({
        "traceId": trace.trace_id,
        "spanId": trace.span_id,
        "name": format!("predict {}", ended.endpoint),
        "kind": SERVER,
        "startTimeUnixNano": nanoseconds(began),
        "endTimeUnixNano": nanoseconds(until),
        "attributes": [
            attribute("tradewind.endpoint", &ended.endpoint),
            attribute("tradewind.deployment", &trace.deployment),
        ],
        "status": status,
    });
    if let Some(parent) = &trace.parent_id {
        request["parentSpanId"] = parent.as_str().into();
    }
    let stages = trace.stages.iter().map(|stage| {
        let from = began + span(stage.from_ms);
        json!({
            "traceId": trace.trace_id,
            "spanId": drawn(16),
            "parentSpanId": trace.span_id,
            "name": stage.name,
            "kind": INTERNAL,
            "startTimeUnixNano": nanoseconds(from),
            "endTimeUnixNano": nanoseconds(from + span(stage.milliseconds)),
        })
    });
    std::iter::once(request).chain(stages).collect()
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn span(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default()
}

/// 64-bit integers are text in the JSON of protocol buffers.
fn nanoseconds(since: Duration) -> String {
    since.as_nanos().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::Parent;
    use domain::{EndpointName, Workspace};
    use tokio::time::Instant;

    fn parent(flags: &str) -> Parent {
        Parent {
            trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            span_id: "b7ad6b7169203331".to_owned(),
            flags: flags.to_owned(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_a_span_of_its_callers_trace_and_its_stages_are_below_it() {
        let key = EndpointKey {
            workspace: Workspace::default(),
            name: EndpointName::new("iris").unwrap(),
        };
        let (spans, mut receiver) = Spans::queue(2);
        let stages = Stages::begin(Some(parent("01")));
        let began = Instant::now();
        tokio::time::advance(Duration::from_millis(3)).await;
        stages.note("queue", began);
        let lasted = Duration::from_millis(5);
        spans.hear((&key, "v1"), &stages, lasted, || "answered".to_owned());
        let unwanted = Stages::begin(Some(parent("00")));
        spans.hear((&key, "v1"), &unwanted, lasted, || "answered".to_owned());
        let none = Stages::begin(None);
        spans.hear((&key, "v1"), &none, lasted, || "it crashed".to_owned());
        spans.hear((&key, "v1"), &none, lasted, || "answered".to_owned());
        assert_eq!(spans.drops().count(), 1);
        let mut batch = Vec::new();
        receiver.recv_many(&mut batch, 9).await;
        let document = document(&batch);
        let seen = document["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array();
        let [request, queue, crashed] = seen.unwrap().as_slice() else {
            panic!("{document}")
        };
        assert_eq!(request["traceId"], "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(request["parentSpanId"], "b7ad6b7169203331");
        assert_eq!(
            (&request["kind"], &request["status"]),
            (&2.into(), &json!({"code": 1}))
        );
        let number = |value: &Value| value.as_str().unwrap().parse::<u128>().unwrap();
        let lasted =
            |span: &Value| number(&span["endTimeUnixNano"]) - number(&span["startTimeUnixNano"]);
        assert_eq!((lasted(request), lasted(queue)), (5_000_000, 3_000_000));
        assert_eq!(
            (&queue["name"], &queue["parentSpanId"]),
            (&json!("queue"), &request["spanId"])
        );
        assert_eq!(queue["startTimeUnixNano"], request["startTimeUnixNano"]);
        assert_eq!(
            crashed["status"],
            json!({"code": 2, "message": "it crashed"})
        );
        assert!(crashed.get("parentSpanId").is_none());
    }
}
