//! Copies of requests for a deployment whose answers nobody gets: they are compared with the answer
//! that the caller got, and counted.

use super::Sampler;
use crate::call::{Answer, Call};
use crate::pool::{Outcome, Pool};
use crate::traces::Stages;
use domain::Share;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Copies under way at a time; further ones are left out rather than queued.
const AT_ONCE: usize = 64;
/// Numbers that differ by less than this share of themselves are equal.
const TOLERANCE: f64 = 1e-9;

/// A deployment that gets copies.
pub(crate) struct ShadowRule {
    pub(crate) place: usize,
    sampler: Sampler,
    room: Arc<Semaphore>,
}

impl ShadowRule {
    pub(super) fn new(place: usize, share: Share) -> Self {
        Self {
            place,
            sampler: Sampler::new(share),
            room: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Sends a copy of a request that was answered, if it is one of the share. Never waits and
    /// never fails: a copy for which there is no room is counted and left out.
    pub(crate) fn copy(&self, pool: &Arc<Pool>, call: &Call, answer: &Answer, patience: Duration) {
        if !self.sampler.take() {
            return;
        }
        let counters = Arc::clone(pool.counters());
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
            counters.copies_left_out.fetch_add(1, Relaxed);
            return;
        };
        let began = Instant::now();
        let call = Arc::new(Call {
            deadline: began + patience,
            stages: Stages::default(),
            ..call.clone()
        });
        let (pool, answer) = (Arc::clone(pool), answer.clone());
        tokio::spawn(async move {
            let outcome = pool.invoke(&call).await;
            drop(room);
            let Outcome::Done(result) = outcome else {
                return;
            };
            counters.copies.fetch_add(1, Relaxed);
            counters.count(result.as_ref().map(|_| began.elapsed()));
            let same = result.is_ok_and(|ours| agree(&ours, &answer));
            let compared = if same {
                &counters.copies_equal
            } else {
                &counters.copies_different
            };
            compared.fetch_add(1, Relaxed);
        });
    }
}

/// Whether two answers say the same.
fn agree(ours: &Answer, theirs: &Answer) -> bool {
    if ours.status != theirs.status {
        return false;
    }
    if ours.body == theirs.body {
        return true;
    }
    let read = |answer: &Answer| serde_json::from_slice::<Value>(&answer.body).ok();
    match (read(ours), read(theirs)) {
        (Some(ours), Some(theirs)) => equal(&ours, &theirs),
        _ => false,
    }
}

fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let (Some(one), Some(other)) = (one.as_f64(), other.as_f64()) else {
                return false;
            };
            (one - other).abs() <= TOLERANCE * one.abs().max(other.abs())
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let same = |(name, value)| other.get(name).is_some_and(|other| equal(value, other));
            one.len() == other.len() && one.iter().all(same)
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            content_type: "application/json".to_owned(),
            headers: Vec::new(),
            datatype: None,
            body: body.into(),
        }
    }

    #[test]
    fn answers_agree_by_what_they_say() {
        let ours = answer(200, r#"{"predictions": [1, 0.1], "by": "a"}"#);
        for same in [
            r#"{"by":"a","predictions":[1.0,0.1]}"#,
            r#"{"by":"a","predictions":[1,0.10000000000000002]}"#,
        ] {
            assert!(agree(&ours, &answer(200, same)), "{same}");
        }
        for different in [
            r#"{"by":"b","predictions":[1,0.1]}"#,
            r#"{"by":"a","predictions":[1,0.1001]}"#,
            r#"{"by":"a","predictions":[1]}"#,
            r#"{"predictions":[1,0.1]}"#,
            "not json",
        ] {
            assert!(!agree(&ours, &answer(200, different)), "{different}");
        }
        assert!(!agree(
            &ours,
            &Answer {
                status: StatusCode::CREATED,
                ..ours.clone()
            }
        ));
    }
}
