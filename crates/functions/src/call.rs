//! One call: an instance, the time limit, what came of it.

use crate::http_events;
use crate::instance::{Broken, Head, HttpHead, Reply};
use crate::payload::{self, Failure};
use crate::plane::Inner;
use crate::pool::{Pool, Slot, Turn};
use crate::preparation;
use crate::report::{self, Usage};
use bytes::Bytes;
use contracts::functions::{
    FunctionAnswer, FunctionCall, FunctionFault, FunctionInput, FunctionTarget, HttpResponse,
};
use domain::Refusal;
use domain::function::FunctionForm;
use runtimes::control_group::ControlGroup;
use serving::replica::Birth;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};

/// Instances that are tried when they turn out to have ended while they were idle.
const MOST_ATTEMPTS: u32 = 16;

/// What came of a call, before it is rendered.
struct Outcome {
    result: Result<Reply, Failure>,
    duration: Duration,
    init: Option<Duration>,
    start: &'static str,
    tail: String,
    memory: Option<domain::ByteSize>,
}

impl Inner {
    /// Answers one call with one of the version's instances, of which a new one is waited for with
    /// `patience`.
    pub(crate) async fn call(
        &self,
        pool: &Arc<Pool>,
        target: &FunctionTarget,
        call: &FunctionCall,
        patience: Duration,
    ) -> Result<FunctionAnswer, Refusal> {
        if let Some(refused) = too_long(target, call) {
            return Ok(refused);
        }
        let (mut head, payload) = Self::incoming(target, call);
        pool.counts.calls.fetch_add(1, Relaxed);
        for _ in 0..MOST_ATTEMPTS {
            let mut turn = pool.turn(&target.spec.scale).await?;
            let mut init = None;
            if turn.slot.is_none() {
                let began = Instant::now();
                match self.launch(pool, patience).await {
                    Ok(slot) => {
                        init = Some(began.elapsed());
                        turn.slot = Some(slot);
                    }
                    Err((error, memory)) => {
                        let failure = payload::of_launch(&error, memory, &call.request)?;
                        pool.counts.errors.fetch_add(1, Relaxed);
                        return Ok(never_started(target, call, failure, began.elapsed()));
                    }
                }
            }
            head.deadline_ms = self.config.world.now().0 + target.spec.timeout.0;
            let used = self.use_slot(turn, target, &mut head, &payload, init).await;
            let Some(outcome) = used else {
                continue;
            };
            let busy = outcome.duration + outcome.init.unwrap_or_default();
            let busy = u64::try_from(busy.as_micros()).unwrap_or(u64::MAX);
            pool.counts.busy_micros.fetch_add(busy, Relaxed);
            let failed = match &outcome.result {
                Ok(Reply::Event(_)) => false,
                // The frameworks of the other clouds answer for code that raises.
                Ok(Reply::Http(response)) => response.status >= 500,
                Ok(Reply::Failed(_)) | Err(_) => true,
            };
            if failed {
                pool.counts.errors.fetch_add(1, Relaxed);
            }
            return Ok(render(target, call, outcome));
        }
        Err(Refusal::Unavailable {
            message: format!(
                "the instances of function `{}` end as soon as they begin",
                target.name
            ),
        })
    }

    /// The head and the payload for the instance.
    fn incoming(target: &FunctionTarget, call: &FunctionCall) -> (Head, Bytes) {
        let mut head = Head {
            kind: "event",
            request: call.request.clone(),
            stream: String::new(),
            deadline_ms: 0,
            invoked: call.invoked.clone(),
            trace: trace(call),
            client_context: call.client_context.clone(),
            http: None,
        };
        let payload = match &call.input {
            FunctionInput::Event(payload) => payload.clone(),
            FunctionInput::Http(request) if target.spec.form == FunctionForm::Aws => {
                http_events::event(request, &call.request, call.received)
            }
            FunctionInput::Http(request) => {
                head.kind = "http";
                head.http = Some(HttpHead {
                    method: request.method.clone(),
                    path: request.path.clone(),
                    query: request.query.clone(),
                    headers: request.headers.clone(),
                    source: request.source.clone(),
                    keyed: request.keyed,
                });
                request.body.clone()
            }
        };
        (head, payload)
    }

    /// Uses the instance of a turn; none when it had ended before the call reached it.
    async fn use_slot(
        &self,
        mut turn: Turn,
        target: &FunctionTarget,
        head: &mut Head,
        payload: &Bytes,
        init: Option<Duration>,
    ) -> Option<Outcome> {
        // A call that is given up by its caller must not leave an instance in the middle of it.
        let slot = turn.slot.take()?;
        slot.log.begin(&head.request);
        head.stream.clone_from(&slot.log.stream);
        slot.log
            .write(&report::start(&head.request, &target.version));
        let began = Instant::now();
        let limit = target.spec.timeout.to_std();
        let answered = timeout(limit, slot.instance.answer(head, payload)).await;
        let duration = began.elapsed();
        let (result, lives) = judge(answered, &slot, target, &head.request).await?;
        let memory = report::peak(slot.instance.process().filter(|_| lives));
        if lives {
            slot.log.settled(slot.instance.marks_its_prints()).await;
        } else if let Err(failure) = &result {
            slot.log.write(&String::from_utf8_lossy(&failure.payload));
        }
        slot.log.write(&report::end(&head.request));
        slot.log.write(&report::usage(&Usage {
            request: &head.request,
            duration,
            size: target.spec.memory,
            used: memory,
            init,
            fault: match &result {
                Ok(Reply::Failed(failure)) | Err(failure) => Some(failure.kind.as_str()),
                Ok(_) => None,
            },
        }));
        let outcome = Outcome {
            result,
            duration,
            init,
            start: start_word(&slot.birth, init),
            tail: slot.log.tail(),
            memory,
        };
        if lives {
            turn.slot = Some(slot);
        }
        Some(outcome)
    }
}

