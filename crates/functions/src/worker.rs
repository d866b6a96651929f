//! An instance that is the embedded Python worker: heads and payloads travel in one body, see
//! `python/worker/tradewind_worker/functions/envelope.py`.

use crate::instance::{Broken, Head, Instance, Reply};
use crate::payload::{self, Failure};
use bytes::{BufMut, Bytes, BytesMut};
use contracts::functions::{FunctionFault, HttpResponse};
use serde::Deserialize;
use serving::replica::{Joins, Reached};
use serving::{Call, Departure, Replica, ReplicaError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The media type of both directions.
const TYPE: &str = "application/vnd.tradewind.function";

/// A worker.
pub(crate) struct Worker {
    replica: Arc<dyn Replica>,
    most: usize,
}

/// The head of a reply.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
enum ReplyHead {
    Event,
    Http {
        status: u16,
        headers: Vec<(String, String)>,
    },
    Error {
        fault: FunctionFault,
        #[serde(rename = "type")]
        type_name: String,
    },
}

impl Worker {
    /// Over a replica whose answers have at most `most` bytes.
    pub(crate) fn new(replica: Arc<dyn Replica>, most: usize) -> Self {
        Self { replica, most }
    }
}

#[async_trait::async_trait]
impl Instance for Worker {
    async fn answer(&self, head: &Head, body: &Bytes) -> Result<Reply, Broken> {
        let call = Call {
            content_type: TYPE.to_owned(),
            accept: TYPE.to_owned(),
            body: pack(head, body)?,
            // The time limit is kept by whoever asks; see `call`.
            deadline: Instant::now() + Duration::from_hours(1),
            joins: Joins::Never,
            stages: serving::traces::Stages::default(),
        };
        let failed = |failure| Broken::Failed(failure);
        match self.replica.invoke(&call).await {
            Ok(answer) => unpack(answer.body).map_err(failed),
            Err(ReplicaError::Gone { departure, reached }) => Err(match reached {
                Reached::No => Broken::Before,
                Reached::Perhaps => Broken::Ended(departure),
            }),
            Err(ReplicaError::Hung) => Err(Broken::Ended(self.replica.gone().await)),
            Err(ReplicaError::TooLarge { .. }) => Err(failed(payload::too_large(self.most))),
            Err(ReplicaError::Fault(fault)) => {
                Err(failed(payload::raised(&fault, &head.request, self.most)))
            }
            Err(ReplicaError::Refused { message, .. }) => Err(failed(unreadable(&message))),
        }
    }

    fn process(&self) -> Option<u32> {
        self.replica.facts().process
    }

    fn marks_its_prints(&self) -> bool {
        true
    }

    async fn end(&self, grace: Duration) -> Departure {
        self.replica.stop(grace).await;
        self.replica.gone().await
    }
}

fn pack(head: &Head, body: &Bytes) -> Result<Bytes, Broken> {
    let text =
        serde_json::to_vec(head).map_err(|error| Broken::Failed(unreadable(&error.to_string())))?;
    let mut packed = BytesMut::with_capacity(4 + text.len() + body.len());
    packed.put_u32(text.len() as u32);
    packed.put_slice(&text);
    packed.put_slice(body);
    Ok(packed.freeze())
}

fn unpack(mut packed: Bytes) -> Result<Reply, Failure> {
    let length = packed
        .first_chunk::<4>()
        .map(|four| u32::from_be_bytes(*four) as usize);
    let end = length.and_then(|length| length.checked_add(4));
    let Some(end) = end.filter(|end| *end <= packed.len()) else {
        return Err(unreadable("the reply is cut off"));
    };
    let body = packed.split_off(end);
    let head = serde_json::from_slice(&packed[4..])
        .map_err(|error: serde_json::Error| unreadable(&error.to_string()))?;
    Ok(match head {
        ReplyHead::Event => Reply::Event(body),
        ReplyHead::Http { status, headers } => Reply::Http(HttpResponse {
            status,
            headers,
            body,
        }),
        ReplyHead::Error { fault, type_name } => Reply::Failed(Failure {
            fault,
            kind: type_name,
            payload: body,
        }),
    })
}

fn unreadable(why: &str) -> Failure {
    let body = serde_json::json!({"errorType": "Runtime.BadReply", "errorMessage": why});
    Failure {
        fault: FunctionFault::BadAnswer,
        kind: "Runtime.BadReply".to_owned(),
        payload: Bytes::from(body.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_that_are_cut_off_are_told() {
        for bad in [
            &b""[..],
            b"\0\0\0\x09{}",
            b"\xff\xff\xff\xff",
            b"\0\0\0\x02[]",
        ] {
            assert!(unpack(Bytes::copy_from_slice(bad)).is_err(), "{bad:?}");
        }
        let good = b"\0\0\0\x10{\"kind\":\"event\"}41";
        assert!(matches!(unpack(Bytes::from_static(good)), Ok(Reply::Event(body)) if body == "41"));
    }
}
