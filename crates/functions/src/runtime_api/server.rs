//! The four operations of the Runtime API, for one program.

use super::{Progress, Said, Work};
use crate::payload::MOST_ANSWER;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::json;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot, watch};

/// Most bytes of an error's body.
const MOST_ERROR: usize = 256 << 10;

/// The id of a call, and who waits for what is said to it.
type Asked = (String, oneshot::Sender<Said>);

#[derive(Clone)]
struct Api {
    calls: Arc<Mutex<mpsc::Receiver<Work>>>,
    progress: watch::Sender<Progress>,
    /// The call that the program works on.
    current: Arc<SyncMutex<Option<Asked>>>,
    function: Arc<str>,
}

/// Serves until the task is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    calls: mpsc::Receiver<Work>,
    progress: watch::Sender<Progress>,
    function: String,
) {
    let api = Api {
        calls: Arc::new(Mutex::new(calls)),
        progress,
        current: Arc::default(),
        function: function.into(),
    };
    let base = "/2018-06-01/runtime";
    let router = Router::new()
        .route(&format!("{base}/invocation/next"), get(next))
        .route(
            &format!("{base}/invocation/{{id}}/response"),
            post(response),
        )
        .route(&format!("{base}/invocation/{{id}}/error"), post(error))
        .route(&format!("{base}/init/error"), post(init_error))
        .with_state(api);
    if let Err(error) = axum::serve(listener, router).await {
        tracing::warn!(%error, "a Runtime API ended");
    }
}

impl Api {
    /// Gives what was said to whoever waits for it; false when nobody does.
    fn tell(&self, id: &str, said: Said) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match current.take() {
            Some((expected, sender)) if expected == id => sender.send(said).is_ok(),
            other => {
                *current = other;
                false
            }
        }
    }
}

/// `GET /runtime/invocation/next`: waits for a call.
async fn next(State(api): State<Api>) -> Response {
    api.progress.send_if_modified(|progress| {
        let first = matches!(progress, Progress::Starting);
        if first {
            *progress = Progress::Ready;
        }
        first
    });
    let Some(work) = api.calls.lock().await.recv().await else {
        return problem(StatusCode::GONE, "Container", "the instance is over");
    };
    let head = &work.head;
    let arn = if head.invoked.starts_with("arn:") {
        head.invoked.clone()
    } else {
        let name = &api.function;
        format!("arn:aws:lambda:us-east-1:123456789012:function:{name}")
    };
    let mut builder = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &head.request)
        .header("lambda-runtime-deadline-ms", head.deadline_ms)
        .header("lambda-runtime-invoked-function-arn", arn)
        .header("lambda-runtime-trace-id", &head.trace);
    if let Some(context) = &head.client_context {
        builder = builder.header("lambda-runtime-client-context", context);
    }
    let response = builder.body(Body::from(work.payload));
    let request = work.head.request.clone();
    *api.current.lock().unwrap_or_else(PoisonError::into_inner) = Some((request, work.said));
    response.unwrap_or_else(|_| {
        problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "the call cannot be passed on",
        )
    })
}

/// `POST /runtime/invocation/{id}/response`: the answer.
async fn response(State(api): State<Api>, Path(id): Path<String>, body: Body) -> Response {
    if let Ok(body) = to_bytes(body, MOST_ANSWER).await {
        return accepted(api.tell(&id, Said::Response(body)));
    }
    api.tell(&id, Said::TooLarge);
    problem(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestEntityTooLarge",
        "the response is larger than a response may be",
    )
}

/// `POST /runtime/invocation/{id}/error`: the function failed.
async fn error(
    State(api): State<Api>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let body = to_bytes(body, MOST_ERROR).await.unwrap_or_default();
    accepted(api.tell(&id, Said::Error(kind(&headers), body)))
}

/// `POST /runtime/init/error`: the function cannot be initialised.
async fn init_error(State(api): State<Api>, headers: HeaderMap, body: Body) -> Response {
    let body: Bytes = to_bytes(body, MOST_ERROR).await.unwrap_or_default();
    api.progress
        .send_replace(Progress::Refused(kind(&headers), body));
    accepted(true)
}

fn kind(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("lambda-runtime-function-error-type")?;
    value.to_str().ok().map(str::to_owned)
}

fn accepted(known: bool) -> Response {
    if known {
        let body = axum::Json(json!({"status": "OK"}));
        return (StatusCode::ACCEPTED, body).into_response();
    }
    problem(
        StatusCode::BAD_REQUEST,
        "InvalidRequestID",
        "Invalid request ID",
    )
}

fn problem(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = axum::Json(json!({"errorType": kind, "errorMessage": message}));
    (status, body).into_response()
}