/// The answer to a request whose body is larger than the form's cloud takes; the function is not
/// called.
fn too_long(target: &FunctionTarget, call: &FunctionCall) -> Option<FunctionAnswer> {
    let FunctionInput::Http(request) = &call.input else {
        return None;
    };
    let most = match target.spec.form {
        FunctionForm::Aws => payload::MOST_EVENT,
        FunctionForm::Google | FunctionForm::Azure => preparation::MOST_RESPONSE,
    };
    (request.body.len() > most).then(|| FunctionAnswer {
        payload: Bytes::new(),
        http: Some(http_events::too_long(most)),
        fault: None,
        tail: String::new(),
        duration: Duration::ZERO,
        init: None,
        start: "none",
        memory: None,
        version: target.version.clone(),
    })
}

fn start_word(birth: &Birth, init: Option<Duration>) -> &'static str {
    match (birth, init) {
        (_, None) => "warm",
        (Birth::Forked, _) => "forked",
        (Birth::Fresh | Birth::FreshBecause(_), _) => "fresh",
    }
}

/// What an instance's answer means, and whether it lives on; none when it had ended before.
async fn judge(
    answered: Result<Result<Reply, Broken>, Elapsed>,
    slot: &Slot,
    target: &FunctionTarget,
    request: &str,
) -> Option<(Result<Reply, Failure>, bool)> {
    Some(match answered {
        Ok(Ok(reply)) => (Ok(reply), true),
        Ok(Err(Broken::Before)) => return None,
        Ok(Err(Broken::Failed(failure))) => (Err(failure), true),
        Ok(Err(Broken::Ended(departure))) => {
            let memory = slot
                .group
                .as_ref()
                .is_some_and(ControlGroup::is_out_of_memory);
            (Err(payload::exited(&departure, memory, request)), false)
        }
        Err(_) => {
            slot.instance.end(Duration::ZERO).await;
            let limit = target.spec.timeout;
            (Err(payload::timed_out(limit, request)), false)
        }
    })
}

/// `X-Amzn-Trace-Id`: what came with the request, or one made of the call's own id.
fn trace(call: &FunctionCall) -> String {
    if let FunctionInput::Http(request) = &call.input {
        let sent = request
            .headers
            .iter()
            .find(|(name, _)| name == "x-amzn-trace-id");
        if let Some((_, value)) = sent {
            return value.clone();
        }
    }
    let digits: String = call
        .request
        .chars()
        .filter(char::is_ascii_hexdigit)
        .collect();
    let seconds = call.received.0 / 1_000;
    format!("Root=1-{seconds:08x}-{digits:.24};Sampled=0")
}

fn never_started(
    target: &FunctionTarget,
    call: &FunctionCall,
    failure: Failure,
    took: Duration,
) -> FunctionAnswer {
    let tail = format!(
        "START RequestId: {0} Version: {1}\n{2}\nEND RequestId: {0}\n",
        call.request,
        target.version,
        String::from_utf8_lossy(&failure.payload)
    );
    let outcome = Outcome {
        result: Err(failure),
        duration: took,
        init: Some(took),
        start: "fresh",
        tail,
        memory: None,
    };
    render(target, call, outcome)
}

fn render(target: &FunctionTarget, call: &FunctionCall, outcome: Outcome) -> FunctionAnswer {
    let asked = match &call.input {
        FunctionInput::Event(_) => None,
        FunctionInput::Http(request) => Some(request.payload),
    };
    let mut http = None;
    let mut fault = None;
    let payload = match outcome.result {
        Ok(Reply::Event(body)) => {
            if let Some(payload) = asked {
                http = Some(http_events::response(&body, payload));
            }
            body
        }
        Ok(Reply::Http(response)) => {
            http = Some(response);
            Bytes::new()
        }
        Ok(Reply::Failed(failure)) | Err(failure) => {
            fault = Some(failure.fault);
            if let Some(payload) = asked {
                let late = failure.fault == FunctionFault::TimedOut;
                http = Some(http_events::failed(payload, late));
            }
            failure.payload
        }
    };
    FunctionAnswer {
        payload,
        http: http.map(sendable),
        fault,
        tail: outcome.tail,
        duration: outcome.duration,
        init: outcome.init,
        start: outcome.start,
        memory: outcome.memory,
        version: target.version.clone(),
    }
}

/// Drops what the function may not say: how the message is framed, and headers that are none.
fn sendable(mut response: HttpResponse) -> HttpResponse {
    const OURS: [&str; 4] = [
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
    ];
    response.headers.retain(|(name, value)| {
        http::HeaderName::from_bytes(name.as_bytes())
            .is_ok_and(|name| !OURS.contains(&name.as_str()))
            && http::HeaderValue::from_str(value).is_ok()
    });
    if !(200..=599).contains(&response.status) {
        response.status = 502;
    }
    response
}
